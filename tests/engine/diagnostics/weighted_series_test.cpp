// Oracles: arithmetic by hand, repeated values in place of whole weights, and closed forms: draws x
// of N(0, 1) weighted by exp(mu x) represent N(mu, 1), where n var(mean) = exp(mu^2) (1 + mu^2) and
// Kish's share is exp(-mu^2). Of Gaussian AR(1) chains the weighted deviations have, by their
// expansion in Hermite polynomials, the covariance sum_m mu^2m (m + 1) / m! phi^(k (m + 1)).
#include "engine/diagnostics/weighted_series.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "engine/core/error.h"
#include "engine/diagnostics/autocorrelation.h"
#include "engine/diagnostics/convergence.h"
#include "engine/diagnostics/histogram.h"
#include "engine/diagnostics/reweighting.h"
#include "tests/engine/diagnostics/autoregressive.h"
#include "tests/support/errors.h"

namespace saltus::engine {
namespace {

using tests::autoregressive_chains;
using tests::message_of;
using Numbers = std::vector<double>;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kRounding = 1e-12;

Numbers scaled(const Numbers& values, double factor) {
  Numbers result;
  for (double v : values) result.push_back(factor * v);
  return result;
}

TEST(WeightedSeries, ByHand) {
  // Weights 1, 2, 1, 0.
  const Numbers values = {1.0, 2.0, 5.0, 9.0};
  const Numbers log_weights = {7.0, 7.0 + std::log(2.0), 7.0, -kInfinity};
  const ChainSeries series{values, 1, 4, log_weights};
  const WeightedMoments moments = weighted_moments(series);
  EXPECT_NEAR(moments.mean, 2.5, kRounding);
  EXPECT_NEAR(moments.variance, (2.25 + 2 * 0.25 + 6.25) / 4.0, kRounding);
  const Numbers deviations = weighted_deviations(series);
  const Numbers expected = {-1.5, -1.0, 2.5, 0.0};
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(deviations[i], expected[i], kRounding) << i;
  // n var_w / (var(z) tau) = 4 * 2.25 / (9.5 / 4 * 2).
  EXPECT_NEAR(weighted_effective_samples(series, 2.0), 4.0 * 2.25 / (9.5 / 4.0 * 2.0), kRounding);
}

TEST(WeightedSeries, OfWholeWeightsIsThatOfRepeatedValues) {
  const Numbers values = {0.5, -1.0, 2.0, 0.25}, repeated = {0.5, -1.0, -1.0, 2.0, 2.0, 2.0, 0.25};
  const Numbers log_weights = {0.0, std::log(2.0), std::log(3.0), 0.0};
  const WeightedMoments moments = weighted_moments({values, 1, 4, log_weights});
  const WeightedMoments expected = weighted_moments({repeated, 1, 7});
  EXPECT_NEAR(moments.mean, expected.mean, kRounding);
  EXPECT_NEAR(moments.variance, expected.variance, kRounding);
  const Histogram weighted = histogram({values, 1, 4, log_weights}, -1.0, 2.0, 3);
  const Histogram plain = histogram({repeated, 1, 7}, -1.0, 2.0, 3);
  for (std::size_t b = 0; b < 3; ++b)
    EXPECT_NEAR(weighted.probability[b], plain.probability[b], kRounding) << b;
  const FreeEnergySurface surface =
      free_energy_surface({values, 1, 4, log_weights}, {values, 1, 4, log_weights}, 4, 300.0);
  const FreeEnergySurface same = free_energy_surface({repeated, 1, 7}, {repeated, 1, 7}, 4, 300.0);
  for (std::size_t b = 0; b < surface.probability.size(); ++b)
    EXPECT_NEAR(surface.probability[b], same.probability[b], kRounding) << b;
}

void expect_same_time(const AutocorrelationTime& a, const AutocorrelationTime& b) {
  EXPECT_EQ(a.tau, b.tau);
  EXPECT_EQ(a.tau_error, b.tau_error);
  EXPECT_EQ(a.effective_samples, b.effective_samples);
  EXPECT_EQ(a.effective_samples_error, b.effective_samples_error);
  EXPECT_EQ(a.mean, b.mean);
  EXPECT_EQ(a.mean_error, b.mean_error);
  EXPECT_EQ(a.standard_deviation, b.standard_deviation);
}

TEST(WeightedSeries, OfEqualWeightsIsThatWithoutBitForBit) {
  for (const std::size_t n_chains : {2u, 6u}) {
    const Numbers values = autoregressive_chains(0.6, n_chains, 101, 3);
    const ChainSeries plain{values, n_chains, 101};
    for (const double offset : {0.0, 0.1, -1e4}) {
      SCOPED_TRACE(offset);
      const Numbers equal(values.size(), offset);
      const ChainSeries series{values, n_chains, 101, equal};
      EXPECT_FALSE(weights_differ(equal));
      expect_same_time(autocorrelation_time(series), autocorrelation_time(plain));
      EXPECT_EQ(autocorrelation(series, 50), autocorrelation(plain, 50));
      EXPECT_EQ(split_r_hat(series), split_r_hat(plain));
      const Histogram a = histogram(series, -2.0, 2.0, 9), b = histogram(plain, -2.0, 2.0, 9);
      EXPECT_EQ(a.probability, b.probability);
      EXPECT_EQ(a.probability_error, b.probability_error);
      const FreeEnergySurface s = free_energy_surface(series, series, 5, 300.0);
      const FreeEnergySurface t = free_energy_surface(plain, plain, 5, 300.0);
      EXPECT_EQ(s.probability, t.probability);
      EXPECT_EQ(s.probability_error, t.probability_error);
      EXPECT_EQ(s.free_energy, t.free_energy);
      EXPECT_EQ(s.free_energy_error, t.free_energy_error);
    }
  }
}

TEST(WeightedSeries, IgnoresACommonOffset) {
  const Numbers values = autoregressive_chains(0.5, 4, 200, 4);
  Numbers log_weights = scaled(values, 0.7);
  const AutocorrelationTime a = autocorrelation_time({values, 4, 200, log_weights});
  for (double& l : log_weights) l += 3000.0;
  const AutocorrelationTime b = autocorrelation_time({values, 4, 200, log_weights});
  EXPECT_NEAR(a.mean, b.mean, 1e-9);
  EXPECT_NEAR(a.mean_error, b.mean_error, 1e-9);
  EXPECT_NEAR(a.effective_samples / b.effective_samples, 1.0, 1e-9);
}

TEST(WeightedSeries, CountsChainsWithoutWeightForNothing) {
  const Numbers values = autoregressive_chains(0.5, 5, 100, 5);
  const Numbers first(values.begin(), values.begin() + 400);
  Numbers log_weights(values.size(), 2.0);
  std::fill(log_weights.begin() + 400, log_weights.end(), -kInfinity);
  const AutocorrelationTime time = autocorrelation_time({values, 5, 100, log_weights});
  const AutocorrelationTime expected = autocorrelation_time({first, 4, 100});
  EXPECT_NEAR(time.mean, expected.mean, kRounding);
  EXPECT_NEAR(time.standard_deviation, expected.standard_deviation, kRounding);
  EXPECT_NEAR(time.tau, expected.tau, 1e-9);
  EXPECT_NEAR(time.effective_samples, expected.effective_samples, 1e-6);
  const Histogram weighted = histogram({values, 5, 100, log_weights}, -3.0, 3.0, 6);
  const Histogram plain = histogram({first, 4, 100}, -3.0, 3.0, 6);
  for (std::size_t b = 0; b < 6; ++b)
    EXPECT_NEAR(weighted.probability[b], plain.probability[b], kRounding) << b;
}

TEST(WeightedSeries, AWeightlessChainElsewhereIsNoDisagreement) {
  Numbers values = autoregressive_chains(0.0, 5, 2000, 6);
  for (std::size_t i = 8000; i < values.size(); ++i) values[i] += 10.0;
  Numbers log_weights(values.size(), 0.0);
  EXPECT_GT(split_r_hat({values, 5, 2000, log_weights}), 1.5);
  std::fill(log_weights.begin() + 8000, log_weights.end(), -kInfinity);
  EXPECT_LT(split_r_hat({values, 5, 2000, log_weights}), 1.01);
}

TEST(WeightedSeries, HistogramErrorsOfFewChainsAreBinomialInKishsNumber) {
  const Numbers values = autoregressive_chains(0.7, 2, 300, 7);
  const Numbers log_weights = scaled(values, 0.5);
  const ChainSeries series{values, 2, 300, log_weights};
  const Histogram h = histogram(series, -10.0, 10.0, 2);
  const double n = kish_effective_sample_size(log_weights) / autocorrelation_time(series).tau;
  EXPECT_NEAR(h.probability_error[0], std::sqrt(h.probability[0] * h.probability[1] / n), 1e-9);
}

TEST(WeightedSeries, HistogramErrorsOfManyChainsAreThoseOfTheIndicator) {
  const Numbers values = autoregressive_chains(0.7, 6, 100, 8);
  const Numbers log_weights = scaled(values, 0.5);
  Numbers negative;
  for (double v : values) negative.push_back(v < 0.0 ? 1.0 : 0.0);
  const AutocorrelationTime time = autocorrelation_time({negative, 6, 100, log_weights});
  const Histogram h = histogram({values, 6, 100, log_weights}, -10.0, 10.0, 2);
  EXPECT_NEAR(h.probability[0], time.mean, kRounding);
  EXPECT_NEAR(h.probability_error[0], time.mean_error, kRounding);
}

TEST(WeightedSeries, KnowsNothingOfASingleValue) {
  const Numbers values = {1.0, 2.0, 3.0, 4.0};
  const Numbers log_weights = {-kInfinity, 0.0, -kInfinity, -kInfinity};
  const AutocorrelationTime time = autocorrelation_time({values, 1, 4, log_weights});
  EXPECT_EQ(time.mean, 2.0);
  for (double unknown : {time.mean_error, time.standard_deviation, time.tau, time.effective_samples,
                         time.effective_samples_error})
    EXPECT_TRUE(std::isnan(unknown));
}

TEST(WeightedSeries, RefusesWhatIsNoWeight) {
  const Numbers values = {1.0, 2.0, 3.0, 4.0}, three(3, 0.0), none(4, -kInfinity);
  EXPECT_EQ(message_of<InputError>([&] {
              autocorrelation_time({values, 1, 4, three});
            }),
            "time series has 3 log-weights: expected none or n_chains n_steps = 4");
  EXPECT_EQ(message_of<NumericalError>([&] {
              autocorrelation_time({values, 1, 4, none});
            }),
            "none of 4 importance weights is positive: no sample represents the target");
  EXPECT_EQ(message_of<InputError>([&] {
              const Numbers equal(4, 0.0);
              free_energy_surface({values, 1, 4, equal}, {values, 1, 4}, 4, 300.0);
            }),
            "free-energy surface of two angles: expected the same weights of both");
}

/// Exact n var(weighted mean) of AR(1) chains weighted by exp(mu x); the target's variance is 1.
double exact_variance(double mu, double phi) {
  double sum = 0.0, term = 1.0, power = phi;
  for (int m = 0; m < 60; ++m) {
    sum += term * (m + 1) * (1.0 + power) / (1.0 - power);
    term *= mu * mu / (m + 1);
    power *= phi;
  }
  return sum;
}

TEST(GaussianReweighting, ClosedFormsAgreeWithEachOther) {
  EXPECT_NEAR(exact_variance(0.8, 0.0), std::exp(0.64) * 1.64, kRounding);
  EXPECT_NEAR(exact_variance(0.0, 0.5), 3.0, kRounding);
}

TEST(GaussianReweighting, HasTheExactMeanVarianceAndEffectiveSamples) {
  constexpr double kMu = 0.5;
  constexpr std::size_t kChains = 64, kSteps = 20000;
  for (double phi : {0.0, 0.8}) {
    SCOPED_TRACE(phi);
    const Numbers values = autoregressive_chains(phi, kChains, kSteps, 21);
    const Numbers log_weights = scaled(values, kMu);
    const ChainSeries series{values, kChains, kSteps, log_weights};
    const AutocorrelationTime time = autocorrelation_time(series);
    const double n = static_cast<double>(values.size());
    // 6 standard errors; without weights the mean is 0, some 100 of them away.
    EXPECT_NEAR(time.mean, kMu, 6.0 * time.mean_error);
    EXPECT_LT(6.0 * time.mean_error, 0.1 * kMu);
    // The spread of 64 means is known to 9 %.
    EXPECT_NEAR(time.mean_error / std::sqrt(exact_variance(kMu, phi) / n), 1.0, 0.4);
    EXPECT_NEAR(time.standard_deviation, 1.0, 0.03);
    EXPECT_NEAR(time.effective_samples * exact_variance(kMu, phi) / n, 1.0, 0.08);
    EXPECT_NEAR(kish_effective_sample_size(log_weights) / n, std::exp(-kMu * kMu), 0.02);
    EXPECT_LT(split_r_hat(series), 1.01);
  }
}

TEST(GaussianReweighting, ErrorsAreCalibrated) {
  // Of 1000 draws with mu = 0.8 the normal and the t approximation are exceeded 6.4 % and 5.5 % of
  // the time instead of 5 % (4000 repetitions of an independent program); with errors that ignore
  // the weights it is 27 %. The spread of a rate of 1500 is 0.6 %.
  constexpr double kMu = 0.8, kLow = 0.025, kHigh = 0.10;
  constexpr int kReplicas = 1500;
  int n_normal = 0, n_student = 0, n_ignorant = 0;
  for (int r = 0; r < kReplicas; ++r) {
    const Numbers values = autoregressive_chains(0.0, 8, 125, 7000 + r);
    const Numbers log_weights = scaled(values, kMu);
    const AutocorrelationTime two = autocorrelation_time({values, 2, 500, log_weights});
    const AutocorrelationTime eight = autocorrelation_time({values, 8, 125, log_weights});
    const AutocorrelationTime ignorant = autocorrelation_time({values, 2, 500});
    if (std::abs(two.mean - kMu) > 1.96 * two.mean_error) ++n_normal;
    if (std::abs(eight.mean - kMu) > 2.3646 * eight.mean_error) ++n_student;
    if (std::abs(two.mean - kMu) > 1.96 * ignorant.mean_error) ++n_ignorant;
  }
  const auto rate = [](int n) { return static_cast<double>(n) / kReplicas; };
  for (int n : {n_normal, n_student}) {
    EXPECT_GT(rate(n), kLow);
    EXPECT_LT(rate(n), kHigh);
  }
  EXPECT_GT(rate(n_ignorant), kHigh) << "the test would not see errors that ignore the weights";
}

TEST(ChainWeights, CostKishsShareOfTheEffectiveSamples) {
  // Weights of chains say nothing about x: the product formula is exact. Weights 1 and 4, half of
  // the chains each: Kish's share is 2.5^2 / 8.5.
  constexpr std::size_t kChains = 64, kSteps = 10000;
  const Numbers values = autoregressive_chains(0.8, kChains, kSteps, 22);
  Numbers log_weights;
  for (std::size_t i = 0; i < values.size(); ++i)
    log_weights.push_back((i / kSteps) % 2 == 0 ? 0.0 : std::log(4.0));
  const AutocorrelationTime time = autocorrelation_time({values, kChains, kSteps, log_weights});
  const double share = 2.5 * 2.5 / 8.5, n = static_cast<double>(values.size());
  EXPECT_NEAR(kish_effective_sample_size(log_weights) / n, share, 1e-9);
  EXPECT_NEAR(time.effective_samples / (share * n / 9.0), 1.0, 0.1);
}

}  // namespace
}  // namespace saltus::engine
