// Oracles: exact values by hand, the direct O(n^2) sum, and Gaussian AR(1) chains, for which
// tau = (1 + phi) / (1 - phi) and mean / mean_error is exactly Student-t distributed.

#include "engine/diagnostics/autocorrelation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "tests/engine/diagnostics/autoregressive.h"
#include "tests/support/errors.h"
#include "tests/support/statistics.h"

namespace saltus::engine {
namespace {

using tests::autoregressive_chains;
using tests::message_of;

/// Rounding of a transform of 1e3 values of order 1.
constexpr double kRounding = 1e-12;

std::vector<double> direct_autocorrelation(const std::vector<double>& values, std::size_t n_chains,
                                           std::size_t n_steps, std::size_t max_lag) {
  double mean = 0.0;
  for (double v : values) mean += v / static_cast<double>(values.size());
  std::vector<double> rho;
  for (std::size_t k = 0; k <= max_lag; ++k) {
    double sum = 0.0;
    for (std::size_t c = 0; c < n_chains; ++c) {
      for (std::size_t t = 0; t + k < n_steps; ++t) {
        sum += (values[c * n_steps + t] - mean) * (values[c * n_steps + t + k] - mean);
      }
    }
    rho.push_back(sum / static_cast<double>(n_chains * (n_steps - k)));
  }
  for (std::size_t k = max_lag + 1; k-- > 0;) rho[k] /= rho[0];
  return rho;
}

TEST(Autocorrelation, OfFourNumbersByHand) {
  const std::vector<double> values = {1.0, 2.0, 3.0, 4.0};
  const std::vector<double> rho = autocorrelation({values, 1, 4}, 3);
  ASSERT_EQ(rho.size(), 4u);
  EXPECT_EQ(rho[0], 1.0);
  EXPECT_NEAR(rho[1], 1.0 / 3.0, kRounding);
  EXPECT_NEAR(rho[2], -0.6, kRounding);
  EXPECT_NEAR(rho[3], -1.8, kRounding);
}

TEST(Autocorrelation, EqualsTheDirectSumAtEveryLag) {
  // Lengths around powers of two, where padding could go wrong.
  for (std::size_t n_steps : {5u, 63u, 64u, 65u, 100u}) {
    std::vector<double> values = autoregressive_chains(0.7, 3, n_steps, 11);
    for (double& v : values) v += 25.0;
    const std::vector<double> rho = autocorrelation({values, 3, n_steps}, n_steps - 1);
    const std::vector<double> direct = direct_autocorrelation(values, 3, n_steps, n_steps - 1);
    for (std::size_t k = 0; k < n_steps; ++k) EXPECT_NEAR(rho[k], direct[k], kRounding) << k;
  }
}

TEST(Autocorrelation, DoesNotDependOnHowManyLagsAreAsked) {
  const std::vector<double> values = autoregressive_chains(0.7, 2, 90, 12);
  const std::vector<double> few = autocorrelation({values, 2, 90}, 3);
  const std::vector<double> all = autocorrelation({values, 2, 90}, 89);
  for (std::size_t k = 0; k < few.size(); ++k) EXPECT_NEAR(few[k], all[k], kRounding);
}

TEST(Autocorrelation, OfAConstantIsZeroBeyondLagZero) {
  const std::vector<double> values(12, 0.1);
  EXPECT_EQ(autocorrelation({values, 2, 6}, 3), (std::vector<double>{1.0, 0.0, 0.0, 0.0}));
}

TEST(Autocorrelation, RefusesSeriesThatAreNone) {
  const std::vector<double> values = {1.0, 2.0, 3.0, std::numeric_limits<double>::quiet_NaN(),
                                      5.0, 6.0};
  EXPECT_EQ(message_of<InputError>([&] {
              autocorrelation({values, 2, 3}, 1);
            }),
            "time series is not finite at chain 1, step 0");
  EXPECT_EQ(message_of<InputError>([&] {
              autocorrelation({values, 2, 4}, 1);
            }),
            "time series has 6 values: expected n_chains n_steps = 8");
  EXPECT_EQ(message_of<InputError>([&] {
              autocorrelation_time({values, 2, 3});
            }),
            "time series of 2 chains and 3 steps is too short: expected at least 1 chain and 4 "
            "steps; write more frames");
  const std::vector<double> good(6, 1.0);
  EXPECT_EQ(message_of<InputError>([&] {
              autocorrelation({good, 2, 3}, 3);
            }),
            "autocorrelation at lag 3 asked of chains of 3 steps: expected a smaller lag");
}

TEST(AutocorrelationTime, OfFourNumbersByHand) {
  const std::vector<double> values = {1.0, 2.0, 3.0, 4.0};
  const AutocorrelationTime time = autocorrelation_time({values, 1, 4});
  EXPECT_NEAR(time.tau, 5.0 / 3.0, kRounding);
  EXPECT_NEAR(time.effective_samples, 2.4, kRounding);
  // Sokal with the cut at lag 1: tau sqrt(2 * 3 / 4).
  EXPECT_NEAR(time.tau_error, 5.0 / 3.0 * std::sqrt(1.5), kRounding);
  EXPECT_NEAR(time.effective_samples_error, 2.4 * std::sqrt(1.5), kRounding);
  EXPECT_NEAR(time.mean, 2.5, kRounding);
  EXPECT_NEAR(time.standard_deviation, std::sqrt(5.0 / 3.0), kRounding);
  EXPECT_NEAR(time.mean_error, std::sqrt(5.0 / 3.0 / 2.4), kRounding);
}

TEST(AutocorrelationTime, OfAConstantIsUnknown) {
  const std::vector<double> values(40, 0.1);
  const AutocorrelationTime time = autocorrelation_time({values, 4, 10});
  EXPECT_TRUE(std::isnan(time.tau));
  EXPECT_TRUE(std::isnan(time.effective_samples));
  EXPECT_EQ(time.mean, 0.1);
  EXPECT_EQ(time.mean_error, 0.0);
  EXPECT_EQ(time.standard_deviation, 0.0);
}

TEST(AutocorrelationTime, OfStuckChainsIsTwiceTheirLength) {
  // Every rho is 1, so tau = 1 + 2 (n - 1); two chains are then worth hardly more than one sample.
  std::vector<double> values(200, 0.0);
  std::fill(values.begin() + 100, values.end(), 2.0);
  const AutocorrelationTime time = autocorrelation_time({values, 2, 100});
  EXPECT_NEAR(time.tau, 199.0, 1e-9);
  EXPECT_NEAR(time.effective_samples, 200.0 / 199.0, 1e-9);
}

TEST(AutocorrelationTime, OfAlternatingValuesIsTheFloor) {
  std::vector<double> values;
  for (int i = 0; i < 1000; ++i) values.push_back(i % 2 == 0 ? 1.0 : -1.0);
  EXPECT_NEAR(autocorrelation_time({values, 1, 1000}).tau, 1.0 / 3.0, kRounding);
}

TEST(AutocorrelationTime, OfAutoregressiveChainsIsExact) {
  for (double phi : {-0.5, 0.0, 0.5, 0.9, 0.95}) {
    const std::vector<double> values = autoregressive_chains(phi, 64, 20000, 13);
    const AutocorrelationTime time = autocorrelation_time({values, 64, 20000});
    const double exact = (1.0 + phi) / (1.0 - phi);
    // 6 standard errors (a normal estimate strays further once in 5e8); the second assertion states
    // the power: an error of 25 % would be caught.
    EXPECT_NEAR(time.tau, exact, 6.0 * time.tau_error) << phi;
    EXPECT_LT(6.0 * time.tau_error, 0.25 * exact) << phi;
    EXPECT_NEAR(time.effective_samples * time.tau, 64.0 * 20000.0, 1e-6);
  }
}

TEST(AutocorrelationTime, ErrorOfTheMeanIsExactlyCalibrated) {
  // The means of stationary Gaussian chains are normal, so with 4 of them mean / mean_error follows
  // Student's t with 3 degrees of freedom whatever the correlation.
  constexpr std::size_t kReplicas = 20000;
  std::vector<double> ratios;
  for (std::size_t r = 0; r < kReplicas; ++r) {
    const std::vector<double> values = autoregressive_chains(0.8, 4, 12, 1000 + r);
    const AutocorrelationTime time = autocorrelation_time({values, 4, 12});
    ratios.push_back(time.mean / time.mean_error);
  }
  constexpr double kPower = 0.05;  // a gap this wide would be caught
  tests::expect_distribution(
      "mean / mean_error", ratios,
      [](double ratio) {
        const double t = ratio / std::sqrt(3.0);
        return 0.5 + (t / (1.0 + t * t) + std::atan(t)) / kPi;
      },
      kPower);
}

TEST(AutocorrelationTime, JackknifeErrorIsTheSpreadOverRepetitions) {
  constexpr std::size_t kReplicas = 400;
  double sum = 0.0, squares = 0.0, claimed = 0.0;
  for (std::size_t r = 0; r < kReplicas; ++r) {
    const std::vector<double> values = autoregressive_chains(0.8, 16, 500, 50000 + r);
    const AutocorrelationTime time = autocorrelation_time({values, 16, 500});
    sum += time.tau;
    squares += time.tau * time.tau;
    claimed += time.tau_error * time.tau_error;
  }
  const double n = static_cast<double>(kReplicas), mean = sum / n;
  const double spread = std::sqrt((squares - n * mean * mean) / (n - 1.0));
  // A spread from 400 repetitions is known to 3.5 %; 25 % is 7 times that.
  EXPECT_NEAR(std::sqrt(claimed / n) / spread, 1.0, 0.25);
  // Geyer's cut leaves tau (exactly 9) nearly unbiased.
  EXPECT_NEAR(mean, 9.0, 0.3);
}

TEST(AutocorrelationTime, GroupsOfChainsCountOnce) {
  // 130 chains are more than there are jackknife groups, and do not divide evenly.
  const std::vector<double> values = autoregressive_chains(0.5, 130, 1000, 17);
  const AutocorrelationTime time = autocorrelation_time({values, 130, 1000});
  EXPECT_NEAR(time.tau, 3.0, 6.0 * time.tau_error);
  EXPECT_LT(time.tau_error, 0.1);
}

TEST(FirstCrossingTime, OfFourNumbersByHand) {
  // rho_1 = -1: only rho_0 counts.
  const std::vector<double> values = {1.0, -1.0, 1.0, -1.0};
  EXPECT_NEAR(first_crossing_time({values, 1, 4}), 1.0, 1e-12);
}

TEST(FirstCrossingTime, OfAnAutoregressiveProcess) {
  const double phi = 0.9;
  const std::vector<double> values = tests::autoregressive_chains(phi, 16, 20000, 17);
  // The sum up to the first crossing has some noise beyond the last lag that matters.
  EXPECT_NEAR(first_crossing_time({values, 16, 20000}), (1.0 + phi) / (1.0 - phi), 1.5);
}

TEST(FirstCrossingTime, OfAConstantIsUnknown) {
  const std::vector<double> values(8, 0.5);
  EXPECT_TRUE(std::isnan(first_crossing_time({values, 2, 4})));
}

}  // namespace
}  // namespace saltus::engine
