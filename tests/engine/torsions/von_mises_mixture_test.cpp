// Oracle: quadrature by the trapezoidal rule, which on a periodic function is exact to rounding
// once the points resolve it; the sampler against the distribution function of the density.
#include "engine/torsions/von_mises_mixture.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "engine/potential/analytic.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"
#include "tests/support/statistics.h"

namespace saltus::tests {
namespace {

using engine::kPi;
using engine::kTwoPi;
using engine::VonMisesMixture;

/// exp(-kappa) I0(kappa) - 1 = mean of expm1(kappa (cos theta - 1)) over the circle.
double bessel_by_quadrature(double kappa) {
  constexpr int kPoints = 4000;  // 6 for each standard deviation at kappa = 1e4
  double sum = 0.0;
  for (int i = 0; i < kPoints; ++i) {
    const double half = std::sin(kPi * i / kPoints);
    sum += std::expm1(-2.0 * kappa * half * half);
  }
  return std::log1p(sum / kPoints);
}

TEST(BesselI0, AgreesWithQuadratureFromZeroToTenThousand) {
  EXPECT_EQ(engine::log_bessel_i0_scaled(0.0), 0.0);
  for (double kappa = 1e-12; kappa < 1.1e4; kappa *= 1.07) {
    const double expected = bessel_by_quadrature(kappa);
    // The sum of the oracle rounds in its 13th digit.
    EXPECT_NEAR(engine::log_bessel_i0_scaled(kappa), expected,
                tolerance_scale() * 1e-12 * std::abs(expected))
        << "kappa = " << kappa;
  }
}

TEST(BesselI0, AgreesWithSixtyDigits) {
  // log(besseli(0, x)) - x by mpmath 1.3 with 60 digits; both sides of the change of formula.
  const double table[][2] = {{1e-8, -9.999999975e-9},       {0.1, -0.097501560766123756619},
                             {1, -0.76408564149282135131},  {5, -1.6953182241774665662},
                             {8.9, -1.9970161377224787434}, {9, -2.0027803634112466401},
                             {9.1, -2.0084786608445259014}, {30, -2.6152985668280641501},
                             {700, -4.1943000015565509232}, {1e4, -5.5240962185676989955}};
  for (const auto& [kappa, expected] : table)
    EXPECT_NEAR(engine::log_bessel_i0_scaled(kappa), expected,
                tolerance_scale() * 2e-15 * std::abs(expected))
        << "kappa = " << kappa;
}

VonMisesMixture one_peak(double kappa, int fold = 1) { return {fold, 0.0, {1.0}, {0.7}, {kappa}}; }

VonMisesMixture three_peaks(int fold, double uniform) {
  return {fold, uniform, {0.5, 0.0, 0.3, 0.2}, {-2.0, 0.1, 0.3, 2.9}, {0.0, 5.0, 40.0, 7.0}};
}

double integral(const VonMisesMixture& mixture) {
  constexpr int kPoints = 20000;  // 5 for each standard deviation at kappa = 1e4, fold 6
  double sum = 0.0;
  for (int i = 0; i < kPoints; ++i)
    sum += std::exp(mixture.log_density(kTwoPi * i / kPoints - kPi));
  return sum * kTwoPi / kPoints;
}

TEST(VonMisesMixture, IntegratesToOne) {
  constexpr double kRounding = 1e-12;
  for (int fold : {1, 2, 3, 6})
    for (double uniform : {0.0, 0.02, 0.5, 1.0}) {
      SCOPED_TRACE("fold " + std::to_string(fold) + ", uniform " + std::to_string(uniform));
      EXPECT_NEAR(integral(three_peaks(fold, uniform)), 1.0, tolerance_scale() * kRounding);
      for (double kappa : {0.0, 1e-9, 1e-3, 0.5, 8.99, 9.01, 300.0, 1e4}) {
        VonMisesMixture mixture = one_peak(kappa, fold);
        mixture.uniform = uniform;
        EXPECT_NEAR(integral(mixture), 1.0, tolerance_scale() * kRounding) << "kappa " << kappa;
      }
    }
  EXPECT_NEAR(VonMisesMixture().log_density(1.0), -std::log(kTwoPi), 1e-15);
}

TEST(VonMisesMixture, StaysFiniteFarFromEveryPeak) {
  // Far below the smallest double: -2e4 - log(2 pi exp(-kappa) I0(kappa)).
  EXPECT_NEAR(one_peak(1e4).log_density(0.7 + kPi),
              -2e4 - std::log(kTwoPi) - engine::log_bessel_i0_scaled(1e4), 1e-9);
  VonMisesMixture mixture = one_peak(1e4);
  mixture.uniform = 1e-3;
  EXPECT_NEAR(mixture.log_density(0.7 + kPi), std::log(1e-3 / kTwoPi), 1e-12);
}

TEST(VonMisesMixture, AnyBranchAndTheRotorsSymmetryGiveTheSameDensity) {
  const VonMisesMixture mixture = three_peaks(3, 0.1);
  for (double tau : {-3.0, 0.2, 1.9}) {
    const double expected = mixture.log_density(tau);
    EXPECT_NEAR(mixture.log_density(tau + kTwoPi), expected, 1e-12);
    EXPECT_NEAR(mixture.log_density(tau + kTwoPi / 3.0), expected, 1e-12);
    EXPECT_GT(std::abs(mixture.log_density(tau + kTwoPi / 2.0) - expected), 1e-3);
  }
}

TEST(VonMisesMixture, WeightsThatDoNotSumToOneAreNormalisedAlikeInBoth) {
  VonMisesMixture mixture = three_peaks(1, 0.1), doubled = mixture;
  for (double& weight : doubled.weights) weight *= 2.0;
  EXPECT_NEAR(doubled.log_density(0.4), mixture.log_density(0.4), 1e-14);
  auto a = test_stream(1), b = test_stream(1);
  for (int i = 0; i < 100; ++i) EXPECT_NEAR(doubled.sample(a), mixture.sample(b), 1e-12);
}

TEST(VonMisesMixture, FlatteningScalesPeaksAndWeights) {
  const VonMisesMixture flat =
      VonMisesMixture{3, 0.1, {0.8, 0.2, 0.0}, {1.0, 2.0, 3.0}, {6.0, 3.0, 1.0}}.flattened(0.5);
  EXPECT_EQ(flat.fold, 3);
  EXPECT_EQ(flat.uniform, 0.1);
  EXPECT_NEAR(flat.weights[0], 2.0 / 3.0, 1e-15);  // sqrt(0.8) = 2 sqrt(0.2)
  EXPECT_NEAR(flat.weights[1], 1.0 / 3.0, 1e-15);
  EXPECT_EQ(flat.weights[2], 0.0);
  EXPECT_EQ(flat.means, (std::vector<double>{1.0, 2.0, 3.0}));
  EXPECT_EQ(flat.concentrations, (std::vector<double>{3.0, 1.5, 0.5}));
  EXPECT_EQ(VonMisesMixture().flattened(0.5).weights.size(), 0u);
}

TEST(VonMisesMixture, RefusesListsOfUnequalLength) {
  const VonMisesMixture mixture{1, 0.0, {1.0}, {0.0, 1.0}, {1.0}};
  EXPECT_EQ(message_of<engine::InternalError>([&] { mixture.log_density(0.0); }),
            "von Mises mixture: weights, means and concentrations differ in number");
}

/// The distribution function that goes with the density.
DistributionFunction cumulative(const VonMisesMixture& mixture) {
  constexpr std::size_t kPoints = 100001;  // 160 for each standard deviation at kappa = 1e4
  std::vector<double> reduced(kPoints);
  for (std::size_t i = 0; i < kPoints; ++i)
    reduced[i] = -mixture.log_density(kTwoPi * static_cast<double>(i) / (kPoints - 1.0) - kPi);
  const engine::TabulatedDensity density(-kPi, kPi, reduced);
  return [density](double tau) { return density.cumulative(tau); };
}

void expect_sampler_agrees(const std::string& label, const VonMisesMixture& mixture) {
  constexpr std::size_t kDraws = 30000;
  constexpr double kRequiredPower = 0.028;
  auto stream = test_stream(7);
  std::vector<double> draws(kDraws);
  for (double& tau : draws) {
    tau = mixture.sample(stream);
    ASSERT_GE(tau, -kPi) << label;
    ASSERT_LT(tau, kPi) << label;
  }
  expect_distribution(label, std::move(draws), cumulative(mixture), kRequiredPower);
}

TEST(VonMisesSampler, AgreesWithTheDensityForEveryConcentration) {
  for (double kappa : {0.0, 1e-12, 1e-6, 1e-2, 0.3, 2.0, 9.0, 60.0, 1e4})
    expect_sampler_agrees("kappa " + std::to_string(kappa), one_peak(kappa));
}

TEST(VonMisesSampler, AgreesWithTheDensityOfMixturesForEveryFold) {
  for (int fold : {1, 2, 3, 6})
    expect_sampler_agrees("fold " + std::to_string(fold), three_peaks(fold, 0.2));
  expect_sampler_agrees("uniform", VonMisesMixture());
}

TEST(VonMisesSampler, AWrongDensityIsCaught) {
  // The same assertion with a peak one tenth narrower.
  auto stream = test_stream(7);
  std::vector<double> draws(30000);
  for (double& tau : draws) tau = one_peak(2.0).sample(stream);
  expect_caught(check_distribution("narrower", draws, cumulative(one_peak(2.4))));
}

TEST(VonMisesSampler, TheNarrowestPeakHasItsOwnWidth) {
  // 1 - <cos> = 1 - I1/I0 = 1/(2 kappa) (1 + 1/(4 kappa) + ...); the relative standard error of the
  // mean of a chi-squared number is sqrt(2 / n).
  constexpr std::size_t kDraws = 100000;
  auto stream = test_stream(8);
  double sum = 0.0;
  for (std::size_t i = 0; i < kDraws; ++i) {
    const double half = std::sin(0.5 * (one_peak(1e8).sample(stream) - 0.7));
    sum += 2.0 * half * half;
  }
  EXPECT_NEAR(sum / kDraws * 2e8, 1.0, tolerance_scale() * 6.0 * std::sqrt(2.0 / kDraws));
}

}  // namespace
}  // namespace saltus::tests
