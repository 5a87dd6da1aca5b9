#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/core/random.h"
#include "engine/rigid/rigid_bodies.h"
#include "mlsamplers/model/model_card.h"

namespace saltus::mlsamplers {

struct RigidFlowNetwork;  // rigid_flow_network_detail.h

inline constexpr const char* kRigidFlowKind = "rigid-body flow";

/// What a coupling does to orientations; see RigidFlowModel.
enum class OrientationMap {
  kLinear,          ///< one minimum each: they are drawn to their sites first
  kConvexGradient,  ///< several minima
};

/// What couplings learn from; see RigidFlowModel.
enum class FlowConditioner {
  kSites,      ///< bodies that stay at sites, as in a crystal: each has weights of its own
  kAttention,  ///< equal bodies that do not, as in a liquid: all have the same weights
};

/// Maps and size of the network of a rigid-body flow.
struct RigidFlowShape {
  std::size_t n_bodies = 0;
  FlowConditioner conditioner = FlowConditioner::kSites;
  std::size_t n_couplings = 4;  ///< each one of positions and one of orientations; 0: none
  std::size_t hidden = 128;     ///< width of the two hidden layers of each conditioner
  OrientationMap orientation_map = OrientationMap::kLinear;
  std::size_t n_terms = 12;  ///< of each convex function, 1 to 12; kLinear has none

  /// @throws InputError  naming what is out of range
  void validate() const;
  std::uint64_t n_parameters() const;
};

/// Poses of many chains.
struct PoseBatch {
  std::size_t n_chains = 0, n_bodies = 0;
  std::vector<double> positions;     ///< [B, M, 3], nm, of the centres of mass
  std::vector<double> orientations;  ///< [B, M, 4], unit quaternions w, x, y, z

  /// Row c M + m is body m of chain c. Quaternions are normalised on the way out.
  engine::RigidPose pose(std::size_t row) const;
  void set(std::size_t row, const engine::RigidPose& pose);
};

/// Poses of all bodies of all chains. @throws NumericalError  as RigidBodies::pose
PoseBatch poses_of(const engine::RigidBodies& bodies, engine::ConstCoordinates x);
/// Poses in the numbering of equal atoms that is nearest to given sites (RigidBodies::images).
struct NumberedPoses {
  PoseBatch poses;
  std::vector<std::size_t> images;  ///< [B, M]: which image each of them is
};
/// @param sites  one for each body; positions are not looked at. None: poses stay as they are
NumberedPoses nearest_numbering(const engine::RigidBodies& bodies, const PoseBatch& poses,
                                const std::vector<engine::RigidPose>& sites);
/// Puts the atoms of chain c in their places. @param x  [N, 3], nm, out
void place_bodies(const engine::RigidBodies& bodies, const PoseBatch& poses, std::size_t c,
                  engine::Span<double> x);
/// Turns the velocities of each body of chain c by the rotation from one orientation to the other.
/// @param v  [N, 3], in and out
void turn_velocities(const engine::RigidBodies& bodies, const PoseBatch& from, const PoseBatch& to,
                     std::size_t c, engine::Span<double> v);

/// The ensembles that a flow leads from and to: one system in one rectangular box, canonical, at
/// two temperatures. One body needs no box, since its position is not mapped.
struct RigidFlowEnds {
  double base_temperature_K = 0.0, target_temperature_K = 0.0;
  std::array<double, 3> edges_nm{};  ///< all 0: there is no box

  bool has_box() const { return edges_nm != std::array<double, 3>{}; }

  /// How far harmonic motions of the target reach, relative to those of the base: the square root
  /// of the ratio of the temperatures.
  double contraction() const;
  /// @throws InputError  naming what is not positive and finite, or when several bodies have no box
  void validate(std::size_t n_bodies) const;
};

/// A point of a training's curve.
struct RigidFlowScore {
  std::size_t step = 0;           ///< gradients taken
  double training = 0.0;          ///< mean loss since the last point; of the first point held_out
  double held_out = 0.0;          ///< loss of samples that gradients do not see
  double held_out_samples = 0.0;  ///< their effective number by a sample; the smaller of both ends
};

/// A map of poses between two temperatures; immutable once trained or loaded. What follows is for
/// bodies that stay at sites, as in a crystal (FlowConditioner::kSites).
///
/// Coordinates. Positions are taken relative to that of body 0 and to the sites, as angles
/// 2 pi d / edge of a torus: shifting all bodies changes nothing, and body 0 is not displaced.
/// Orientations are conj(q_site) q, points of S^3. log |det| is with respect to d^3 p dS(q)
/// (RigidBodies); every map of an orientation is even and what conditioners read of it are the
/// products q_a q_b, so that q and -q lead to the same atoms.
///
/// Maps. First what harmonic motions need, without parameters: all displacements from the sites
/// shrink by c = sqrt(T' / T), angles by Moebius' transformation of the circle with w = (c - 1) /
/// (c + 1), orientations by the direction of diag(1, c, c, c) q. Then couplings: positions by
/// Moebius transformations, one for each coordinate, whose w come from all orientations; then
/// orientations by q -> r L q / |L q|, L lower triangular and r a rotation, which come from all
/// positions. See sphere_maps.h for the formulas. All have inverses in closed form.
///
/// OrientationMap::kConvexGradient is for orientations with several minima, where one site is no
/// centre: they are not drawn to their sites (positions are), and couplings begin with
///   y = g / |g|,  g = grad phi(q),
///   phi(q) = |q|^2 / 2 + sum_k w_k log[b_k + cosh(c_k . q)],
/// with centres c_k, offsets b_k in [0, 2] and weights w_k >= 0 from all positions. Of the weights
/// sum_k w_k |c_k|^2 / (1 + b_k) < 10, so that such a map has one inverse (ConvexGradientMap). It
/// is found by Newton's method; an image has log_det -inf where that ends with |y(q) - y| > 1e-9.
/// Evenness, and the volume of the map and its inverse, are as for the others.
///
/// Equal atoms of a body, such as the hydrogens of water, may be numbered in several ways; a flow
/// with kLinear knows one basin of them. Those that use it lead poses in the numbering nearest to
/// the sites and number them back (RigidFlowMap). With kConvexGradient bodies may turn over: equal
/// atoms are led as they are numbered, and each numbering is a minimum of its own.
///
/// Conditioners are perceptrons of all bodies, since bodies and sites belong together; their number
/// of parameters grows as n_bodies^2. What they say begins at 0: an untrained flow is the harmonic
/// map, and with kConvexGradient one that turns orientations a little in addition. A flow of one
/// body maps its orientation only, alike wherever it is.
///
/// FlowConditioner::kAttention is for equal bodies without sites, as in a liquid, of which there
/// are two at least. The flow commutes with permutations of bodies and with shifts of all, and
/// knows no numbering: equal atoms are led as they are numbered. There is no harmonic map; an
/// untrained flow with kLinear leads everything to itself. Each coupling displaces all bodies along
/// the gradient of a potential of pairs, given the orientations (PairDisplacement in
/// liquid_couplings_detail.h; found by Newton's method on the way back), then turns each of them by
/// what it gathers by attention over the periodic differences of positions (PairAttention).
/// Orientations are the quaternions themselves. The number of parameters does not depend on that of
/// the bodies. Source: Koehler, Invernizzi, de Haan, Noe, Rigid Body Flows, ICML (2023),
/// doi:10.48550/arXiv.2301.11355; L, r, the bound of the weights, the harmonic map, the perceptrons
/// and the couplings of liquids are other choices than theirs.
struct RigidFlowModel {
  ModelCard card;
  RigidFlowShape shape;
  RigidFlowEnds ends;
  /// [n_bodies], positions relative to body 0; none with kAttention.
  std::vector<engine::RigidPose> sites;
  std::vector<RigidFlowScore> curve;
  std::shared_ptr<const RigidFlowNetwork> network;

  /// Where the numbering of equal atoms is taken from; empty: atoms are led as they are numbered.
  const std::vector<engine::RigidPose>& numbering_sites() const;
};

/// An untrained flow about given sites.
/// @throws InputError  when something is out of range
RigidFlowModel rigid_flow_about(std::vector<engine::RigidPose> sites, const RigidFlowEnds& ends,
                                RigidFlowShape shape, ModelCard card);
/// An untrained flow whose weights are drawn. Sites are means of base samples: of angles of
/// positions, and the orientation q that makes sum (q . q_i)^2 largest; with kAttention there are
/// none.
/// @param base  poses at the temperature of the base
/// @throws InputError  when there are fewer than two samples, or something is out of range
RigidFlowModel rigid_flow_for(const PoseBatch& base, const RigidFlowEnds& ends,
                              RigidFlowShape shape, ModelCard card, const engine::StepKey& key);
/// Draws the weights of a model again. @param output_scale  of those that begin at 0, relative to
/// others
void randomise(RigidFlowModel& model, const engine::StepKey& key, double output_scale);

/// Which way poses are led: from the base temperature to the target, or back.
enum class FlowDirection { kToTarget, kToBase };
/// Where poses are led and log |det| of the derivative there, [B].
struct RigidFlowImage {
  PoseBatch poses;
  std::vector<double> log_dets;  ///< -inf: there is no image
};
/// @throws InputError  when the number of bodies is another one
RigidFlowImage apply_flow(const RigidFlowModel& model, const PoseBatch& poses,
                          FlowDirection direction);

/// Writes the model, card and curve included, as a safetensors file (model_file.h).
/// @throws FileError
void save_rigid_flow(const RigidFlowModel& model, const std::string& path);
/// @throws FileError   when the file cannot be read
/// @throws ModelError  when it is not a rigid-body flow, is damaged or of another format version
RigidFlowModel load_rigid_flow(const std::string& path);

}  // namespace saltus::mlsamplers
