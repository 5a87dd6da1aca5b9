// Oracle: published numbers of the DKW bound (n needed for a given power), exact uniform draws, and
// hand-made samples whose largest gap is known.
#include "tests/support/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/support/environment.h"
#include "tests/support/numerics.h"

namespace saltus::tests {
namespace {

double uniform_cdf(double x) { return x < 0.0 ? 0.0 : x > 1.0 ? 1.0 : x; }

TEST(Dkw, KnownSampleSizes) {
  // sqrt(ln(2e7) / (2 * 200000)) and the sizes at which gaps of 0.05, 0.02 and 0.01 are caught.
  EXPECT_NEAR(dkw_threshold(200000, 1e-7), 0.00648, 1e-5);
  constexpr double kPrinted = 1e-6;  // the sizes were published rounded
  EXPECT_NEAR(smallest_gap_caught(9404, 1e-7, 1e-3), 0.05, kPrinted);
  EXPECT_NEAR(smallest_gap_caught(58775, 1e-7, 1e-3), 0.02, kPrinted);
  EXPECT_NEAR(smallest_gap_caught(235101, 1e-7, 1e-3), 0.01, kPrinted);
}

TEST(DistributionCheck, GapOfAHandMadeSample) {
  // Steps of 1/4 at these places; the largest gap is just left of 0.5: 0.5 - 1/4.
  EXPECT_NEAR(check_distribution("four", {0.2, 0.9, 0.5, 0.7}, uniform_cdf).gap, 0.25, 1e-15);
  EXPECT_NEAR(check_distribution("one", {0.9}, uniform_cdf).gap, 0.9, 1e-15);
}

TEST(DistributionCheck, ExactDrawsPassAndShiftedOnesAreCaught) {
  auto stream = test_stream(5);
  std::vector<double> draws(100000), shifted;
  for (double& u : draws) u = stream.uniform();
  for (double u : draws) shifted.push_back(u + 0.02);
  expect_distribution("uniform", draws, uniform_cdf, 0.02);
  expect_caught(check_distribution("shifted by more than the power", shifted, uniform_cdf));
}

TEST(DistributionCheck, NanAndNothingFail) {
  EXPECT_FALSE(check_distribution("nan", {0.5, std::nan("")}, uniform_cdf, 0.5).passed());
  EXPECT_FALSE(check_distribution("nothing", {}, uniform_cdf).gap < 1.0);
}

TEST(DistributionCheck, ProjectionsShareAlphaAndReportTheWorst) {
  auto stream = test_stream(6);
  std::vector<double> good(10000), bad;
  for (double& u : good) u = stream.uniform();
  for (double u : good) bad.push_back(u * u);
  const DistributionCheck worst =
      check_projections({{"good", good, uniform_cdf}, {"bad", bad, uniform_cdf}});
  EXPECT_EQ(worst.label, "bad");
  EXPECT_DOUBLE_EQ(worst.threshold, tolerance_scale() * dkw_threshold(10000, 0.5 * kAlpha));
  EXPECT_FALSE(worst.passed());
}

TEST(Reversibility, SymmetricPairsPassAndDriftIsCaught) {
  auto stream = test_stream(7);
  std::vector<double> a(100000), b(100000), drifted(100000);
  for (std::size_t i = 0; i < a.size(); ++i) {
    a[i] = stream.uniform();
    b[i] = stream.uniform();
    drifted[i] = std::fmod(a[i] + 0.3, 1.0);  // keeps the uniform density, but not its balance
  }
  expect_passed(check_reversibility("independent", a, b, 0.3, 0.6), 0.04);
  expect_caught(check_reversibility("drifting", a, drifted, 0.3, 0.6));
}

TEST(PermutationTest, EqualSamplesAreLikelyAndShiftedOnesAreNot) {
  const std::vector<double> a = {1, 2, 3, 4, 5, 6, 7, 8};
  EXPECT_DOUBLE_EQ(permutation_p_value(a, a, 999, 1), 1.0);
  std::vector<double> far;
  for (double x : a) far.push_back(x + 100.0);
  // Only 2 of the 12870 ways to split are as extreme.
  EXPECT_LE(permutation_p_value(a, far, 999, 1), 0.005);
}

TEST(PermutationTest, IsCalibrated) {
  // p <= 0.1 at most a tenth of the time; among 400 such tests more than 80 has probability < 1e-8.
  std::size_t n_small = 0;
  for (std::uint32_t repeat = 0; repeat < 400; ++repeat) {
    auto stream = test_stream(8, repeat);
    std::vector<double> a(16), b(16);
    for (double& x : a) x = stream.normal();
    for (double& x : b) x = stream.normal();
    if (permutation_p_value(a, b, 199, repeat) <= 0.1) ++n_small;
  }
  EXPECT_LE(n_small, 80u);
  EXPECT_GE(n_small, 8u);
}

TEST(Ridders, KnownDerivatives) {
  EXPECT_NEAR(ridders_derivative([](double x) { return std::sin(x); }, 0.7, 0.1).value,
              std::cos(0.7), 1e-12);
  EXPECT_NEAR(ridders_derivative([](double x) { return x * x * x; }, 2.0, 0.5).value, 12.0, 1e-10);
}

TEST(Determinant, KnownValues) {
  EXPECT_NEAR(log_abs_determinant({0, 2, 3, 1}, 2), std::log(6.0), 1e-15);
  EXPECT_EQ(log_abs_determinant({1, 2, 2, 4}, 2), -std::numeric_limits<double>::infinity());
}

TEST(RandomRotation, IsARotation) {
  auto stream = test_stream(9);
  const auto r = random_rotation(stream);
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 3; ++j) {
      double dot = 0.0;
      for (std::size_t k = 0; k < 3; ++k) dot += r[3 * i + k] * r[3 * j + k];
      EXPECT_NEAR(dot, i == j ? 1.0 : 0.0, 1e-14);
    }
  const double determinant = r[0] * (r[4] * r[8] - r[5] * r[7]) -
                             r[1] * (r[3] * r[8] - r[5] * r[6]) +
                             r[2] * (r[3] * r[7] - r[4] * r[6]);
  EXPECT_NEAR(determinant, 1.0, 1e-14);
}

}  // namespace
}  // namespace saltus::tests
