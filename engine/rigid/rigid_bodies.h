#pragma once

#include <cstddef>
#include <vector>

#include "engine/ensemble/target_density.h"
#include "engine/rigid/quaternion.h"
#include "engine/system/topology.h"

namespace saltus::engine {

/// Where a rigid body is: its atom i is at position + R(orientation) b_i, b_i being its place in
/// the frame of the body.
struct RigidPose {
  Vec3 position;           ///< nm, of the centre of mass
  Quaternion orientation;  ///< of length 1; q and -q are one orientation
};

/// What bodies of one kind have in common. The frame of the body: origin at the centre of mass,
/// axes those of the tensor of inertia, moments ascending, right-handed; along the first two axes
/// the first atom that is not at 0 is on the positive side.
struct RigidShape {
  std::vector<double> masses;  ///< [n], dalton; 0: virtual sites
  std::vector<Vec3> places;    ///< [n], nm: b_i
  double mass = 0.0;           ///< dalton
  Vec3 moments;                ///< dalton nm^2; 0: nothing turns about that axis

  bool is_atom() const { return moments.z == 0.0; }
  /// Two atoms: they do not turn about the line through them, where sites have to be.
  bool is_line() const { return moments.x == 0.0 && !is_atom(); }
};

/// What forces on the atoms of a body do to it.
struct RigidPush {
  Vec3 force;   ///< kJ/mol/nm, the sum
  Vec3 torque;  ///< kJ/mol, about the centre of mass, along the axes of the body; 0 for an atom
};

/// A system all of which is rigid bodies, as coordinates: one position p and one orientation q for
/// each.
///
/// Measure. Three atoms in space are d^9 x = 8 r_1^2 r_2^2 sin(a) dr_1 dr_2 da d^3 p dS(q), dS the
/// area of the unit sphere S^3, and likewise for more: at fixed distances a constant times d^3 p
/// dS. The metric factor that constrained sampling has (Fixman, PNAS 71, 3050 (1974),
/// doi:10.1073/pnas.71.8.3050) is m^3 I_1 I_2 I_3 for a rigid body, a constant, too. So constrained
/// sampling and moves of positions and orientations sample one density,
///   exp(-beta U) d^3 p dS(q) for each body,
/// ReferenceMeasure::kConstraintSurface, in which every rotation counts twice. Any other point of
/// reference is a shear p + R(q) c of these coordinates: nothing changes.
class RigidBodies {
 public:
  /// Shapes are those of the given positions once they are moved onto the constraints; bodies whose
  /// atoms have equal masses and places in this order share one. Which atoms are equal is read from
  /// the system (kinds_of_atoms).
  /// @param positions  [N, 3], nm; molecules must be whole
  /// @param topology   see rigid_groups; may be null
  /// @throws InputError      as rigid_groups does
  /// @throws NumericalError  when the positions cannot be moved onto the constraints
  RigidBodies(const System& system, Span<const double> positions, const Topology* topology);

  std::size_t size() const { return bodies_.size(); }
  std::size_t n_atoms() const { return n_atoms_; }
  const std::vector<std::size_t>& atoms(std::size_t body) const { return bodies_[body].atoms; }
  const RigidShape& shape(std::size_t body) const { return shapes_[bodies_[body].shape]; }
  const std::vector<RigidShape>& shapes() const { return shapes_; }
  /// Rotations s, none first, for which q s is orientation q with numbers of equal atoms exchanged
  /// (equal_images). Moves use them to find the numbering in which a body is nearest to a site;
  /// they are exact whether or not energies agree that these atoms are equal.
  const std::vector<Quaternion>& images(std::size_t body) const { return bodies_[body].images; }
  /// Which of them makes q s nearest to a site.
  std::size_t nearest_image(std::size_t body, Quaternion site, Quaternion orientation) const;
  /// kConstraintSurface; kCartesian when all bodies are single atoms.
  ReferenceMeasure measure() const;

  /// The pose closest to where the atoms of a body are, by masses: centre of mass and the rotation
  /// that makes sum_i m_i |x_i - p - R b_i|^2 least. Sites are not looked at. Of two atoms the
  /// rotation about their line is arbitrary.
  /// @param x  [B, N, 3], nm; the body must be whole
  /// @throws NumericalError  naming the chain when an atom is farther than kFarthest_nm from its
  ///                         place
  RigidPose pose(std::size_t body, ConstCoordinates x, std::size_t chain) const;
  /// Poses of all bodies.
  std::vector<RigidPose> poses(ConstCoordinates x, std::size_t chain) const;
  /// Puts the atoms of a body, virtual sites included, in their places.
  /// @param x  [N, 3], nm, out; other atoms stay
  void place(std::size_t body, const RigidPose& pose, Span<double> x) const;
  /// Force and torque, R^T sum (x - p) x F, of a body. Forces on virtual sites may be on the sites
  /// or on their parents.
  /// @param x, forces  [N, 3], nm and kJ/mol/nm
  RigidPush push(std::size_t body, const RigidPose& pose, Span<const double> x,
                 Span<const double> forces) const;
  /// Turns the vectors of the atoms of a body, such as velocities.
  /// @param vectors  [N, 3], in and out
  void turn(std::size_t body, Quaternion turn, Span<double> vectors) const;

  /// As far as trajectories may be off their constraints; see Integrator.
  static constexpr double kFarthest_nm = 1e-6;

 private:
  struct Body {
    std::vector<std::size_t> atoms;
    std::size_t shape = 0;
    std::vector<Quaternion> images;
  };

  std::size_t n_atoms_ = 0;
  std::vector<Body> bodies_;
  std::vector<RigidShape> shapes_;
};

}  // namespace saltus::engine
