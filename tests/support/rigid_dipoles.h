#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "engine/core/random.h"
#include "engine/ensemble/canonical.h"
#include "engine/rigid/harmonic_crystal.h"
#include "engine/rigid/rigid_bodies.h"
#include "engine/system/system.h"
#include "tests/support/statistics.h"

namespace saltus::tests {

/// Four kinds of rigid bodies that do not feel each other, in a uniform field E along (1, 2, 2) /
/// 3: a bent molecule of three atoms, a pyramid of four, a line of two and an ion, with different
/// masses and charges, so that no two moments and no two axes are alike. The first atom of each is
/// held by a spring at a place of its own. With x_0 the position of that atom, Q the charge of the
/// body and d its dipole about that atom,
///   u = k/2 |x_0 - a|^2 - Q E . x_0 - E . R d,
/// so that with respect to d^3 x_0 dS(q), which is d^3 p dS(q), everything is independent: the
/// coordinates of x_0 are normal around a + Q E / k, the cosine c of the angle between R d and E
/// has the density exp(beta |E| |d| c) on [-1, 1], and the turns about E and about R d are uniform.
class RigidDipoles {
 public:
  static constexpr double kTemperature_K = 300.0;

  /// kEqual: the bent molecule has two equal atoms, the pyramid three, so that turning them about
  /// their dipoles exchanges atoms.
  enum class Atoms { kDifferent, kEqual };

  /// @param first_spring  k of body 0 by that of the others
  explicit RigidDipoles(double first_spring = 1.0, Atoms atoms = Atoms::kDifferent);

  const engine::System& system() const { return system_; }
  std::shared_ptr<const engine::RigidBodies> bodies() const { return bodies_; }
  const engine::Canonical& target() const { return *target_; }
  const std::vector<double>& positions() const { return positions_; }

  /// Exact draws: orientations by rejection from uniform ones; Maxwell's velocities on the
  /// constraints; energies set.
  engine::ChainBatch draw(std::size_t n_chains, std::uint64_t seed) const;

  /// Everything above of each chain with its exact distribution, and the kinetic energy of what is
  /// left of the velocities when they are projected onto the constraints.
  std::vector<Projection> projections(const engine::ChainBatch& chains) const;

  /// A harmonic density near the one above: about where dipoles lie along the field, with turns
  /// about them of finite width; like coordinates of bodies are coupled in it, which they are not.
  /// Its energy is not set.
  engine::HarmonicMinimum crystal(const std::optional<engine::Box>& box) const;

  /// beta |E| |d| of a body.
  double strength(std::size_t body) const;
  /// nm, a + Q E / k
  engine::Vec3 centre(std::size_t body) const;
  /// kJ/mol/nm^2: k
  double spring(std::size_t body) const;

 private:
  engine::Vec3 dipole(std::size_t body) const;
  double first_spring_;
  engine::System system_;
  std::vector<double> positions_;
  std::shared_ptr<const engine::RigidBodies> bodies_;
  std::shared_ptr<const engine::Canonical> target_;
};

/// B B^T [n, n], row-major, of a lower triangular B with this diagonal, of which all numbers in the
/// first three columns and next to the diagonal are `coupling` times the diagonal of their row.
std::vector<double> coupled_matrix(const std::vector<double>& diagonal, double coupling);

/// An orientation drawn uniformly.
engine::Quaternion uniform_orientation(engine::RandomStream& stream);

/// Adds molecules whose atoms are all held at the distances they have here.
/// @param points  nm
void add_rigid_molecule(engine::System& system, std::vector<double>& positions,
                        const std::vector<double>& masses, const std::vector<engine::Vec3>& points);

}  // namespace saltus::tests
