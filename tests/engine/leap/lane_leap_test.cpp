// Oracle: the definition of a proposal, on every instruction set of this machine; the density
// written out anew in scalar code; messages. The tensors' densities: tests/mlsamplers.
#include "engine/leap/lane_leap.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "engine/core/error.h"
#include "engine/lanes/instruction_set.h"
#include "tests/engine/leap/leap_example.h"
#include "tests/engine/leap/plain_leap.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"
#include "tests/support/invariants.h"
#include "tests/support/numerics.h"

namespace saltus::tests {
namespace {

using namespace engine;

/// Without soft torsions, without rotors, without both, and with too many for products.
const LeapExampleSize kSizes[] = {{2, 1}, {1, 2}, {0, 1}, {3, 0}, {0, 0}, {5, 1}};

class LaneLeapTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { choose_instruction_set(GetParam()); }
  void TearDown() override { choose_instruction_set(available_instruction_sets().front()); }
};

TEST_P(LaneLeapTest, KeepsTheInvariantsOfProposals) {
  ProposalInvariantOptions options;
  options.batch_tolerance = 0.0;
  // Internal coordinates measured again, in units of widths of a few thousandths of a nanometre.
  options.density_tolerance = 1e-9;
  for (const LeapExampleSize& size : kSizes) {
    SCOPED_TRACE(std::to_string(size.n_soft) + " soft, " + std::to_string(size.n_rotors) +
                 " rotors");
    const LeapWeights weights = leap_example(size);
    const ChainBatch chains = leap_example_chains(weights, 37, 511);
    expect_proposal_invariants(LaneLeap(weights, nullptr), chains, {test_seed(512), 3}, options);
  }
}

TEST_P(LaneLeapTest, DoesNotDependOnThreads) {
  const LeapWeights weights = leap_example({});
  const ChainBatch chains = leap_example_chains(weights, 100, 513);
  const StepKey key{test_seed(514), 1};
  const ProposalBatch alone = LaneLeap(weights, nullptr).sample(chains.view(), key);
  for (const std::size_t n_threads : {1u, 2u, 3u}) {
    const auto pool = std::make_shared<ThreadPool>(n_threads);
    const ProposalBatch shared = LaneLeap(weights, pool).sample(chains.view(), key);
    EXPECT_EQ(alone.positions.values(), shared.positions.values());
    EXPECT_EQ(alone.log_forward, shared.log_forward);
    EXPECT_EQ(alone.log_reverse, shared.log_reverse);
  }
}

TEST_P(LaneLeapTest, DensityIsThatOfTheReadme) {
  for (const LeapExampleSize& size : kSizes) {
    const LeapWeights weights = leap_example(size);
    const ChainBatch to = leap_example_chains(weights, 20, 515),
                     from = leap_example_chains(weights, 20, 516);
    std::vector<double> log_density(20);
    LaneLeap(weights, nullptr).log_density(to.positions.view(), from.view(), log_density);
    for (std::size_t c = 0; c < 20; ++c) {
      const double expected =
          plain_log_density(weights, to.positions.view().slice(c, 1),
                            from.positions.view().slice(c, 1), kLeapExampleTemperature_K);
      EXPECT_NEAR(log_density[c], expected,
                  tolerance_scale() * 1e-10 * std::max(1.0, std::abs(expected)))
          << "chain " << c << ", " << size.n_soft << " soft, " << size.n_rotors << " rotors";
    }
  }
}

/// Same numbers on all instruction sets but for rounding.
TEST_P(LaneLeapTest, AgreesWithOtherInstructionSets) {
  const LeapWeights weights = leap_example({});
  const ChainBatch chains = leap_example_chains(weights, 40, 517);
  const StepKey key{test_seed(518), 4};
  const ProposalBatch here = LaneLeap(weights, nullptr).sample(chains.view(), key);
  choose_instruction_set(available_instruction_sets().back());
  const ProposalBatch there = LaneLeap(weights, nullptr).sample(chains.view(), key);
  const double tolerance = tolerance_scale() * 1e-10;
  for (std::size_t i = 0; i < here.positions.values().size(); ++i)
    EXPECT_NEAR(here.positions.values()[i], there.positions.values()[i], tolerance);
  for (std::size_t c = 0; c < 40; ++c) {
    EXPECT_NEAR(here.log_forward[c], there.log_forward[c], tolerance);
    EXPECT_NEAR(here.log_reverse[c], there.log_reverse[c], tolerance);
  }
}

/// A singular state disturbs no neighbour and has no density of the way back.
TEST_P(LaneLeapTest, SingularStatesStayAlone) {
  const LeapWeights weights = leap_example({});
  const LaneLeap leap(weights, nullptr);
  ChainBatch chains = leap_example_chains(weights, 10, 519);
  const StepKey key{test_seed(520), 2};
  const ProposalBatch before = leap.sample(chains.view(), key);
  const auto x = chains.positions.chain(4);
  std::copy(x.begin(), x.begin() + 3, x.begin() + 3);  // the first two atoms coincide
  const ProposalBatch after = leap.sample(chains.view(), key);
  EXPECT_EQ(after.log_reverse[4], -std::numeric_limits<double>::infinity());
  for (std::size_t c = 0; c < 10; ++c) {
    if (c == 4) continue;
    EXPECT_EQ(before.log_forward[c], after.log_forward[c]);
    EXPECT_EQ(before.log_reverse[c], after.log_reverse[c]);
    const auto a = before.positions.chain(c), b = after.positions.chain(c);
    EXPECT_TRUE(std::equal(a.begin(), a.end(), b.begin())) << "chain " << c;
  }
}

INSTANTIATE_TEST_SUITE_P(InstructionSets, LaneLeapTest,
                         testing::ValuesIn(available_instruction_sets()),
                         [](const auto& set) { return set.param; });

TEST(LaneLeap, SaysWhatItNeeds) {
  const LaneLeap leap(leap_example({}), nullptr);
  const MoveRequirements needs = leap.requirements();
  EXPECT_TRUE(needs.no_constraints);
  EXPECT_TRUE(needs.free_molecule);
  EXPECT_TRUE(needs.one_temperature);
  EXPECT_TRUE(needs.movable_atoms);
  EXPECT_FALSE(needs.several_temperatures);
  EXPECT_EQ(leap.name(), "learned_leap");
}

TEST(LaneLeap, RefusesAnotherTemperature) {
  const LeapWeights weights = leap_example({});
  ChainBatch chains = leap_example_chains(weights, 3, 521);
  chains.states[1].temperature_K = 300.0;
  EXPECT_EQ(message_of<ModelError>([&] {
              LaneLeap(weights, nullptr).sample({chains.positions.view(), chains.states, 7}, {});
            }),
            "learned_leap: chain 8 is at 300.000000 K, the model is for 310.000000 K");
}

TEST(LaneLeap, RefusesWeightsThatDoNotFit) {
  const auto refusal = [](auto change) {
    LeapWeights weights = leap_example({});
    change(weights);
    return message_of<ModelError>([&] { LaneLeap(weights, nullptr); });
  };
  const std::string start = "learned_leap: the model is damaged: ";
  EXPECT_EQ(refusal([](LeapWeights& w) { w.rotor_networks.clear(); }),
            start + "the number of networks does not fit");
  EXPECT_EQ(refusal([](LeapWeights& w) { w.soft_networks[1].n_angles = 2; }),
            start + "a network has the wrong size");
  EXPECT_EQ(refusal([](LeapWeights& w) { w.soft_networks[0].head.pop_back(); }),
            start + "a network has the wrong size");
  EXPECT_EQ(refusal([](LeapWeights& w) { w.rotor_networks[0].second_bias[0] = std::nan(""); }),
            start + "a network's weight is not finite");
  EXPECT_EQ(refusal([](LeapWeights& w) { w.soft_networks[0].sees_temperature = true; }),
            start + "a network sees the temperature where others do not");
  EXPECT_EQ(refusal([](LeapWeights& w) { w.context.pop_back(); }),
            start + "a network has the wrong size");
  EXPECT_EQ(refusal([](LeapWeights& w) { w.context[0] = 14; }),
            start + "its context is not of torsions");
  EXPECT_EQ(refusal([](LeapWeights& w) { w.basis_torsions[0] = 21; }),
            start + "its basis is not over torsions");
  EXPECT_EQ(refusal([](LeapWeights& w) { w.basis_torsions[1] = w.rotors[0].coordinate; }),
            start + "its basis is over a rotor or a fast torsion of the block");
  EXPECT_EQ(refusal([](LeapWeights& w) { w.basis_torsions[1] = w.basis_torsions[0]; }),
            start + "its basis is over one torsion twice");
  EXPECT_EQ(refusal([](LeapWeights& w) { w.basis_torsions.pop_back(); }),
            start + "the regression of fast coordinates has the wrong size");
  EXPECT_EQ(refusal([](LeapWeights& w) { w.temperature_K = 0.0; }),
            start + "its temperature is not a positive number");
  EXPECT_EQ(refusal([](LeapWeights& w) { w.min_temperature_K = 400.0; }),
            start + "its range of temperatures is not one of positive numbers, the lower first");
  EXPECT_EQ(refusal([](LeapWeights& w) { w.wide_fraction = 1.0; }),
            start + "its fraction of wide draws is not in [0, 1)");
  EXPECT_EQ(refusal([](LeapWeights& w) { w.wide_scale = 0.0; }),
            start + "its scale of wide draws is not a positive number");
  EXPECT_EQ(refusal([](LeapWeights& w) { w.fast[1].coordinate = 0; }),
            start + "a coordinate is in two groups");
  EXPECT_EQ(refusal([](LeapWeights& w) {
              w.soft.clear();
              w.rotors.clear();
              w.fast.clear();
            }),
            start + "it moves no coordinate");
  EXPECT_EQ(refusal([](LeapWeights& w) { w.fast_cholesky[0] = 0.0; }),
            start + "the Cholesky factor is not lower triangular with a positive diagonal");
}

TEST(LaneLeap, ArraysMustFit) {
  const LeapWeights weights = leap_example({});
  const LaneLeap leap(weights, nullptr);
  const ChainBatch chains = leap_example_chains(weights, 2, 522), other(2, 8, {310.0});
  std::vector<double> one(1), two(2);
  EXPECT_THROW(leap.sample(other.view(), {}), InternalError);
  EXPECT_THROW(leap.log_density(chains.positions.view(), chains.view(), one), InternalError);
  EXPECT_THROW(leap.log_density(other.positions.view(), chains.view(), two), InternalError);
}

}  // namespace
}  // namespace saltus::tests
