#include "mlsamplers/peptides/residue_fingerprint.h"

#include <algorithm>
#include <cmath>

namespace saltus::mlsamplers {

namespace {

constexpr std::array<const char*, kFingerprintParts> kPartNames = {
    "charges",  "Lennard-Jones diameters",       "Lennard-Jones depths",         "bonds", "angles",
    "torsions", "radii of the implicit solvent", "model of the implicit solvent"};
/// AMBER's files round charges and force constants to some six digits.
constexpr double kRelativeTolerance = 1e-3, kAbsoluteTolerance = 1e-4;

double model_number(engine::GeneralizedBornModel model) {
  return 1.0 + static_cast<double>(static_cast<int>(model));
}

}  // namespace

ResidueFingerprint residue_fingerprint(const engine::System& system,
                                       const std::vector<std::size_t>& atoms) {
  std::vector<bool> own(system.n_atoms(), false);
  for (const std::size_t atom : atoms) own[atom] = true;
  ResidueFingerprint sums{};
  for (const std::size_t atom : atoms) {
    if (system.nonbonded) {
      const engine::NonbondedParticle& particle = system.nonbonded->particles[atom];
      sums[0] += particle.charge * particle.charge;
      // A particle without depth has any diameter.
      if (particle.epsilon > 0.0) sums[1] += particle.sigma_nm;
      sums[2] += particle.epsilon;
    }
    if (system.implicit_solvent) {
      const engine::GeneralizedBornParticle& particle = system.implicit_solvent->particles[atom];
      sums[6] += particle.radius_nm * (1.0 + particle.scale);
    }
  }
  for (const engine::HarmonicBond& bond : system.bonds)
    if (own[bond.i] && own[bond.j]) sums[3] += 1e-3 * bond.k * bond.length_nm;
  for (const engine::HarmonicAngle& angle : system.angles)
    if (own[angle.i] && own[angle.j] && own[angle.k_atom]) sums[4] += angle.k * angle.angle_rad;
  for (const engine::PeriodicTorsion& torsion : system.torsions)
    if (own[torsion.i] && own[torsion.j] && own[torsion.k_atom] && own[torsion.l])
      sums[5] += std::abs(torsion.k) * torsion.periodicity * (2.0 + std::cos(torsion.phase_rad));
  if (system.implicit_solvent) sums[7] = model_number(system.implicit_solvent->model);
  return sums;
}

std::string fingerprint_difference(const ResidueFingerprint& model,
                                   const ResidueFingerprint& molecule) {
  for (std::size_t i = kFingerprintParts; i-- > 0;) {
    const double scale = std::max(std::abs(model[i]), std::abs(molecule[i]));
    if (std::abs(model[i] - molecule[i]) > kAbsoluteTolerance + kRelativeTolerance * scale)
      return kPartNames[i];
  }
  return "";
}

}  // namespace saltus::mlsamplers
