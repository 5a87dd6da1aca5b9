// Oracles: sums and distances that can be worked out by hand, tables of Student's t.
#include "tests/bench/torsion_metrics.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "engine/torsions/histogram_torsion_model.h"

namespace saltus::tests {
namespace {

using engine::kPi;
using engine::kTwoPi;

constexpr double kRounding = 1e-12;

engine::TorsionGraph graph_of_one(int symmetry) {
  engine::TorsionGraph graph;
  graph.torsions.resize(1);
  graph.torsions[0].symmetry = symmetry;
  return graph;
}

TEST(TorsionKl, IsThatOfShares) {
  const std::vector<double> predicted = {0.01, 0.02, 0.03, 1.01};
  const std::vector<double> reference = {0.01, 1.02};
  const double expected = 0.75 * std::log(0.75 / 0.5) + 0.25 * std::log(0.25 / 0.5);
  EXPECT_NEAR(torsion_kl(predicted, reference), expected, kRounding);
  EXPECT_NEAR(torsion_kl(reference, reference), 0.0, kRounding);
}

TEST(TorsionKl, CountsEmptyBinsAsTheFloor) {
  const std::vector<double> here = {0.01}, there = {2.01};
  // 1 log(1 / 1e-10) there, 1e-10 log(1e-10 / 1) here
  EXPECT_NEAR(torsion_kl(here, there), (1.0 - 1e-10) * std::log(1e10), 1e-9);
}

TEST(TorsionKl, RefusesWhatIsNoAngle) {
  const std::vector<double> good = {0.0}, bad = {std::nan("")}, none;
  EXPECT_THROW(torsion_kl(bad, good), engine::InternalError);
  EXPECT_THROW(torsion_kl(good, none), engine::InternalError);
}

TEST(CircularW1, GoesTheShortWayRound) {
  const std::vector<double> a = {-kPi + 0.1}, b = {kPi - 0.1}, c = {0.5}, d = {-0.25};
  EXPECT_NEAR(circular_w1(a, b), 0.2, kRounding);
  EXPECT_NEAR(circular_w1(c, d), 0.75, kRounding);
  EXPECT_NEAR(circular_w1(a, a), 0.0, kRounding);
}

TEST(CircularW1, SplitsMass) {
  // Half of the mass stays, half moves by 1 rad; sizes differ.
  const std::vector<double> a = {0.0, 1.0}, b = {0.0, 0.0, 0.0, 0.0};
  EXPECT_NEAR(circular_w1(a, b), 0.5, kRounding);
  // A point from the uniform distribution: the mean distance on the circle, pi / 2.
  std::vector<double> uniform;
  constexpr int kPoints = 1000;
  for (int i = 0; i < kPoints; ++i) uniform.push_back(-kPi + kTwoPi * i / kPoints);
  EXPECT_NEAR(circular_w1(std::vector<double>{0.3}, uniform), 0.5 * kPi, kTwoPi / kPoints);
}

TEST(MeanDistance, AveragesOverTorsions) {
  const std::vector<double> predicted = {0.0, 1.0, 0.0, 1.0}, reference = {0.0, 1.5, 0.0, 1.5};
  EXPECT_NEAR(mean_distance(torsion_distances(predicted, reference, 2)).w1, 0.25, kRounding);
}

TEST(ModelDraws, FillTheCircleWhenNothingIsKnown) {
  engine::TorsionGraph graph = graph_of_one(1);
  engine::TorsionBond& torsion = graph.torsions[0];
  torsion.bond = {1, 2, {3}};
  torsion.ends[0].atom = 1;
  torsion.ends[0].reference = 0;
  torsion.ends[1].atom = 2;
  torsion.ends[1].reference = 3;
  const std::vector<double> bent = {0.1, 0.1, 0.0, 0.0, 0.0, 0.0, 0.15, 0.0, 0.0, 0.2, 0.1, 0.0};
  const engine::ConstCoordinates frame = {bent.data(), 1, 4};
  const engine::UniformTorsionModel model(1);
  constexpr std::size_t kDraws = 2000;
  const auto draws = model_draws(graph, model, kDraws, frame, 7);
  ASSERT_EQ(draws.size(), kDraws);
  for (const double share : sixth_populations(graph, 0, draws))
    EXPECT_NEAR(share, 1.0 / 6.0, 0.05);  // six standard errors
  EXPECT_EQ(draws, model_draws(graph, model, kDraws, frame, 7));
  EXPECT_NE(draws, model_draws(graph, model, kDraws, frame, 8));
}

TEST(SixthPopulations, AreSymmetrised) {
  const auto methyl = sixth_populations(graph_of_one(3), 0, {0.1});
  const std::vector<double> alternating = {0.0, 1.0 / 3.0, 0.0, 1.0 / 3.0, 0.0, 1.0 / 3.0};
  for (std::size_t b = 0; b < 6; ++b) EXPECT_NEAR(methyl[b], alternating[b], kRounding) << b;
  const auto plain = sixth_populations(graph_of_one(1), 0, {0.1, -3.1});
  EXPECT_NEAR(plain[3], 0.5, kRounding);
  EXPECT_NEAR(plain[0], 0.5, kRounding);
  EXPECT_EQ(n_distinct_sixths(1), 6u);
  EXPECT_EQ(n_distinct_sixths(2), 3u);
  EXPECT_EQ(n_distinct_sixths(3), 2u);
  EXPECT_EQ(n_distinct_sixths(6), 1u);
}

TEST(DifferenceOfMeans, IsWelchs) {
  // Equal variances and sizes: 2 (n - 1) degrees of freedom.
  const std::vector<double> a = {1.0, 2.0, 3.0}, b = {3.0, 4.0, 5.0};
  const MeanDifference difference = difference_of_means(a, b);
  EXPECT_NEAR(difference.t, -2.0 / std::sqrt(2.0 / 3.0), kRounding);
  EXPECT_NEAR(difference.freedom, 4.0, kRounding);
  // t = 2.776445 is the 97.5th percentile for 4 degrees of freedom, 1.959964 the normal one.
  const double shift = 2.776445 * std::sqrt(2.0 / 3.0);
  EXPECT_NEAR(difference_of_means({1.0 + shift, 2.0 + shift, 3.0 + shift}, a).z, 1.959964, 1e-5);
  EXPECT_EQ(difference_of_means({0.5, 0.5}, {0.5, 0.5}).z, 0.0);
}

TEST(Estimates, HaveStandardErrors) {
  const Estimate mean = mean_of({1.0, 2.0, 3.0});
  EXPECT_NEAR(mean.value, 2.0, kRounding);
  EXPECT_NEAR(mean.error, 1.0 / std::sqrt(3.0), kRounding);
  EXPECT_TRUE(std::isnan(mean_of({1.0}).error));
  std::vector<double> many;
  for (int i = 0; i <= 400; ++i) many.push_back(i / 400.0);
  const Estimate middle = median_of(many);
  EXPECT_NEAR(middle.value, 0.5, kRounding);
  EXPECT_NEAR(middle.error, 0.5 / std::sqrt(401.0), 0.004);  // 1 / (2 f sqrt(n)), f = 1
}

}  // namespace
}  // namespace saltus::tests
