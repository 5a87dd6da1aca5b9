// Oracle: densities written out by hand for what the reset should have asked the model, the
// interface's own promises, and exact messages for bad options.
#include "engine/torsions/torsion_reset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "engine/core/error.h"
#include "engine/core/log_math.h"
#include "engine/core/units.h"
#include "engine/ensemble/canonical.h"
#include "engine/moves/metropolis.h"
#include "engine/torsions/histogram_torsion_model.h"
#include "engine/torsions/torsion_geometry.h"
#include "engine/torsions/torsion_subset_density.h"
#include "tests/support/chain_molecule.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"
#include "tests/support/invariants.h"
#include "tests/support/plain_torsion_reset.h"
#include "tests/support/torsion_graphs.h"

namespace saltus::tests {
namespace {

using namespace engine;

/// Six atoms in a chain, three torsions, every one near every other.
struct Hexane {
  ChainMolecule molecule{6};
  std::shared_ptr<TorsionGraph> graph =
      std::make_shared<TorsionGraph>(make_torsion_graph(molecule.topology()));
  std::shared_ptr<const NeighbourModel> model = std::make_shared<NeighbourModel>(*graph);
  ChainBatch chains = molecule.draw(12, 300.0, 31);

  std::shared_ptr<const TorsionReset> reset(std::size_t n, double uniform = 0.2) const {
    return std::make_shared<TorsionReset>(graph, model, TorsionResetOptions{n, uniform, 300.0});
  }
  std::vector<double> angles(Span<const double> x) const {
    std::vector<double> tau(graph->torsions.size());
    torsion_angles(*graph, x, tau);
    return tau;
  }
};

/// log of 0.2 / 2 pi + 0.8 q_b, q_b given the torsions of `known` alone.
double term_by_hand(const Hexane& hexane, std::size_t torsion, const std::vector<double>& tau,
                    const std::vector<std::uint8_t>& known, double power = 1.0) {
  VonMisesMixture mixture;
  hexane.model->density(torsion, {tau, known, {}}, mixture);
  return log_add_exp(std::log(0.2 / kTwoPi),
                     std::log(0.8) + mixture.flattened(power).log_density(tau[torsion]));
}

double subset_by_hand(const Hexane& hexane, const std::vector<std::size_t>& subset,
                      const std::vector<double>& tau, double power) {
  std::vector<std::uint8_t> known(tau.size(), 1);
  for (std::size_t torsion : subset) known[torsion] = 0;
  double sum = 0.0;
  for (std::size_t torsion : subset) {
    sum += term_by_hand(hexane, torsion, tau, known, power);
    known[torsion] = 1;
  }
  return sum;
}

/// Torsions that differ between two configurations.
std::vector<std::size_t> changed(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<std::size_t> result;
  for (std::size_t t = 0; t < a.size(); ++t)
    if (std::abs(std::remainder(a[t] - b[t], kTwoPi)) > 1e-9) result.push_back(t);
  return result;
}

TEST(TorsionReset, BothDensitiesAreThoseWrittenOutByHand) {
  Hexane hexane;
  for (std::size_t c = 0; c < 12; ++c)  // colder ones use the model as it is
    hexane.chains.states[c].temperature_K = 200.0 + 50.0 * static_cast<double>(c);
  std::set<std::vector<std::size_t>> subsets;
  for (std::size_t n : {1, 2, 3})
    for (std::uint64_t step = 0; step < 10; ++step) {
      const auto batch = hexane.reset(n)->sample(hexane.chains.view(), {test_seed(31), step});
      for (std::size_t c = 0; c < 12; ++c) {
        const auto before = hexane.angles(hexane.chains.positions.view().chain(c));
        const auto after = hexane.angles(batch.positions.view().chain(c));
        const auto subset = changed(before, after);
        ASSERT_EQ(subset.size(), n);
        subsets.insert(subset);
        const double power = std::min(1.0, 300.0 / hexane.chains.states[c].temperature_K);
        const double tolerance = tolerance_scale() * 1e-10;  // angles recomputed from positions
        EXPECT_NEAR(batch.log_forward[c], subset_by_hand(hexane, subset, after, power), tolerance);
        EXPECT_NEAR(batch.log_reverse[c], subset_by_hand(hexane, subset, before, power), tolerance);
      }
    }
  EXPECT_EQ(subsets.size(), 7u);  // every non-empty subset
}

TEST(TorsionReset, TheWayBackHasTheSameDensitiesExchanged) {
  const Hexane hexane;
  for (std::size_t n : {1, 2, 3}) {
    const StepKey key{test_seed(32), n};
    const auto there = hexane.reset(n)->sample(hexane.chains.view(), key);
    for (std::size_t c = 0; c < 12; ++c) {
      // The subset is the same function of key and chain wherever the chain is.
      RandomStream stream(key, StreamName::kTorsionSubset, static_cast<std::uint32_t>(c));
      const TorsionResetParts parts{hexane.graph, hexane.model, {n, 0.2, 300.0}};
      auto state = begin_reset(parts, 300.0, there.positions.view().chain(c), stream);
      ASSERT_TRUE(state.has_value());
      const auto before = hexane.angles(hexane.chains.positions.view().chain(c));
      std::vector<double> old;
      for (std::size_t torsion : state->density.subset()) old.push_back(before[torsion]);
      const double forward = state->density.log_density(old);
      const double reverse = state->density.log_density(state->tau);
      EXPECT_NEAR((there.log_reverse[c] - there.log_forward[c]) + (reverse - forward), 0.0,
                  tolerance_scale() * 1e-10);
      EXPECT_NEAR(forward, there.log_reverse[c], tolerance_scale() * 1e-10);
    }
  }
}

/// Writes down what it is asked.
class NotedModel final : public TorsionModel {
 public:
  std::string name() const override { return "noted"; }
  std::size_t n_torsions() const override { return 3; }
  void density(std::size_t torsion, const TorsionContext& context,
               VonMisesMixture& out) const override {
    questions.push_back({torsion,
                         {context.torsions.begin(), context.torsions.end()},
                         {context.known.begin(), context.known.end()},
                         {context.inversions.begin(), context.inversions.end()}});
    out = VonMisesMixture();
  }
  struct Question {
    std::size_t torsion;
    std::vector<double> torsions;
    std::vector<std::uint8_t> known;
    std::vector<int> inversions;
  };
  mutable std::vector<Question> questions;
};

TEST(TorsionSubsetDensity, AsksInTheOrderOfTheGraphAndShowsOnlyWhatIsKnown) {
  const NotedModel model;
  const std::vector<double> torsions = {0.1, 0.2, 0.3}, given = {1.1, 1.3};
  TorsionSubsetDensity density(model, {}, 300.0, {0, 2}, torsions, {-1, 1});
  density.log_density(given);
  auto stream = test_stream(33);
  std::vector<double> drawn(2);
  density.draw(stream, drawn);
  ASSERT_EQ(model.questions.size(), 3u);  // the first torsion's density is asked for once
  for (const auto& question : model.questions)
    EXPECT_THAT(question.inversions, ::testing::ElementsAre(-1, 1));
  EXPECT_EQ(model.questions[0].torsion, 0u);
  EXPECT_THAT(model.questions[0].known, ::testing::ElementsAre(0, 1, 0));
  EXPECT_THAT(model.questions[0].torsions, ::testing::ElementsAre(0.0, 0.2, 0.0));
  for (std::size_t q : {1, 2}) {
    EXPECT_EQ(model.questions[q].torsion, 2u);
    EXPECT_THAT(model.questions[q].known, ::testing::ElementsAre(1, 1, 0));
  }
  EXPECT_THAT(model.questions[1].torsions, ::testing::ElementsAre(1.1, 0.2, 0.0));
  EXPECT_THAT(model.questions[2].torsions, ::testing::ElementsAre(drawn[0], 0.2, 0.0));
}

TEST(TorsionSubsetDensity, AModelWithoutADensityIsNamed) {
  class Broken final : public TorsionModel {
    std::string name() const override { return "broken"; }
    std::size_t n_torsions() const override { return 1; }
    void density(std::size_t, const TorsionContext&, VonMisesMixture& out) const override {
      out = {1, 0.0, {0.0}, {0.0}, {1.0}};
    }
  };
  const std::vector<double> torsions = {0.1};
  const Broken model;
  TorsionSubsetDensity density(model, {}, 300.0, {0}, torsions, {});
  EXPECT_EQ(message_of<ModelError>([&] { density.log_density(torsions); }),
            "torsion model broken: the density of a torsion is not a number; expected weights >= 0 "
            "with a positive sum, finite means and finite concentrations >= 0");
}

TEST(TorsionSubset, FirstIsUniformAndOthersAreNeighbours) {
  // A chain of four torsions by hand: the ends know only their neighbours.
  TorsionGraph graph;
  graph.torsions.resize(4);
  graph.torsions[0].neighbours = {1};
  graph.torsions[1].neighbours = {0, 2};
  graph.torsions[2].neighbours = {1, 3};
  graph.torsions[3].neighbours = {2};
  constexpr std::size_t kDraws = 40000;
  std::map<std::vector<std::size_t>, double> share;
  auto stream = test_stream(34);
  for (std::size_t i = 0; i < kDraws; ++i)
    share[draw_torsion_subset(graph, 2, stream)] += 1.0 / kDraws;
  // {0, 1}: from 0 always, from 1 half the time; {1, 2}: half the time from both.
  // Hoeffding: a share is off by more than 0.0145 with probability below 1e-7.
  constexpr double kBound = 0.0145;
  EXPECT_EQ(share.size(), 3u);
  EXPECT_NEAR((share[{0, 1}]), 0.375, tolerance_scale() * kBound);
  EXPECT_NEAR((share[{1, 2}]), 0.25, tolerance_scale() * kBound);
  EXPECT_NEAR((share[{2, 3}]), 0.375, tolerance_scale() * kBound);
  // Where there are fewer neighbours than wanted, all of them.
  std::set<std::vector<std::size_t>> large;
  for (int i = 0; i < 100; ++i) large.insert(draw_torsion_subset(graph, 4, stream));
  EXPECT_THAT(large, ::testing::ElementsAre(
                         std::vector<std::size_t>{0, 1}, std::vector<std::size_t>{0, 1, 2},
                         std::vector<std::size_t>{1, 2, 3}, std::vector<std::size_t>{2, 3}));
}

TEST(TorsionReset, KeepsTheInterfacesPromises) {
  const Hexane hexane;
  for (std::size_t n : {1, 2, 3}) {
    const auto reset = hexane.reset(n);
    EXPECT_EQ(reset->name(), "torsion_reset_" + std::to_string(n));
    expect_proposal_invariants(*reset, hexane.chains, {test_seed(35), n});
    expect_move_invariants(Metropolis(reset), hexane.chains,
                           Canonical(hexane.molecule.energy(), ReferenceMeasure::kCartesian),
                           {test_seed(36), n});
  }
}

/// Puts the first three atoms of a chain on a line.
void straighten(Span<double> x) {
  for (std::size_t a = 0; a < 3; ++a) {
    x[3 * a] = 0.15 * static_cast<double>(a);
    x[3 * a + 1] = x[3 * a + 2] = 0.0;
  }
}

TEST(TorsionReset, StaysWhereATorsionIsUndefined) {
  Hexane hexane;
  straighten(hexane.chains.positions.chain(1));
  const auto batch = hexane.reset(1)->sample(hexane.chains.view(), {test_seed(37), 0});
  EXPECT_EQ(batch.log_forward[1], -std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isfinite(batch.log_forward[0]));
  EXPECT_TRUE(std::isfinite(batch.log_forward[2]));
}

/// Asks in the order of the graph, shows only what is known, and asks for the first torsion once.
TEST(TorsionReset, AsksAsTorsionSubsetDensityDoes) {
  const Hexane hexane;
  const auto noted = std::make_shared<NotedModel>();
  const TorsionResetOptions options{2, 0.2, 300.0};
  const ChainView one = {
      hexane.chains.positions.view().slice(0, 1), {hexane.chains.states.data(), 1}, 0};
  const StepKey key{test_seed(38), 0};
  TorsionReset(hexane.graph, noted, options).sample(one, key);
  const auto asked = noted->questions;
  noted->questions.clear();
  PlainTorsionReset({hexane.graph, noted, options}).sample(one, key);
  const auto expected = noted->questions;
  ASSERT_EQ(asked.size(), 3u);
  ASSERT_EQ(expected.size(), 3u);
  for (std::size_t q = 0; q < 3; ++q) {
    EXPECT_EQ(asked[q].torsion, expected[q].torsion);
    EXPECT_EQ(asked[q].known, expected[q].known);
    EXPECT_EQ(asked[q].inversions, expected[q].inversions);
    for (std::size_t t = 0; t < 3; ++t)
      EXPECT_NEAR(asked[q].torsions[t], expected[q].torsions[t], tolerance_scale() * 1e-12);
  }
}

/// A broken model is named before an angle is drawn from it, which would never end.
TEST(TorsionReset, NamesAModelWithoutADensity) {
  class Broken final : public TorsionModel {
   public:
    explicit Broken(VonMisesMixture mixture) : mixture_(std::move(mixture)) {}
    std::string name() const override { return "broken"; }
    std::size_t n_torsions() const override { return 3; }
    void density(std::size_t, const TorsionContext&, VonMisesMixture& out) const override {
      out = mixture_;
    }

   private:
    VonMisesMixture mixture_;
  };
  const Hexane hexane;
  const double nan = std::nan("");
  for (const VonMisesMixture& mixture :
       {VonMisesMixture{1, 0.0, {0.0}, {0.0}, {1.0}}, VonMisesMixture{1, 0.0, {nan}, {0.0}, {1.0}},
        VonMisesMixture{1, 0.0, {1.0}, {nan}, {1.0}},
        VonMisesMixture{1, 0.0, {1.0}, {0.0}, {nan}}}) {
    const TorsionReset reset(hexane.graph, std::make_shared<Broken>(mixture), {2, 0.2, 300.0});
    EXPECT_EQ(
        message_of<ModelError>([&] {
          reset.sample(hexane.chains.view(), {test_seed(39), 0});
        }),
        "torsion model broken: the density of a torsion is not a number; expected weights >= 0 "
        "with a positive sum, finite means and finite concentrations >= 0");
  }
}

TEST(TorsionReset, RefusesBadOptions) {
  const Hexane hexane;
  const auto message = [&](const TorsionResetOptions& options) {
    return message_of<InputError>([&] { TorsionReset(hexane.graph, hexane.model, options); });
  };
  EXPECT_EQ(message({0, 0.1, 300.0}),
            "torsion_reset: n_torsions is 0, expected 1 to the 3 of the molecule");
  EXPECT_EQ(message({4, 0.1, 300.0}),
            "torsion_reset: n_torsions is 4, expected 1 to the 3 of the molecule");
  for (double uniform : {0.0, 1.1, std::nan("")})
    EXPECT_EQ(message({1, uniform, 300.0}), "torsion_reset: uniform must be above 0 and at most 1");
  for (double temperature_K : {0.0, std::nan("")})
    EXPECT_EQ(message({1, 0.1, temperature_K}),
              "torsion_reset: model_temperature_K must be positive and finite");
  const auto other = std::make_shared<UniformTorsionModel>(2);
  EXPECT_EQ(message_of<InputError>([&] { TorsionReset(hexane.graph, other, {}); }),
            "torsion_reset: the model uniform is for 2 torsions, the molecule has 3");
  const auto rigid = std::make_shared<TorsionGraph>();
  EXPECT_EQ(message_of<InputError>(
                [&] { TorsionReset(rigid, std::make_shared<UniformTorsionModel>(0), {}); }),
            "torsion_reset: the molecule has no torsion that can be turned");
  EXPECT_EQ(message_of<InternalError>([&] { TorsionReset(nullptr, hexane.model, {}); }),
            "torsion_reset without a graph or a model");
}

}  // namespace
}  // namespace saltus::tests
