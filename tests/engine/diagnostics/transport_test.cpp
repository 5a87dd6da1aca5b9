// Oracles: closed forms, all permutations of few points, and the known rate at which distances of
// equal distributions fall.
#include "engine/diagnostics/transport.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/core/units.h"
#include "tests/support/errors.h"

namespace saltus::engine {
namespace {

using tests::message_of;
using Values = std::vector<double>;

constexpr double kRounding = 1e-12;

double w1(const WeightedSample& a, const WeightedSample& b) {
  return wasserstein(a, b, WassersteinOrder::kOne);
}
double w2(const WeightedSample& a, const WeightedSample& b) {
  return wasserstein(a, b, WassersteinOrder::kTwo);
}

Values normals(std::size_t n, std::uint32_t chain, double mean = 0.0, double width = 1.0) {
  RandomStream stream({21, 0}, StreamName::kTest, chain);
  Values values;
  for (std::size_t i = 0; i < n; ++i) values.push_back(mean + width * stream.normal());
  return values;
}

Values uniforms(std::size_t n, std::uint32_t chain) {
  RandomStream stream({22, 0}, StreamName::kTest, chain);
  Values values;
  for (std::size_t i = 0; i < n; ++i) values.push_back(kTwoPi * stream.uniform() - kPi);
  return values;
}

TEST(Wasserstein, OfShiftedSamplesIsTheShift) {
  const Values a = {3.0, 1.0, 2.0}, b = {4.5, 5.5, 3.5};
  EXPECT_NEAR(w1({a, {}}, {b, {}}), 2.5, kRounding);
  EXPECT_NEAR(w2({a, {}}, {b, {}}), 2.5, kRounding);
}

TEST(Wasserstein, OfSamplesOfDifferentSizeByHand) {
  const Values a = {0.0}, b = {0.0, 1.0}, c = {0.0, 1.0, 2.0};
  EXPECT_NEAR(w1({a, {}}, {b, {}}), 0.5, kRounding);
  EXPECT_NEAR(w2({a, {}}, {b, {}}), std::sqrt(0.5), kRounding);
  // Quantiles of b and c differ by 0, 1, 0, 1 on parts 1/3, 1/6, 1/6, 1/3.
  EXPECT_NEAR(w1({b, {}}, {c, {}}), 0.5, kRounding);
}

TEST(Wasserstein, TakesWeights) {
  const Values a = {0.0, 1.0}, weights = {1.0, 3.0}, b = {1.0}, c = {0.0, 1.0, 1.0, 1.0};
  EXPECT_NEAR(w1({a, weights}, {b, {}}), 0.25, kRounding);
  EXPECT_NEAR(w2({a, weights}, {b, {}}), 0.5, kRounding);
  EXPECT_NEAR(w1({a, weights}, {c, {}}), 0.0, kRounding);
}

TEST(Wasserstein, OfNormalDistributions) {
  // W2^2 = (difference of means)^2 + (difference of widths)^2.
  const Values a = normals(40000, 1), b = normals(40000, 2, 1.0, 2.0);
  EXPECT_NEAR(w2({a, {}}, {b, {}}), std::sqrt(2.0), 0.05);
}

TEST(Wasserstein, FallsWithTheSizeOfEqualSamples) {
  double small = 0.0, large = 0.0;
  for (std::uint32_t i = 0; i < 100; ++i) {
    const Values a = normals(100, 2 * i), b = normals(100, 2 * i + 1);
    const Values c = normals(400, 2 * i + 1000), d = normals(400, 2 * i + 1001);
    small += w1({a, {}}, {b, {}});
    large += w1({c, {}}, {d, {}});
  }
  // As n^(-1/2); a mean of a hundred has an error of some 5 %.
  EXPECT_NEAR(small / large, 2.0, 0.4);
}

double squared(const PointSample& a, std::size_t i, const PointSample& b, std::size_t j,
               PointMetric metric) {
  double sum = 0.0;
  for (std::size_t k = 0; k < a.n_dimensions; ++k) {
    double d = std::abs(a.values[i * a.n_dimensions + k] - b.values[j * a.n_dimensions + k]);
    if (metric == PointMetric::kTorus) d = std::min(d, kTwoPi - d);
    sum += d * d;
  }
  return sum;
}

double brute_force(const PointSample& a, const PointSample& b, PointMetric metric) {
  std::vector<std::size_t> order(a.n_points());
  std::iota(order.begin(), order.end(), std::size_t{0});
  double least = 1e300;
  do {
    double sum = 0.0;
    for (std::size_t i = 0; i < order.size(); ++i) sum += squared(a, i, b, order[i], metric);
    least = std::min(least, sum);
  } while (std::next_permutation(order.begin(), order.end()));
  return std::sqrt(least / static_cast<double>(order.size()));
}

TEST(PointDistance, IsTheLeastOfAllPermutations) {
  for (PointMetric metric : {PointMetric::kEuclidean, PointMetric::kTorus})
    for (std::uint32_t trial = 0; trial < 40; ++trial) {
      const std::size_t n = 1 + trial % 7, d = 1 + trial % 3;
      const Values x = uniforms(n * d, 2 * trial), y = uniforms(n * d, 2 * trial + 1);
      const PointSample a{x, d}, b{y, d};
      EXPECT_NEAR(wasserstein_2(a, b, metric), brute_force(a, b, metric), 1e-9)
          << "trial " << trial;
    }
}

TEST(PointDistance, InOneDimensionIsThatOfSorting) {
  const Values x = normals(600, 5), y = normals(600, 6, 0.3);
  EXPECT_NEAR(wasserstein_2({x, 1}, {y, 1}, PointMetric::kEuclidean), w2({x, {}}, {y, {}}), 1e-9);
}

TEST(PointDistance, OfAShiftedSampleIsTheShift) {
  const Values x = normals(2 * 500, 7);
  Values y = x;
  for (std::size_t i = 0; i < y.size(); i += 2) y[i] += 0.3;
  std::rotate(y.begin(), y.begin() + 200, y.end());
  EXPECT_NEAR(wasserstein_2({x, 2}, {y, 2}, PointMetric::kEuclidean), 0.3, 1e-9);
}

TEST(PointDistance, PairsEveryPointOnce) {
  const Values x = uniforms(3 * 300, 8), y = uniforms(3 * 300, 9);
  std::vector<std::size_t> partner = best_pairing({x, 3}, {y, 3}, PointMetric::kTorus);
  std::sort(partner.begin(), partner.end());
  for (std::size_t i = 0; i < partner.size(); ++i) ASSERT_EQ(partner[i], i);
}

TEST(PointDistance, TakesEqualPoints) {
  const Values x(2 * 64, 0.5), y(2 * 64, 1.5);
  EXPECT_NEAR(wasserstein_2({x, 2}, {y, 2}, PointMetric::kEuclidean), std::sqrt(2.0), kRounding);
  Values grid_a, grid_b;
  for (int i = 0; i < 100; ++i) {
    grid_a.push_back(i % 5);
    grid_b.push_back(i % 4);
  }
  EXPECT_NEAR(wasserstein_2({grid_a, 1}, {grid_b, 1}, PointMetric::kEuclidean),
              w2({grid_a, {}}, {grid_b, {}}), 1e-9);
}

TEST(PointDistance, WrapsAngles) {
  const Values a = {3.1}, b = {-3.1}, c = {3.1 + 4.0 * kPi};
  EXPECT_NEAR(wasserstein_2({a, 1}, {b, 1}, PointMetric::kTorus), kTwoPi - 6.2, kRounding);
  EXPECT_NEAR(wasserstein_2({a, 1}, {c, 1}, PointMetric::kTorus), 0.0, 1e-9);
  EXPECT_NEAR(wasserstein_2({a, 1}, {b, 1}, PointMetric::kEuclidean), 6.2, kRounding);
}

TEST(PointDistance, FallsWithTheSizeOfEqualSamples) {
  double small = 0.0, large = 0.0;
  for (std::uint32_t i = 0; i < 12; ++i) {
    const Values a = uniforms(2 * 100, 4 * i), b = uniforms(2 * 100, 4 * i + 1);
    const Values c = uniforms(2 * 400, 4 * i + 2), d = uniforms(2 * 400, 4 * i + 3);
    small += wasserstein_2({a, 2}, {b, 2}, PointMetric::kTorus);
    large += wasserstein_2({c, 2}, {d, 2}, PointMetric::kTorus);
  }
  // As (ln n / n)^(1/2) in two dimensions: 1.75.
  EXPECT_NEAR(small / large, 1.75, 0.35);
}

TEST(PointDistance, RefusesWhatDoesNotFit) {
  const Values a = {0.0, 1.0}, b = {0.0};
  EXPECT_EQ(message_of<InputError>([&] {
              wasserstein_2({a, 1}, {b, 1}, PointMetric::kTorus);
            }),
            "Wasserstein distance of 2 and 1 points in 1 and 1 dimensions: expected equally many "
            "points, at least one, in the same space");
  const Values broken = {0.0, std::nan("")};
  EXPECT_EQ(message_of<InputError>([&] {
              wasserstein_2({a, 1}, {broken, 1}, PointMetric::kEuclidean);
            }),
            "Wasserstein distance: point 1 is not finite");
  EXPECT_EQ(message_of<InputError>([&] {
              w1({a, b}, {a, {}});
            }),
            "Wasserstein distance: 1 weights of 2 values");
  const Values none;
  EXPECT_EQ(message_of<InputError>([&] {
              w1({none, {}}, {a, {}});
            }),
            "Wasserstein distance: a sample is empty");
}

}  // namespace
}  // namespace saltus::engine
