// Oracle: the same leap on tensors, on every instruction set of this machine.
#include "engine/leap/lane_leap.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "engine/lanes/instruction_set.h"
#include "engine/moves/metropolis.h"
#include "saltus_test_paths.h"
#include "tests/mlsamplers/leap_fixture.h"
#include "tests/support/environment.h"
#include "tests/support/invariants.h"
#include "tests/support/temporary_folder.h"

namespace saltus::tests {
namespace {

using mlsamplers::LeapModel;

/// Of positions in nm, and of log-densities relative to max(1, |log q|).
constexpr double kTolerance = 1e-10;

std::shared_ptr<const engine::LaneLeap> lanes_of(const LeapModel& model) {
  return std::make_shared<engine::LaneLeap>(mlsamplers::weights_of(model), nullptr);
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

void expect_same_draws(const engine::ProposalBatch& tensors, const engine::ProposalBatch& lanes) {
  expect_close(tensors.log_forward, lanes.log_forward, "log_forward");
  expect_close(tensors.log_reverse, lanes.log_reverse, "log_reverse");
  for (std::size_t c = 0; c < tensors.log_forward.size(); ++c) {
    if (!std::isfinite(tensors.log_forward[c])) continue;  // positions then mean nothing
    const auto x = tensors.positions.chain(c), y = lanes.positions.chain(c);
    for (std::size_t i = 0; i < x.size(); ++i)
      EXPECT_NEAR(x[i], y[i], tolerance_scale() * kTolerance) << "chain " << c;
  }
}

/// Draws and densities of both, from `chains`; returns the tensors' draws.
engine::ProposalBatch expect_agreement(const LeapModel& model, const engine::ChainBatch& chains,
                                       const engine::StepKey& key) {
  const auto tensors = leap_of(model);
  const auto lanes = lanes_of(model);
  engine::ProposalBatch drawn = tensors->sample(chains.view(), key);
  expect_same_draws(drawn, lanes->sample(chains.view(), key));
  engine::ProposalBatch possible = drawn;
  engine::keep_possible(chains.positions.view(), possible);
  std::vector<double> expected(chains.n_chains()), actual(chains.n_chains());
  tensors->log_density(possible.positions.view(), chains.view(), expected);
  lanes->log_density(possible.positions.view(), chains.view(), actual);
  expect_close(expected, actual, "log_density");
  return possible;
}

/// One fast coordinate is drawn far beyond its chart.
LeapModel wide_model(std::size_t fast, double width) {
  LeapModel model = trained_leap().model;
  model.fast.cholesky[fast * model.fast.n_fast + fast] = width;
  return model;
}

class LanesAndTensors : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { engine::choose_instruction_set(GetParam()); }
  void TearDown() override {
    engine::choose_instruction_set(engine::available_instruction_sets().front());
  }
};

TEST_P(LanesAndTensors, Agree) {
  const engine::ChainBatch chains = molecule().draw(150, test_seed(131));
  LeapModel often_uniform = trained_leap().model;
  often_uniform.uniform_fraction = 0.9;
  const std::size_t last = trained_leap().model.fast.n_fast - 1;  // a stiff torsion
  for (const LeapModel& model : {trained_leap().model, untrained_model(), often_uniform,
                                 wide_model(0, 0.15), wide_model(last, 2.0)})
    expect_agreement(model, chains, {test_seed(132), 6});
}

TEST_P(LanesAndTensors, AgreeInWholeChains) {
  const engine::ChainBatch chains = molecule().draw(20, test_seed(133));
  const LeapModel& model = trained_leap().model;
  engine::ChainBatch later = chains;
  later.positions =
      leap_of(model)->sample({chains.positions.view(), chains.states, 30}, {5, 1}).positions;
  const engine::ChainView view = {later.positions.view(), later.states, 30};
  expect_same_draws(leap_of(model)->sample(view, {5, 2}), lanes_of(model)->sample(view, {5, 2}));
}

TEST_P(LanesAndTensors, AgreeOnTheModelOfAlanineDipeptide) {
  const LeapModel model = mlsamplers::load_leap_model(
      SALTUS_TEST_SOURCE_DIR "/data/models/alanine_dipeptide_310K.leap.safetensors");
  engine::ChainBatch chains(40, model.z.n_atoms(), {model.card.temperature_K});
  auto stream = test_stream(134);
  for (double& value : chains.positions.values()) value = 0.1 * stream.normal();
  // From anywhere a leap leads to where the model is at home.
  engine::ProposalBatch home = leap_of(model)->sample(chains.view(), {test_seed(135), 0});
  engine::keep_possible(chains.positions.view(), home);
  chains.positions = home.positions;
  for (std::uint64_t step = 1; step <= 3; ++step)
    chains.positions = expect_agreement(model, chains, {test_seed(135), step}).positions;
}

TEST_P(LanesAndTensors, AgreeOnSingularStates) {
  engine::ChainBatch line = molecule().draw(1, test_seed(136)), other = molecule().draw(1, 3);
  const auto& row = molecule().z_matrix().rows[3];
  const auto x = line.positions.chain(0);
  for (std::size_t k = 0; k < 3; ++k)
    x[3 * row.atom + k] = 2.0 * x[3 * row.bond_to + k] - x[3 * row.angle_to + k];
  const auto lanes = lanes_of(trained_leap().model);
  std::vector<double> log_density(1);
  lanes->log_density(line.positions.view(), other.view(), log_density);
  EXPECT_EQ(log_density[0], -std::numeric_limits<double>::infinity());
  EXPECT_EQ(lanes->sample(line.view(), {test_seed(137), 0}).log_reverse[0],
            -std::numeric_limits<double>::infinity());
}

TEST_P(LanesAndTensors, InvariantsHoldInLanes) {
  ProposalInvariantOptions options;
  options.density_tolerance = 1e-9;  // internal coordinates measured again
  const engine::ChainBatch chains = molecule().draw(37, test_seed(138));
  for (const LeapModel& model : {trained_leap().model, untrained_model()}) {
    const auto lanes = lanes_of(model);
    expect_proposal_invariants(*lanes, chains, {test_seed(139), 3}, options);
    MoveInvariantOptions move_options;
    move_options.energy_tolerance = 1e-9;
    expect_move_invariants(engine::Metropolis(lanes), chains, leap_target(), {test_seed(140), 1},
                           move_options);
  }
}

INSTANTIATE_TEST_SUITE_P(InstructionSets, LanesAndTensors,
                         testing::ValuesIn(engine::available_instruction_sets()),
                         [](const auto& set) { return set.param; });

void expect_same_network(const engine::MixtureNetworkWeights& a,
                         const engine::MixtureNetworkWeights& b) {
  EXPECT_EQ(a.n_angles, b.n_angles);
  EXPECT_EQ(a.n_components, b.n_components);
  EXPECT_EQ(a.n_hidden, b.n_hidden);
  EXPECT_EQ(a.first, b.first);
  EXPECT_EQ(a.first_bias, b.first_bias);
  EXPECT_EQ(a.second, b.second);
  EXPECT_EQ(a.second_bias, b.second_bias);
  EXPECT_EQ(a.head, b.head);
  EXPECT_EQ(a.head_bias, b.head_bias);
}

/// The file, read without LibTorch, has the very weights of the model that was saved.
TEST(LeapWeights, ComeFromTheFileAsTheyAre) {
  const TemporaryFolder folder;
  const LeapModel& model = trained_leap().model;
  mlsamplers::save_leap_model(model, folder.file("leap"));
  const mlsamplers::LeapFile file = mlsamplers::load_leap_weights(folder.file("leap"));
  EXPECT_EQ(mlsamplers::card_to_json(file.card), mlsamplers::card_to_json(model.card));
  const engine::LeapWeights expected = mlsamplers::weights_of(model), &actual = file.weights;
  EXPECT_EQ(actual.temperature_K, expected.temperature_K);
  EXPECT_EQ(actual.soft, expected.soft);
  EXPECT_EQ(actual.uniform_fraction, expected.uniform_fraction);
  EXPECT_EQ(actual.fast_weights, expected.fast_weights);
  EXPECT_EQ(actual.fast_cholesky, expected.fast_cholesky);
  ASSERT_EQ(actual.soft_networks.size(), expected.soft_networks.size());
  for (std::size_t i = 0; i < actual.soft_networks.size(); ++i)
    expect_same_network(actual.soft_networks[i], expected.soft_networks[i]);
  ASSERT_EQ(actual.rotor_networks.size(), expected.rotor_networks.size());
  for (std::size_t i = 0; i < actual.rotor_networks.size(); ++i)
    expect_same_network(actual.rotor_networks[i], expected.rotor_networks[i]);

  const engine::ChainBatch chains = molecule().draw(20, 7);
  EXPECT_EQ(engine::LaneLeap(actual, nullptr).sample(chains.view(), {1, 2}).positions.values(),
            lanes_of(model)->sample(chains.view(), {1, 2}).positions.values());
}

}  // namespace
}  // namespace saltus::tests
