// Oracle: exact draws and distribution functions of positions (double well) and velocities
// (Maxwell); starts in the answer. Planted bugs live in a copy of the move, which unbroken passes
// as well. A force that is not the gradient of the energy is no bug here: leapfrog with any force
// field that depends on positions only preserves volume and is reversible, so the result stays
// exact and only acceptance suffers; a test shows that too.
#include <gtest/gtest.h>

#include <cmath>

#include "engine/ensemble/canonical.h"
#include "engine/lanes/native_energy.h"
#include "engine/moves/hamiltonian.h"
#include "tests/exactness/planted_bugs.h"
#include "tests/exactness/wells.h"
#include "tests/support/chain_molecule.h"

namespace saltus::tests {
namespace {

// About a sixth of the period in the wells: acceptance well below 1, so that the rule matters.
constexpr double kTimeStep_ps = 0.05;
constexpr std::size_t kSteps = 5;

engine::HamiltonianOptions options(double friction_per_ps) {
  engine::HamiltonianOptions result;
  result.time_step_ps = kTimeStep_ps;
  result.n_steps = kSteps;
  result.friction_per_ps = friction_per_ps;
  return result;
}

/// Positions and velocities with the same alpha in all.
DistributionCheck check_phase_space(const std::string& label, const engine::Move& move,
                                    std::uint64_t seed,
                                    std::size_t n_applications = Wells::kApplications) {
  const Wells wells;
  engine::ChainBatch chains = wells.start(seed);
  apply_repeatedly(move, chains, wells.target, n_applications, test_seed(seed + 1000));
  const auto density = wells.energy->density(Wells::kTemperature_K);
  return check_projections(
      {{label + ", positions", pooled_coordinates(chains),
        [density](double x) { return density.cumulative(x); }},
       {label + ", velocities", reduced_velocities(chains, wells.masses), standard_normal_cdf}});
}

TEST(HamiltonianExactness, HmcIsExact) {
  expect_passed(check_phase_space(
                    "HMC", engine::HamiltonianMonteCarlo(options(0.0), {{Wells::kMass}, {}}), 10),
                Wells::kRequiredPower);
}

TEST(HamiltonianExactness, GeneralisedHmcIsExactInPositionsAndVelocities) {
  expect_passed(check_phase_space(
                    "GHMC", engine::HamiltonianMonteCarlo(options(1.0), {{Wells::kMass}, {}}), 11),
                Wells::kRequiredPower);
}

/// Adds a constant force the energy knows nothing of.
class PushedEnergy final : public engine::EnergyFunction {
 public:
  explicit PushedEnergy(std::shared_ptr<const engine::EnergyFunction> inner)
      : inner_(std::move(inner)) {}
  std::size_t n_atoms() const override { return inner_->n_atoms(); }
  void evaluate(engine::ConstCoordinates x, engine::Span<double> energies,
                engine::Span<double> forces) const override {
    inner_->evaluate(x, energies, forces);
    for (double& f : forces) f += 30.0;
  }

 private:
  std::shared_ptr<const engine::EnergyFunction> inner_;
};

TEST(HamiltonianExactness, ForcesThatAreNoGradientStayExact) {
  const Wells wells;
  const engine::Canonical pushed(std::make_shared<PushedEnergy>(wells.energy),
                                 engine::ReferenceMeasure::kCartesian);
  engine::ChainBatch chains = wells.start(12);
  apply_repeatedly(engine::HamiltonianMonteCarlo(options(0.0), {wells.masses, {}}), chains, pushed,
                   Wells::kApplications, test_seed(13));
  expect_passed(wells.check_positions("HMC with a spurious force", chains), Wells::kRequiredPower);
}

TEST(HamiltonianExactness, ForcesInFloatStayExact) {
  // Bonds, angles and torsions of a molecule, in lanes: float forces, double energies.
  constexpr std::size_t kChains = 100000;
  constexpr double kRequiredPower = 0.018;  // nine projections share alpha
  const ChainMolecule molecule;
  const engine::Canonical target(
      std::make_shared<engine::NativeEnergy>(molecule.system(), nullptr, engine::Precision::kMixed),
      engine::ReferenceMeasure::kCartesian);
  for (double friction_per_ps : {0.0, 5.0}) {
    engine::HamiltonianOptions options;
    options.time_step_ps = 0.006;
    options.n_steps = 6;
    options.friction_per_ps = friction_per_ps;
    const engine::HamiltonianMonteCarlo move(options, engine::moving_particles(molecule.system()));
    engine::ChainBatch chains = molecule.draw(kChains, Wells::kTemperature_K, test_seed(33));
    engine::draw_velocities(chains, engine::moving_particles(molecule.system()),
                            {test_seed(33), 0});
    apply_repeatedly(move, chains, target, Wells::kApplications, test_seed(1033));
    expect_projections(molecule.projections(chains), kRequiredPower);
  }
}

BreakableHamiltonian breakable(HamiltonianBug bug, double keep) {
  return BreakableHamiltonian({kTimeStep_ps, kSteps, keep, bug}, Wells::kMass);
}

TEST(HamiltonianExactness, BreakableCopyIsExactWhenUnbroken) {
  for (double keep : {0.0, 0.8})
    expect_passed(check_phase_space("own GHMC", breakable(HamiltonianBug::kNone, keep), 14),
                  Wells::kRequiredPower);
}

TEST(HamiltonianExactness, MissingMomentumFlipIsCaught) {
  expect_caught(check_phase_space("no flip", breakable(HamiltonianBug::kNoMomentumFlip, 0.9), 14,
                                  Wells::kManyApplications));
}

TEST(HamiltonianExactness, MissingFlipIsHarmlessWithFreshMomenta) {
  expect_passed(
      Wells().check("no flip, fresh momenta", breakable(HamiltonianBug::kNoMomentumFlip, 0.0), 14),
      Wells::kRequiredPower);
}

class PlantedHamiltonianBug : public ::testing::TestWithParam<HamiltonianBug> {};

TEST_P(PlantedHamiltonianBug, IsCaught) {
  expect_caught(
      check_phase_space("planted", breakable(GetParam(), 0.0), 14, Wells::kManyApplications));
}
INSTANTIATE_TEST_SUITE_P(Bugs, PlantedHamiltonianBug,
                         ::testing::Values(HamiltonianBug::kWrongKinetic,
                                           HamiltonianBug::kForceAtOldPoint,
                                           HamiltonianBug::kFreshTemperature));

}  // namespace
}  // namespace saltus::tests
