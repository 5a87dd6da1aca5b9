// Oracle: torsions drawn from Markov chains, whose entropies are known in closed form or by
// quadrature; and the documented message for each bad input.
#include "mlsamplers/training/torsion_trainer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "engine/torsions/von_mises_mixture.h"
#include "mlsamplers/torsions/network_torsion_model.h"
#include "tests/mlsamplers/torsion_fixture.h"
#include "tests/support/errors.h"

namespace saltus::tests {
namespace {

using mlsamplers::TorsionSamples;
using mlsamplers::TorsionTrainingOptions;
using mlsamplers::train_torsion_network;

const double kUniformEntropy = std::log(engine::kTwoPi);

/// Mean -log p of chain torsions given their two neighbours along the chain: a von Mises density
/// about the direction of the sum of what both say.
double conditional_entropy(const ChainSamples& chain) {
  const std::size_t r = chain.order.size();
  double sum = 0.0;
  for (std::size_t s = 0; s < chain.samples.n_samples; ++s)
    for (std::size_t i = 0; i < r; ++i) {
      const float* tau = &chain.samples.torsions[s * r];
      double x = 0.0, y = 0.0;
      for (std::size_t j : {i - 1, i + 1}) {
        if (j >= r) continue;  // i - 1 wraps
        x += kChainConcentration * std::cos(tau[j]);
        y += kChainConcentration * chain.sign * std::sin(tau[j]);
      }
      const engine::VonMisesMixture exact{1, 0.0, {1.0}, {std::atan2(y, x)}, {std::hypot(x, y)}};
      sum -= exact.log_density(tau[i]);
    }
  return sum / static_cast<double>(chain.samples.n_samples * r);
}

// What a network of this size and this little training misses, in nats: with five seeds it was at
// most 0.003 of marginals and 0.10 of conditionals, which are worth more than 1. And by how much
// 1000 samples can look better than they are: six standard errors of about 0.015.
constexpr double kMissedOfMarginals = 0.03, kMissedOfConditionals = 0.2, kLuck = 0.09;

TEST(TorsionTrainer, FindsMarginalsAndConditionalsOfChains) {
  for (bool hydroxyl : {false, true}) {
    const ChainSamples chain = draw_chain(5, hydroxyl, 1000, 77);
    const auto model = trained_on_chains().network.model_for(chain.samples.graph);
    const double marginal = mean_nll(*model, chain.samples, false);
    EXPECT_LT(marginal, kUniformEntropy + kMissedOfMarginals);
    EXPECT_GT(marginal, kUniformEntropy - kLuck);
    const double conditional = mean_nll(*model, chain.samples, true),
                 entropy = conditional_entropy(chain);
    ASSERT_LT(entropy, kUniformEntropy - 1.0);  // there is something to learn
    EXPECT_LT(conditional, entropy + kMissedOfConditionals);
    EXPECT_GT(conditional, entropy - kLuck);
  }
}

TEST(TorsionTrainer, LearnsTheMirrorImageOfWhatItSees) {
  const TorsionSamples seen = draw_chiral(1000, 88);
  const TorsionSamples image = mlsamplers::mirror_image(seen);
  const auto model = trained_on_chains().network.model_for(seen.graph),
             image_model = trained_on_chains().network.model_for(image.graph);
  EXPECT_NEAR(mean_nll(*model, seen, false), mean_nll(*image_model, image, false),
              kMissedOfConditionals);
  // The other hand's torsions are not explained: 1 rad off on both sides.
  EXPECT_GT(mean_nll(*image_model, seen, false), mean_nll(*model, seen, false) + 0.5);
}

TEST(TorsionTrainer, ReportsWhatItScores) {
  const auto& trained = trained_on_chains();
  const mlsamplers::ModelCard& card = trained.network.card();
  EXPECT_EQ(card.kind, "torsion_mixtures");
  EXPECT_EQ(card.precision, "float32");
  ASSERT_TRUE(card.transferable);
  EXPECT_EQ(card.transferable->elements, (std::vector<std::string>{"H", "C", "O", "F"}));
  EXPECT_EQ(card.transferable->n_molecules, 25u);
  EXPECT_EQ(card.transferable->seed, 7u);
  EXPECT_EQ(card.transferable->data, "drawn chains");
  EXPECT_EQ(card.transferable->scores.at("all_known"), trained.held_out.all_known);
  EXPECT_LT(trained.held_out.all_known, trained.held_out.random_order);
  EXPECT_LT(trained.held_out.random_order, trained.held_out.nothing_known);
}

TEST(TorsionTrainer, GivesTheSameNetworkOnAnyNumberOfThreads) {
  const auto molecules = chains_to_train_on();
  TorsionTrainingOptions options = quick_training();
  options.n_epochs = 2;
  options.n_parts = 2;
  options.dropout = 0.1;
  std::vector<mlsamplers::TorsionTrainingState> states[2];
  for (std::size_t threads : {1, 2}) {
    const auto trained = train_torsion_network(
        molecules, options, {},
        threads == 1 ? nullptr : std::make_shared<engine::ThreadPool>(threads),
        [&](const auto& state) { states[threads - 1].push_back(state); });
    EXPECT_GE(trained.best_epoch, 1u);
  }
  ASSERT_EQ(states[0].size(), 2u);
  ASSERT_EQ(states[1].size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(states[0][i].epoch, i + 1);
    EXPECT_EQ(states[0][i].n_epochs, 2u);
    EXPECT_EQ(states[0][i].training, states[1][i].training);
    EXPECT_EQ(states[0][i].held_out.mean(), states[1][i].held_out.mean());
  }
  EXPECT_EQ(states[0][1].seconds_left, 0.0);
}

std::string refusal(const std::vector<TorsionSamples>& molecules,
                    const TorsionTrainingOptions& options = quick_training()) {
  return message_of<engine::InputError>(
      [&] { train_torsion_network(molecules, options, {}, nullptr, nullptr); });
}

TEST(TorsionTrainer, RefusesBadData) {
  const auto good = draw_chain(3, false, 10, 1).samples;
  EXPECT_EQ(refusal({good}),
            "torsion training: at least 2 molecules are needed, one of them to be held out");
  const auto refused = [&good](const std::function<void(TorsionSamples&)>& spoil) {
    TorsionSamples bad = good;
    spoil(bad);
    return refusal({good, bad});
  };
  const std::string where = "torsion training: molecule 'fluorine': ";
  EXPECT_EQ(refused([](auto& m) { m.graph.torsions.clear(); }), where + "it has no torsion");
  EXPECT_EQ(refused([](auto& m) { m.n_samples = 0; }), where + "it has no samples");
  EXPECT_EQ(refused([](auto& m) { m.torsions.pop_back(); }),
            where + "expected 20 torsion angles (samples x torsions), found 19");
  EXPECT_EQ(refused([](auto& m) { m.inversions.push_back(1); }),
            where + "expected 0 signs (samples x invertible centres), found 1");
  EXPECT_EQ(refused([](auto& m) { m.torsions[3] = std::numeric_limits<float>::infinity(); }),
            where + "an angle is not finite");
  EXPECT_EQ(refused([](auto& m) { m.graph.atoms[0].atomic_number = 26; }),
            where + "no features for element Fe");
  EXPECT_EQ(refused([](auto& m) {
              m.graph.inversions.push_back({1, {0, 2, 3}});
              m.inversions.assign(10, 0);
            }),
            where + "a sign of an invertible centre is neither +1 nor -1");
}

TEST(TorsionTrainer, RefusesBadOptions) {
  const auto molecules = chains_to_train_on();
  const auto refused = [&molecules](const std::function<void(TorsionTrainingOptions&)>& spoil) {
    TorsionTrainingOptions options = quick_training();
    spoil(options);
    return refusal(molecules, options);
  };
  EXPECT_EQ(refused([](auto& o) { o.n_epochs = 0; }),
            "torsion training: epochs, molecules and samples of a batch must be positive");
  EXPECT_EQ(refused([](auto& o) { o.dropout = 1.0; }),
            "torsion training: dropout must be in [0, 1)");
  EXPECT_EQ(refused([](auto& o) { o.held_out_fraction = 0.0; }),
            "torsion training: the held-out fraction must be between 0 and 1");
  EXPECT_EQ(refused([](auto& o) { o.learning_rate = -1.0; }),
            "torsion training: learning rates and the largest gradient must be positive, weight "
            "decay not negative");
  EXPECT_EQ(refused([](auto& o) { o.n_parts = 0; }),
            "torsion training: the parts of a batch must be positive");
  EXPECT_EQ(refused([](auto& o) { o.shape.n_head = 40; }),
            "torsion network: widths must be multiples of 16, hidden and embedding at most 1024 "
            "and head at most 128; 1 to 64 layers; 1 to 32 components");
}

}  // namespace
}  // namespace saltus::tests
