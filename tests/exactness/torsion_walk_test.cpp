// Oracle: exact draws of a five-atom molecule in internal coordinates, each with its exact
// distribution, Jacobian included; starts in the answer.
#include <gtest/gtest.h>

#include "engine/core/units.h"
#include "engine/ensemble/canonical.h"
#include "engine/moves/hamiltonian.h"
#include "engine/moves/metropolis.h"
#include "engine/moves/torsion_walk.h"
#include "tests/exactness/planted_bugs.h"
#include "tests/support/chain_molecule.h"
#include "tests/support/environment.h"
#include "tests/support/exact_start.h"

namespace saltus::tests {
namespace {

constexpr double kTemperature_K = 300.0;
constexpr std::size_t kChains = 100000, kApplications = 16;
/// Nine projections share alpha, and each has one draw per chain.
constexpr double kRequiredPower = 0.018;
constexpr double kWidth_rad = 1.2;

DistributionCheck check(const std::string& label, const engine::Move& move, std::uint64_t seed,
                        std::size_t n_chains = kChains) {
  const ChainMolecule molecule;
  const engine::Canonical target(molecule.energy(), engine::ReferenceMeasure::kCartesian);
  engine::ChainBatch chains = molecule.draw(n_chains, kTemperature_K, test_seed(seed));
  apply_repeatedly(move, chains, target, kApplications, test_seed(seed + 1000));
  DistributionCheck worst = check_projections(molecule.projections(chains));
  worst.label = label + ", " + worst.label;
  return worst;
}

std::vector<engine::RotatableBond> bonds() {
  return engine::rotatable_bonds(ChainMolecule().topology());
}

TEST(TorsionWalkExactness, StartIsTheAnswer) {
  const ChainMolecule molecule;
  expect_projections(molecule.projections(molecule.draw(kChains, kTemperature_K, test_seed(30))),
                     kRequiredPower);
}

TEST(TorsionWalkExactness, IsExact) {
  const engine::Metropolis move(
      std::make_shared<engine::TorsionWalk>(bonds(), engine::TorsionWalkOptions{kWidth_rad}));
  expect_passed(check("torsion walk", move, 31), kRequiredPower);
}

TEST(TorsionWalkExactness, IsExactWithHalfTurns) {
  const engine::Metropolis move(std::make_shared<engine::TorsionWalk>(
      bonds(), engine::TorsionWalkOptions{0.3 * kWidth_rad, 0.5}));
  expect_passed(check("torsion walk with half-turns", move, 33), kRequiredPower);
}

TEST(TorsionWalkExactness, TurnsByAThirdInsteadOfHalfAreCaught) {
  const double third = 2.0 / 3.0 * engine::kPi;
  const engine::Metropolis move(
      std::make_shared<DriftingTorsionWalk>(bonds(), 0.3 * kWidth_rad, third));
  expect_caught(check("turns by a third", move, 33));
}

TEST(TorsionWalkExactness, UndriftedCopyIsExact) {
  const engine::Metropolis move(std::make_shared<DriftingTorsionWalk>(bonds(), kWidth_rad, 0.0));
  expect_passed(check("undrifted walk", move, 31), kRequiredPower);
}

TEST(TorsionWalkExactness, AsymmetricAngleIsCaught) {
  const engine::Metropolis move(std::make_shared<DriftingTorsionWalk>(bonds(), kWidth_rad, 0.5));
  expect_caught(check("drifting walk", move, 31));
}

TEST(TorsionWalkExactness, HamiltonianMonteCarloIsExactOnTheMolecule) {
  engine::HamiltonianOptions options;
  options.time_step_ps = 0.006;  // a seventh of the stretching period
  options.n_steps = 6;
  const engine::HamiltonianMonteCarlo move(options,
                                           engine::moving_particles(ChainMolecule().system()));
  // Fewer chains: forces cost more than turns. Power accordingly.
  expect_passed(check("HMC on a molecule", move, 32, 40000), 0.028);
}

}  // namespace
}  // namespace saltus::tests
