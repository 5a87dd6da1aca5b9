#pragma once

#include <OpenMM.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "engine/core/random.h"
#include "tests/support/statistics.h"
#include "tools/openmm_plugin/saltus_integrator.h"

namespace saltus::tests {

/// What is wrong with the System that a Context gets; the answer stays what it is.
enum class SolutionBug {
  kNone,
  /// kT ln J as an energy of the solute, J the Jacobian of its internal coordinates: leaps then
  /// have the Metropolis ratio of leaps that forgot it.
  kNoJacobian,
  /// Solvent acts without the box: leaps do not see what is beyond its faces.
  kNoBox,
};

/// A chain of four atoms in a field that is as periodic as the box, and three solvent particles
/// that push atoms and each other away. With r_c = 0.44 nm and L = 0.9 nm, in kJ/mol, nm, rad:
///
///   U = sum_bonds 3000 (b - 0.15)^2 + sum_angles 100 (a - 1.9)^2 + 2 (1 + cos t) + 3 (1 + cos 2t)
///     + sum_atoms 1.2 (1 - cos(2 pi x / L)) + sum_pairs 12 (1 - (r / r_c)^2)^2 [r < r_c]
///
/// over pairs with a solvent particle, at their nearest images. Exact draws: bonds, angles and the
/// torsion from their densities with the volume elements b^2 and sin a, place and direction of the
/// solute and places of the solvent uniformly, accepted with exp(-(field + pairs) / kT). Field and
/// solvent hold the solute in place and direction, which leaps keep.
class SmallSolution {
 public:
  static constexpr double kTemperature_K = 300.0;
  static constexpr std::size_t kSolute = 4;

  /// @param n_solvent  0: then nothing is periodic for OpenMM, and the answer is that without a box
  explicit SmallSolution(std::size_t n_solvent) : n_solvent_(n_solvent) {}

  OpenMM::System system(SolutionBug bug = SolutionBug::kNone) const;
  /// Hands over topology of the whole.
  void describe(openmm_plugin::SaltusIntegrator& integrator) const;
  std::vector<OpenMM::Vec3> draw(engine::RandomStream& stream) const;
  /// Energy, torsion, a bond, an angle, place of the last atom in the box, and its distance to the
  /// nearest solvent particle, of positions after moves, against 100 000 exact draws. Both samples
  /// have their share of alpha.
  DistributionCheck check(const std::string& label,
                          const std::vector<std::vector<OpenMM::Vec3>>& x) const;

  /// Writes a model of a leap of the solute: means and widths near those of the solute alone, which
  /// depend on the torsion, and a torsion that depends on the one leapt from.
  static void write_leap(const std::string& path);

 private:
  double energy(const std::vector<OpenMM::Vec3>& x) const;
  double pairs(const std::vector<OpenMM::Vec3>& x) const;
  std::vector<double> observe(const std::vector<OpenMM::Vec3>& x) const;
  /// What exact draws show, by observable, each in ascending order. Drawn once.
  const std::vector<std::vector<double>>& reference() const;

  std::size_t n_solvent_;
};

}  // namespace saltus::tests
