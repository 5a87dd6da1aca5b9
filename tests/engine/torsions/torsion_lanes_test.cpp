// Oracle: scalar code for one configuration, one mixture, one chain; on every instruction set of
// this machine. The network's densities in lanes: tests/mlsamplers.
#include "engine/torsions/torsion_lanes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "engine/core/units.h"
#include "engine/lanes/instruction_set.h"
#include "engine/lanes/lane_blocks.h"
#include "engine/torsions/histogram_torsion_model.h"
#include "engine/torsions/mixture_lanes.h"
#include "engine/torsions/torsion_geometry.h"
#include "engine/torsions/torsion_reset.h"
#include "tests/engine/system/molecules.h"
#include "tests/support/environment.h"
#include "tests/support/plain_torsion_reset.h"
#include "tests/support/torsion_graphs.h"

namespace saltus::tests {
namespace {

using namespace engine;

/// Atoms anywhere: every torsion, lean and sign occurs.
ChainBatch anywhere(std::size_t n_chains, std::size_t n_atoms, std::uint64_t purpose) {
  ChainBatch chains(n_chains, n_atoms, {300.0});
  auto stream = test_stream(purpose);
  for (double& value : chains.positions.values()) value = 0.15 * stream.normal();
  for (std::size_t c = 0; c < n_chains; ++c)  // colder ones use the model as it is
    chains.states[c].temperature_K = 200.0 + 40.0 * static_cast<double>(c % 12);
  return chains;
}

/// Puts the torsion's near reference on its axis.
void straighten(const TorsionEnd& end, std::size_t other, Span<double> x) {
  for (std::size_t k = 0; k < 3; ++k)
    x[3 * end.reference + k] = 2.0 * x[3 * end.atom + k] - x[3 * other + k];
}

class TorsionLanes : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { choose_instruction_set(GetParam()); }
  void TearDown() override { choose_instruction_set(available_instruction_sets().front()); }
};

TEST_P(TorsionLanes, MeasureWhatScalarCodeMeasures) {
  const TorsionGraph graph = make_whole_torsion_graph(amino_alcohol());
  const std::size_t n_atoms = graph.atoms.size(), n_torsions = graph.torsions.size();
  ASSERT_EQ(graph.inversions.size(), 1u);
  ChainBatch chains = anywhere(kLaneWidth, n_atoms, 71);
  straighten(graph.torsions[1].ends[0], graph.torsions[1].ends[1].atom, chains.positions.chain(5));
  // A mirror image, so that both signs occur.
  for (std::size_t i = 0; i < 3 * n_atoms; ++i)
    chains.positions.chain(1)[i] = -chains.positions.chain(0)[i];
  AlignedVector<double> x(3 * n_atoms * kLaneWidth), tau(n_torsions * kLaneWidth);
  std::vector<int> signs(kLaneWidth), plain_signs(1);
  std::vector<double> plain(n_torsions);
  for (const std::size_t n_lanes : {1u, 3u, 16u}) {
    pack_rows(chains.positions.chain(0).data(), n_lanes, 3 * n_atoms, x.data());
    measure_torsions(graph, n_lanes, x.data(), tau.data());
    measure_inversions(graph, n_lanes, x.data(), signs.data());
    for (std::size_t lane = 0; lane < n_lanes; ++lane) {
      torsion_angles(graph, chains.positions.view().chain(lane), plain);
      inversion_signs(graph, chains.positions.view().chain(lane), plain_signs);
      EXPECT_EQ(signs[lane], plain_signs[0]);
      for (std::size_t t = 0; t < n_torsions; ++t) {
        const double angle = tau[t * kLaneWidth + lane];
        // The bond before has its far reference on the same line.
        const bool on_axis = lane == 5 && t <= 1;
        EXPECT_EQ(std::isnan(plain[t]), on_axis) << "torsion " << t << " of lane " << lane;
        EXPECT_EQ(std::isnan(angle), on_axis) << "torsion " << t << " of lane " << lane;
        if (on_axis) continue;
        EXPECT_NEAR(std::remainder(angle - plain[t], kTwoPi), 0.0, tolerance_scale() * 1e-10)
            << "torsion " << t << " of lane " << lane;
        EXPECT_GE(angle, -kPi);
        EXPECT_LT(angle, kPi);
      }
    }
  }
  EXPECT_EQ(signs[0], -signs[1]);
}

/// Of different sizes, folds and widths, from nearly uniform to very narrow; one is uniform.
std::array<VonMisesMixture, kLaneWidth> mixtures_of_lanes() {
  const double kappas[] = {0.0, 1e-3, 1.0, 8.999, 9.0, 9.001, 40.0, 700.0, 1e5};
  std::array<VonMisesMixture, kLaneWidth> mixtures;
  auto stream = test_stream(72);
  for (std::size_t lane = 1; lane < kLaneWidth; ++lane) {
    VonMisesMixture& mixture = mixtures[lane];
    mixture.fold = 1 + static_cast<int>(lane % 3);
    mixture.uniform = 0.3 * stream.uniform();
    for (std::size_t k = 0; k < lane; ++k) {
      mixture.weights.push_back(k == 1 ? 0.0 : stream.uniform());
      mixture.means.push_back(kTwoPi * stream.uniform() - kPi);
      mixture.concentrations.push_back(kappas[(lane + k) % 9]);
    }
  }
  return mixtures;
}

TEST_P(TorsionLanes, MixturesAreThoseOfScalarCode) {
  const auto mixtures = mixtures_of_lanes();
  AlignedVector<double> power(kLaneWidth), tau(kLaneWidth), logs(kLaneWidth);
  auto stream = test_stream(73);
  for (const double share : {0.05, 1.0})
    for (const bool hot : {false, true})
      for (const std::size_t n_lanes : {1u, 7u, 16u}) {
        MixtureBlock block;
        block.set(mixtures);
        for (std::size_t lane = 0; lane < kLaneWidth; ++lane)
          power[lane] = hot && lane % 2 == 0 ? 0.4 + 0.03 * static_cast<double>(lane) : 1.0;
        prepare_mixtures(power.data(), share, n_lanes, block);
        for (int i = 0; i < 20; ++i) {
          for (double& angle : tau) angle = kTwoPi * stream.uniform() - kPi;
          mixture_log_densities(block, n_lanes, tau.data(), logs.data());
          for (std::size_t lane = 0; lane < n_lanes; ++lane) {
            VonMisesMixture plain = mixtures[lane];
            if (power[lane] < 1.0) plain = plain.flattened(power[lane]);
            plain.uniform = share + (1.0 - share) * plain.uniform;
            EXPECT_NEAR(logs[lane], plain.log_density(tau[lane]), tolerance_scale() * 1e-10)
                << "lane " << lane << ", share " << share;
            const StepKey key{test_seed(74), static_cast<std::uint64_t>(i)};
            RandomStream here(key, StreamName::kTest, static_cast<std::uint32_t>(lane));
            RandomStream there = here;
            EXPECT_NEAR(block.view(lane).sample(here), plain.sample(there),
                        tolerance_scale() * 1e-10);
          }
        }
      }
}

TEST_P(TorsionLanes, DensitiesThatUnderflowAreThoseOfScalarCode) {
  std::array<VonMisesMixture, kLaneWidth> mixtures;
  for (std::size_t lane = 0; lane < kLaneWidth; lane += 2)
    mixtures[lane] = {1, 1e-300, {0.6, 0.4}, {0.0, 0.1}, {2000.0, 3000.0}};
  MixtureBlock block;
  block.set(mixtures);
  AlignedVector<double> power(kLaneWidth, 1.0), tau(kLaneWidth, 1.5), logs(kLaneWidth);
  constexpr double kShare = 1e-305;
  prepare_mixtures(power.data(), kShare, kLaneWidth, block);
  mixture_log_densities(block, kLaneWidth, tau.data(), logs.data());
  for (std::size_t lane = 0; lane < kLaneWidth; ++lane) {
    VonMisesMixture plain = mixtures[lane];
    plain.uniform = kShare + (1.0 - kShare) * plain.uniform;
    const double expected = plain.log_density(tau[lane]);
    EXPECT_NEAR(logs[lane], expected, tolerance_scale() * 1e-10 * std::abs(expected));
  }
  EXPECT_LT(logs[0], std::log(1e-280));
}

TEST_P(TorsionLanes, ResetsAreThoseOfScalarCode) {
  const auto graph =
      std::make_shared<const TorsionGraph>(make_whole_torsion_graph(amino_alcohol()));
  ChainBatch chains = anywhere(37, graph->atoms.size(), 75);
  straighten(graph->torsions[0].ends[0], graph->torsions[0].ends[1].atom,
             chains.positions.chain(20));
  std::vector<double> samples;
  auto stream = test_stream(76);
  for (std::size_t i = 0; i < 50 * graph->torsions.size(); ++i) samples.push_back(stream.normal());
  const std::shared_ptr<const TorsionModel> models[] = {
      std::make_shared<NeighbourModel>(*graph), std::make_shared<NeighbourModel>(*graph, 3),
      std::make_shared<HistogramTorsionModel>(*graph, samples),
      std::make_shared<UniformTorsionModel>(graph->torsions.size())};
  for (const auto& model : models)
    for (const std::size_t n_torsions : {1u, 2u, 4u})
      for (const std::size_t n_tries : {1u, 3u}) {
        SCOPED_TRACE(model->name() + ", " + std::to_string(n_torsions) + " torsions");
        const TorsionResetParts parts{graph, model, {n_torsions, 0.05, 300.0}};
        expect_plain_reset(parts, chains.view(), n_tries, {test_seed(77), n_torsions});
      }
  const TorsionResetParts uniform{graph, models[0], {2, 1.0, 300.0}};
  expect_plain_reset(uniform, chains.view(), 1, {test_seed(77), 9});
}

/// Chains in the middle of a batch, whatever stands before them.
TEST_P(TorsionLanes, ResetsDependOnNoOtherChainNorOnThreads) {
  const auto graph =
      std::make_shared<const TorsionGraph>(make_whole_torsion_graph(amino_alcohol()));
  const auto model = std::make_shared<NeighbourModel>(*graph);
  const TorsionResetOptions options{2, 0.05, 300.0};
  const ChainBatch chains = anywhere(100, graph->atoms.size(), 78);
  const StepKey key{test_seed(79), 1};
  const ProposalBatch whole =
      TorsionReset(graph, model, options).sample_tries(chains.view(), 2, key);
  for (const std::size_t n_threads : {1u, 2u, 3u}) {
    const auto pool = std::make_shared<ThreadPool>(n_threads);
    const ProposalBatch shared =
        TorsionReset(graph, model, options, pool).sample_tries(chains.view(), 2, key);
    EXPECT_EQ(whole.positions.values(), shared.positions.values());
    EXPECT_EQ(whole.log_forward, shared.log_forward);
    EXPECT_EQ(whole.log_reverse, shared.log_reverse);
  }
  constexpr std::size_t kFirst = 30, kCount = 41;
  const ChainView part = {chains.positions.view().slice(kFirst, kCount),
                          {chains.states.data() + kFirst, kCount},
                          static_cast<std::uint32_t>(kFirst)};
  const ProposalBatch alone = TorsionReset(graph, model, options).sample_tries(part, 2, key);
  for (std::size_t row = 0; row < 2 * kCount; ++row) {
    EXPECT_EQ(alone.log_forward[row], whole.log_forward[2 * kFirst + row]);
    EXPECT_EQ(alone.log_reverse[row], whole.log_reverse[2 * kFirst + row]);
    const auto a = alone.positions.chain(row), b = whole.positions.chain(2 * kFirst + row);
    EXPECT_TRUE(std::equal(a.begin(), a.end(), b.begin())) << "row " << row;
  }
}

INSTANTIATE_TEST_SUITE_P(InstructionSets, TorsionLanes,
                         testing::ValuesIn(available_instruction_sets()),
                         [](const auto& set) { return set.param; });

}  // namespace
}  // namespace saltus::tests
