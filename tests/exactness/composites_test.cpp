// Oracle: exact draws and the exact distribution function of a double well; starts in the answer.
#include <gtest/gtest.h>

#include "engine/moves/composites.h"
#include "engine/moves/hamiltonian.h"
#include "engine/moves/metropolis.h"
#include "tests/exactness/planted_bugs.h"
#include "tests/exactness/wells.h"

namespace saltus::tests {
namespace {

std::shared_ptr<const engine::Move> gaussian_step(double width_nm) {
  return std::make_shared<engine::Metropolis>(
      std::make_shared<StateDependentGaussian>(width_nm, Wells::kHalfDistance_nm));
}

std::shared_ptr<const engine::Move> generalised_hmc() {
  engine::HamiltonianOptions options;
  options.time_step_ps = 0.05;
  options.n_steps = 3;
  options.friction_per_ps = 1.0;
  return std::make_shared<engine::HamiltonianMonteCarlo>(
      options, engine::MovingParticles{{Wells::kMass}, {}});
}

TEST(CompositeExactness, SequenceIsExact) {
  const engine::Sequence move({{generalised_hmc(), 2}, {gaussian_step(0.06), 1}});
  EXPECT_EQ(move.invariance(), engine::Invariance::kExact);
  expect_passed(Wells().check("sequence", move, 70), Wells::kRequiredPower);
}

TEST(CompositeExactness, RandomMixtureIsExact) {
  const engine::RandomMixture move({{generalised_hmc(), 1.0}, {gaussian_step(0.06), 3.0}});
  EXPECT_EQ(move.invariance(), engine::Invariance::kExact);
  expect_passed(Wells().check("mixture", move, 71), Wells::kRequiredPower);
}

TEST(CompositeExactness, MixtureWeightsAreProbabilities) {
  const engine::RandomMixture move({{generalised_hmc(), 1.0}, {gaussian_step(0.06), 3.0}});
  const Wells wells;
  engine::ChainBatch chains = wells.start(72, Wells::kTemperature_K, 1);
  constexpr std::size_t kDraws = 40000;
  std::size_t n_first = 0;
  for (std::size_t step = 0; step < kDraws; ++step)
    if (move.apply(chains, wells.target, {test_seed(73), step}).records.at(0).name == "ghmc")
      ++n_first;
  // A distribution on two points: the same bound holds.
  EXPECT_NEAR(static_cast<double>(n_first) / kDraws, 0.25,
              tolerance_scale() * dkw_threshold(kDraws, kAlpha));
}

TEST(CompositeExactness, StateDependentChoiceIsCaught) {
  const SideDependentMixture move(gaussian_step(0.02), gaussian_step(0.12));
  expect_caught(Wells().check("choice by side", move, 74));
}

TEST(CompositeExactness, SideDependentMixtureOfEqualMovesIsExact) {
  const SideDependentMixture move(gaussian_step(0.06), gaussian_step(0.06));
  expect_passed(Wells().check("choice that does not matter", move, 74), Wells::kRequiredPower);
}

}  // namespace
}  // namespace saltus::tests
