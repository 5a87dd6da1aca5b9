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

/// Size of the network of a rigid-body flow.
struct RigidFlowShape {
  std::size_t n_bodies = 0;
  std::size_t n_couplings = 4;  ///< each one of positions and one of orientations
  std::size_t hidden = 128;     ///< width of the two hidden layers of each conditioner

  /// @throws InputError  naming what is out of range
  void validate() const;
  std::uint64_t n_parameters() const;
};

/// Poses of many chains.
struct PoseBatch {
  std::size_t n_chains = 0, n_bodies = 0;
  std::vector<double> positions;     ///< [B, M, 3], nm, of the centres of mass
  std::vector<double> orientations;  ///< [B, M, 4], unit quaternions w, x, y, z
};

/// Poses of all bodies of all chains. @throws NumericalError  as RigidBodies::pose
PoseBatch poses_of(const engine::RigidBodies& bodies, engine::ConstCoordinates x);
/// Puts the atoms of chain c in their places. @param x  [N, 3], nm, out
void place_bodies(const engine::RigidBodies& bodies, const PoseBatch& poses, std::size_t c,
                  engine::Span<double> x);

/// The ensembles that a flow leads from and to: one system in one rectangular box, canonical, at
/// two temperatures.
struct RigidFlowEnds {
  double base_temperature_K = 0.0, target_temperature_K = 0.0;
  std::array<double, 3> edges_nm{};

  /// How far harmonic motions of the target reach, relative to those of the base: the square root
  /// of the ratio of the temperatures.
  double contraction() const;
  /// @throws InputError  naming what is not positive and finite
  void validate() const;
};

/// A point of a training's curve.
struct RigidFlowScore {
  std::size_t step = 0;           ///< gradients taken
  double training = 0.0;          ///< mean loss since the last point; of the first point held_out
  double held_out = 0.0;          ///< loss of base samples that gradients do not see
  double held_out_samples = 0.0;  ///< their effective number by a sample
};

/// A map of poses between two temperatures, for bodies that stay at sites, as in a crystal;
/// immutable once trained or loaded.
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
/// Conditioners are perceptrons of all bodies, since bodies and sites belong together; their number
/// of parameters grows as n_bodies^2. Outputs begin at 0: an untrained flow is the harmonic map.
/// Source: Koehler, Invernizzi, de Haan, Noe, Rigid Body Flows, ICML (2023),
/// doi:10.48550/arXiv.2301.11355; L, r, the harmonic map and the perceptrons are other choices than
/// theirs.
struct RigidFlowModel {
  ModelCard card;
  RigidFlowShape shape;
  RigidFlowEnds ends;
  std::vector<engine::RigidPose> sites;  ///< [n_bodies], positions relative to body 0
  std::vector<RigidFlowScore> curve;
  std::shared_ptr<const RigidFlowNetwork> network;
};

/// An untrained flow. Sites are means of base samples: of angles of positions, and the orientation
/// q that makes sum (q . q_i)^2 largest.
/// @param base  poses at the temperature of the base
/// @throws InputError  when there are fewer than two samples or bodies, or something is out of
///                     range
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
  std::vector<double> log_dets;
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
