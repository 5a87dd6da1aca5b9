// Oracle: densities of one configuration in scalar code, and a reset chain by chain, on every
// instruction set of this machine.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <string>

#include "engine/core/units.h"
#include "engine/lanes/instruction_set.h"
#include "engine/moves/bond_sides.h"
#include "engine/torsions/mixture_lanes.h"
#include "mlsamplers/torsions/network_torsion_model.h"
#include "tests/mlsamplers/torsion_fixture.h"
#include "tests/support/environment.h"
#include "tests/support/plain_torsion_reset.h"

namespace saltus::tests {
namespace {

using engine::kLaneWidth;
using engine::TorsionGraph;

/// With nitrogens, branches and bonds that know which atoms they turn.
TorsionGraph turning_graph(std::uint64_t seed) {
  TorsionGraph graph = random_graph(9, seed);
  const auto neighbours = graph.neighbours();
  for (engine::TorsionBond& torsion : graph.torsions) {
    const std::size_t from = torsion.ends[0].atom, to = torsion.ends[1].atom;
    torsion.bond = {from, to, engine::side_of_bond(neighbours, to, from)};
    auto& moving = torsion.bond.moving;
    moving.erase(std::find(moving.begin(), moving.end(), to));
  }
  return graph;
}

/// What the lanes of a block know, in rows.
struct BlockKnowledge {
  std::array<std::size_t, kLaneWidth> asked{};
  std::vector<double> torsions;
  std::vector<std::uint8_t> known;
  std::vector<int> signs;

  engine::TorsionBlockContext context(std::size_t n_lanes) const {
    return {n_lanes, {asked.data(), asked.size()}, torsions, known, signs};
  }
};

BlockKnowledge random_knowledge(const TorsionGraph& graph, std::uint64_t purpose) {
  auto stream = test_stream(purpose);
  BlockKnowledge block;
  for (std::size_t i = 0; i < graph.torsions.size() * kLaneWidth; ++i) {
    block.torsions.push_back(engine::kTwoPi * stream.uniform() - engine::kPi);
    // Some lanes know nothing, some all.
    const std::size_t lane = i % kLaneWidth;
    const bool all = lane == 2, nothing = lane == 3;
    block.known.push_back(all || (!nothing && stream.below(2) == 1) ? 1 : 0);
  }
  for (std::size_t i = 0; i < graph.inversions.size() * kLaneWidth; ++i)
    block.signs.push_back(stream.below(2) == 1 ? 1 : -1);
  for (std::size_t& torsion : block.asked) torsion = stream.below(graph.torsions.size());
  block.asked[1] = engine::kNowhere;
  // What is not known may be anything.
  for (std::size_t i = 0; i < block.known.size(); ++i)
    if (block.known[i] == 0) block.torsions[i] = std::nan("");
  return block;
}

/// The same of one lane.
void plain_density(const engine::TorsionModel& model, const BlockKnowledge& block, std::size_t lane,
                   engine::VonMisesMixture& out) {
  std::vector<double> torsions;
  std::vector<std::uint8_t> known;
  std::vector<int> signs;
  for (std::size_t i = lane; i < block.torsions.size(); i += kLaneWidth) {
    torsions.push_back(block.torsions[i]);
    known.push_back(block.known[i]);
  }
  for (std::size_t i = lane; i < block.signs.size(); i += kLaneWidth)
    signs.push_back(block.signs[i]);
  model.density(block.asked[lane], {torsions, known, signs}, out);
}

class NetworkTorsionLanes : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { engine::choose_instruction_set(GetParam()); }
  void TearDown() override {
    engine::choose_instruction_set(engine::available_instruction_sets().front());
  }
};

TEST_P(NetworkTorsionLanes, HaveTheDensitiesOfSingleConfigurations) {
  std::size_t n_inversions = 0;
  for (std::uint64_t seed = 20; seed < 26; ++seed) {
    const TorsionGraph graph = turning_graph(seed);
    n_inversions += graph.inversions.size();
    const auto model = trained_on_molecules().network.model_for(graph);
    const BlockKnowledge block = random_knowledge(graph, 91 + seed);
    engine::MixtureBlock mixtures;
    engine::VonMisesMixture plain;
    for (const std::size_t n_lanes : {1u, 5u, 16u}) {
      model->block_density(block.context(n_lanes), mixtures);
      for (std::size_t lane = 0; lane < n_lanes; ++lane) {
        if (block.asked[lane] == engine::kNowhere) continue;
        plain_density(*model, block, lane, plain);
        const engine::MixtureView view = mixtures.view(lane);
        EXPECT_EQ(view.fold, plain.fold);
        EXPECT_EQ(view.uniform, plain.uniform);
        ASSERT_EQ(view.n_components, plain.weights.size());
        const double tolerance = tolerance_scale() * 1e-12;
        for (std::size_t k = 0; k < view.n_components; ++k) {
          EXPECT_NEAR(view.weight(k), plain.weights[k], tolerance) << "lane " << lane;
          EXPECT_NEAR(std::remainder(view.mean(k) - plain.means[k], engine::kTwoPi), 0.0,
                      tolerance);
          EXPECT_NEAR(view.concentration(k), plain.concentrations[k],
                      tolerance * plain.concentrations[k]);
        }
      }
    }
  }
  EXPECT_GT(n_inversions, 0u);
}

TEST_P(NetworkTorsionLanes, DependOnNoOtherLane) {
  const TorsionGraph graph = turning_graph(21);
  const auto model = trained_on_molecules().network.model_for(graph);
  const BlockKnowledge block = random_knowledge(graph, 92);
  BlockKnowledge other = random_knowledge(graph, 93);
  constexpr std::size_t kLane = 4;
  other.asked[kLane] = block.asked[kLane];
  for (std::size_t i = kLane; i < block.torsions.size(); i += kLaneWidth) {
    other.torsions[i] = block.torsions[i];
    other.known[i] = block.known[i];
  }
  for (std::size_t i = kLane; i < block.signs.size(); i += kLaneWidth)
    other.signs[i] = block.signs[i];
  engine::MixtureBlock a, b;
  model->block_density(block.context(kLaneWidth), a);
  model->block_density(other.context(kLane + 1), b);
  for (std::size_t k = 0; k < a.n_components; ++k) {
    EXPECT_EQ(a.view(kLane).weight(k), b.view(kLane).weight(k));
    EXPECT_EQ(a.view(kLane).mean(k), b.view(kLane).mean(k));
    EXPECT_EQ(a.view(kLane).concentration(k), b.view(kLane).concentration(k));
  }
}

TEST_P(NetworkTorsionLanes, ResetsAreThoseOfScalarCode) {
  const auto graph = std::make_shared<const TorsionGraph>(turning_graph(23));
  const auto model = trained_on_molecules().network.model_for(*graph);
  engine::ChainBatch chains(37, graph->atoms.size(), {300.0});
  auto stream = test_stream(94);
  for (double& value : chains.positions.values()) value = 0.15 * stream.normal();
  for (std::size_t c = 0; c < chains.n_chains(); c += 2) chains.states[c].temperature_K = 500.0;
  for (const std::size_t n_torsions : {1u, 3u})
    for (std::uint64_t step = 0; step < 5; ++step)
      expect_plain_reset({graph, model, {n_torsions, 0.05, 300.0}}, chains.view(), 2,
                         {test_seed(95), step});
}

INSTANTIATE_TEST_SUITE_P(InstructionSets, NetworkTorsionLanes,
                         testing::ValuesIn(engine::available_instruction_sets()),
                         [](const auto& set) { return set.param; });

}  // namespace
}  // namespace saltus::tests
