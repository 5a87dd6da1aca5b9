#include "tests/support/statistics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <sstream>

#include "tests/support/environment.h"

namespace saltus::tests {

double dkw_threshold(std::size_t n, double alpha) {
  return std::sqrt(std::log(2.0 / alpha) / (2.0 * static_cast<double>(n)));
}

double smallest_gap_caught(std::size_t n, double alpha, double beta) {
  return (std::sqrt(0.5 * std::log(2.0 / alpha)) + std::sqrt(0.5 * std::log(2.0 / beta))) /
         std::sqrt(static_cast<double>(n));
}

double DistributionCheck::p_value_bound() const {
  return std::min(1.0, 2.0 * std::exp(-2.0 * static_cast<double>(n) * gap * gap));
}

std::string DistributionCheck::describe() const {
  std::ostringstream text;
  text << label << ": largest gap " << gap << ", threshold " << threshold << ", n " << n
       << ", p <= " << p_value_bound() << ", gaps of " << power_gap
       << " are caught with probability " << 1.0 - kBeta;
  return text.str();
}

DistributionCheck check_distribution(std::string label, std::vector<double> values,
                                     const DistributionFunction& cdf, double alpha) {
  DistributionCheck check;
  check.label = std::move(label);
  check.n = values.size();
  check.threshold = tolerance_scale() * dkw_threshold(values.size(), alpha);
  check.power_gap = smallest_gap_caught(values.size(), alpha, kBeta);
  if (values.empty() ||
      std::any_of(values.begin(), values.end(), [](double v) { return std::isnan(v); })) {
    check.gap = 1.0;
    return check;
  }
  std::sort(values.begin(), values.end());
  const double n = static_cast<double>(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double expected = cdf(values[i]);
    check.gap = std::max({check.gap, static_cast<double>(i + 1) / n - expected,
                          expected - static_cast<double>(i) / n});
  }
  return check;
}

void expect_passed(const DistributionCheck& check, double required_power) {
  EXPECT_LE(check.power_gap, required_power) << check.label << ": too few draws for the power";
  EXPECT_TRUE(check.passed()) << check.describe();
  ::testing::Test::RecordProperty("statistics", check.describe());
}

void expect_caught(const DistributionCheck& check) {
  EXPECT_FALSE(check.passed()) << "planted bug not caught; " << check.describe();
  ::testing::Test::RecordProperty("statistics", check.describe());
}

void expect_distribution(const std::string& label, std::vector<double> values,
                         const DistributionFunction& cdf, double required_power, double alpha) {
  expect_passed(check_distribution(label, std::move(values), cdf, alpha), required_power);
}

DistributionCheck check_projections(std::vector<Projection> projections, double alpha) {
  DistributionCheck worst;
  double worst_ratio = -1.0;
  const double share = alpha / static_cast<double>(projections.size());
  for (Projection& projection : projections) {
    const DistributionCheck check =
        check_distribution(projection.label, std::move(projection.values), projection.cdf, share);
    const double ratio = check.gap / dkw_threshold(std::max<std::size_t>(check.n, 1), share);
    if (ratio > worst_ratio) {
      worst = check;
      worst_ratio = ratio;
    }
  }
  return worst;
}

void expect_projections(std::vector<Projection> projections, double required_power, double alpha) {
  ASSERT_FALSE(projections.empty());
  expect_passed(check_projections(std::move(projections), alpha), required_power);
}

DistributionCheck check_reversibility(std::string label, const std::vector<double>& before,
                                      const std::vector<double>& after, double f_below,
                                      double g_below, double alpha) {
  DistributionCheck check;
  check.label = std::move(label);
  check.n = before.size();
  double sum = 0.0;
  for (std::size_t i = 0; i < before.size(); ++i)
    sum += (before[i] < f_below && after[i] < g_below ? 1.0 : 0.0) -
           (after[i] < f_below && before[i] < g_below ? 1.0 : 0.0);
  check.gap = std::abs(sum) / static_cast<double>(check.n);
  // Differences span twice the range of an indicator, hence twice the DKW numbers.
  check.threshold = tolerance_scale() * 2.0 * dkw_threshold(check.n, alpha);
  check.power_gap = 2.0 * smallest_gap_caught(check.n, alpha, kBeta);
  return check;
}

double permutation_p_value(const std::vector<double>& a, const std::vector<double>& b,
                           std::size_t n_permutations, std::uint64_t seed) {
  std::vector<double> all(a);
  all.insert(all.end(), b.begin(), b.end());
  const auto gap = [&all, n_a = a.size()] {
    const auto middle = all.begin() + static_cast<std::ptrdiff_t>(n_a);
    const double mean_a = std::accumulate(all.begin(), middle, 0.0) / static_cast<double>(n_a);
    const double mean_b =
        std::accumulate(middle, all.end(), 0.0) / static_cast<double>(all.size() - n_a);
    return std::abs(mean_a - mean_b);
  };
  const double observed = gap();
  auto stream = test_stream(seed);
  std::size_t n_extreme = 0;
  for (std::size_t p = 0; p < n_permutations; ++p) {
    for (std::size_t i = all.size(); i > 1; --i) std::swap(all[i - 1], all[stream.below(i)]);
    // Relabellings that differ only by rounding count as equal.
    if (gap() >= observed * (1.0 - 1e-12)) ++n_extreme;
  }
  return static_cast<double>(1 + n_extreme) / static_cast<double>(1 + n_permutations);
}

}  // namespace saltus::tests
