// Oracle: the same leaps on tensors, on every instruction set of this machine: blocks, with and
// without temperature, wide draws and carried fast coordinates.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "engine/core/error.h"
#include "engine/lanes/instruction_set.h"
#include "engine/leap/lane_leap.h"
#include "mlsamplers/leap/leap_proposal.h"
#include "tests/engine/leap/leap_example.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"

namespace saltus::tests {
namespace {

using engine::LeapWeights;
using engine::ProposalBatch;

/// Of positions in nm, and of log-densities relative to max(1, |log q|).
constexpr double kTolerance = 1e-10;
constexpr std::size_t kChains = 50;

class BlocksInLanesAndTensors : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { engine::choose_instruction_set(GetParam()); }
  void TearDown() override {
    engine::choose_instruction_set(engine::available_instruction_sets().front());
  }
};

engine::ChainBatch chains_of(const LeapWeights& weights, std::uint64_t seed) {
  engine::ChainBatch chains = leap_example_chains(weights, kChains, seed);
  for (std::size_t c = 0; c < kChains; ++c)
    chains.states[c].temperature_K = 280.0 + 6.0 * static_cast<double>(c);
  return chains;
}

void expect_close(const std::vector<double>& tensors, const std::vector<double>& lanes,
                  const char* what) {
  ASSERT_EQ(tensors.size(), lanes.size());
  for (std::size_t c = 0; c < tensors.size(); ++c) {
    if (std::isfinite(tensors[c])) {
      EXPECT_NEAR(tensors[c], lanes[c],
                  tolerance_scale() * kTolerance * std::max(1.0, std::abs(tensors[c])))
          << what << " of chain " << c;
    } else {
      EXPECT_EQ(tensors[c], lanes[c]) << what << " of chain " << c;
    }
  }
}

void expect_same_draws(const ProposalBatch& tensors, const ProposalBatch& lanes) {
  expect_close(tensors.log_forward, lanes.log_forward, "log_forward");
  expect_close(tensors.log_reverse, lanes.log_reverse, "log_reverse");
  std::size_t n_possible = 0;
  for (std::size_t c = 0; c < tensors.log_forward.size(); ++c) {
    if (!std::isfinite(tensors.log_forward[c])) continue;  // positions then mean nothing
    ++n_possible;
    const auto x = tensors.positions.chain(c), y = lanes.positions.chain(c);
    for (std::size_t i = 0; i < x.size(); ++i)
      EXPECT_NEAR(x[i], y[i], tolerance_scale() * kTolerance) << "chain " << c;
  }
  EXPECT_GT(n_possible, tensors.log_forward.size() / 2);
}

TEST_P(BlocksInLanesAndTensors, Agree) {
  for (const BlockExampleOptions& options :
       {BlockExampleOptions{}, BlockExampleOptions{true, 0.0, true, true},
        BlockExampleOptions{true, 0.4, true, true}, BlockExampleOptions{true, 0.0, false, true},
        BlockExampleOptions{false, 0.0, true, false}}) {
    const LeapWeights weights = block_example(options);
    const engine::ChainBatch chains = chains_of(weights, 151);
    const engine::StepKey key{test_seed(152), 4};
    const mlsamplers::LeapProposal tensors(weights, nullptr);
    const engine::LaneLeap lanes(weights, nullptr);
    const ProposalBatch drawn = tensors.sample(chains.view(), key);
    expect_same_draws(drawn, lanes.sample(chains.view(), key));
    std::vector<double> expected(kChains), actual(kChains);
    tensors.log_density(drawn.positions.view(), chains.view(), expected);
    lanes.log_density(drawn.positions.view(), chains.view(), actual);
    expect_close(expected, actual, "log_density");
    expect_close(drawn.log_forward, expected, "log_forward and log_density");
    if (options.wide_fraction > 0.0) continue;
    for (const double carry : {0.0, 0.5, 1.0})
      expect_same_draws(
          mlsamplers::CarriedLeapProposal(weights, carry, nullptr).sample(chains.view(), key),
          engine::CarriedLeap(weights, carry, nullptr).sample(chains.view(), key));
  }
}

/// A whole-molecule leap has no block and no range.
TEST_P(BlocksInLanesAndTensors, AgreeOnCarriedWholeMolecules) {
  const LeapWeights weights = leap_example({});
  const engine::ChainBatch chains = leap_example_chains(weights, kChains, 153);
  const engine::StepKey key{test_seed(154), 1};
  for (const double carry : {0.0, 0.5, 1.0})
    expect_same_draws(
        mlsamplers::CarriedLeapProposal(weights, carry, nullptr).sample(chains.view(), key),
        engine::CarriedLeap(weights, carry, nullptr).sample(chains.view(), key));
}

TEST_P(BlocksInLanesAndTensors, OnlyTheBlockMayDiffer) {
  const LeapWeights weights = block_example({});
  const engine::ChainBatch from = chains_of(weights, 155), to = chains_of(weights, 156);
  std::vector<double> expected(kChains), actual(kChains);
  mlsamplers::LeapProposal(weights, nullptr)
      .log_density(to.positions.view(), from.view(), expected);
  engine::LaneLeap(weights, nullptr).log_density(to.positions.view(), from.view(), actual);
  expect_close(expected, actual, "log_density");
  EXPECT_FALSE(std::isfinite(expected[0]));
}

INSTANTIATE_TEST_SUITE_P(InstructionSets, BlocksInLanesAndTensors,
                         testing::ValuesIn(engine::available_instruction_sets()),
                         [](const auto& set) { return set.param; });

TEST(CarriedLeapProposal, RefusesWithTheWordsOfTheEngine) {
  const LeapWeights wide = block_example({false, 0.1, true, true});
  EXPECT_EQ(
      message_of<engine::InputError>([&] { mlsamplers::CarriedLeapProposal(wide, 0.5, nullptr); }),
      message_of<engine::InputError>([&] { engine::CarriedLeap(wide, 0.5, nullptr); }));
  const LeapWeights shifted = with_shift(block_example({}), {1.0, -1.0});
  EXPECT_EQ(message_of<engine::InputError>(
                [&] { mlsamplers::CarriedLeapProposal(shifted, 1.0, nullptr); }),
            message_of<engine::InputError>([&] { engine::LaneLeap(shifted, nullptr); }));
  engine::ChainBatch chains = leap_example_chains(wide, 2, 157);
  chains.states[1].temperature_K = 279.0;
  const auto tensors = [&] { mlsamplers::LeapProposal(wide, nullptr).sample(chains.view(), {}); };
  const auto lanes = [&] { engine::LaneLeap(wide, nullptr).sample(chains.view(), {}); };
  EXPECT_EQ(message_of<engine::ModelError>(tensors), message_of<engine::ModelError>(lanes));
}

}  // namespace
}  // namespace saltus::tests
