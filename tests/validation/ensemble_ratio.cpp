#include "tests/validation/ensemble_ratio.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "tests/validation/deviates.h"

namespace saltus::tests {

namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kFewestChains = 16, kMostGroups = 32;

/// Values of all chains but those of one group; all for group n_groups.
std::vector<double> without_group(const ChainSeries& series, std::size_t n_groups,
                                  std::size_t group) {
  std::vector<double> values;
  for (std::size_t chain = 0; chain < series.size(); ++chain)
    if (chain % n_groups != group)
      values.insert(values.end(), series[chain].begin(), series[chain].end());
  return values;
}

/// Logistic regression of which ensemble a value is from, by Newton's method.
double slope_of(const std::vector<double>& first, const std::vector<double>& second) {
  const double n = static_cast<double>(first.size() + second.size());
  const double sum = std::accumulate(first.begin(), first.end(), 0.0) +
                     std::accumulate(second.begin(), second.end(), 0.0);
  const double centre = sum / n;
  double squares = 0.0;
  for (const auto* values : {&first, &second})
    for (const double x : *values) squares += (x - centre) * (x - centre);
  const double scale = std::sqrt(squares / n);
  double a = 0.0, b = 0.0;
  constexpr int kMaxSteps = 50;
  constexpr double kConverged = 1e-10;
  for (int step = 0; step < kMaxSteps; ++step) {
    double ga = 0.0, gb = 0.0, haa = 0.0, hab = 0.0, hbb = 0.0;
    for (const auto* values : {&first, &second})
      for (const double raw : *values) {
        const double x = (raw - centre) / scale;
        const double p = 1.0 / (1.0 + std::exp(-(a - b * x)));  // of the second ensemble
        const double rest = (values == &second ? 1.0 : 0.0) - p;
        const double weight = p * (1.0 - p);
        ga += rest;
        gb -= rest * x;
        haa += weight;
        hab -= weight * x;
        hbb += weight * x * x;
      }
    const double determinant = haa * hbb - hab * hab;
    const double da = (hbb * ga - hab * gb) / determinant;
    const double db = (haa * gb - hab * ga) / determinant;
    a += da;
    b += db;
    if (!std::isfinite(a) || !std::isfinite(b)) return kUnknown;
    if (std::abs(da) + std::abs(db) < kConverged) return b / scale;
  }
  return kUnknown;
}

}  // namespace

double Comparison::normal_deviate() const {
  const double t = standard_errors();
  if (std::isnan(t)) return kUnknown;
  return std::copysign(normal_deviate_of(student_p_value(t, degrees_of_freedom)), t);
}

double Comparison::deviation_seen(double limit, double sure) const {
  return (student_limit(limit, degrees_of_freedom) + sure) * error;
}

Comparison ensemble_ratio(const ChainSeries& first, const ChainSeries& second, double expected) {
  const std::size_t n_chains = std::min(first.size(), second.size());
  if (n_chains < kFewestChains)
    throw std::invalid_argument("ensemble_ratio: at least 16 chains of each ensemble are needed");
  const std::size_t n_groups = std::min(n_chains, kMostGroups);
  const auto slope_without = [&](std::size_t group) {
    return slope_of(without_group(first, n_groups, group), without_group(second, n_groups, group));
  };
  Comparison result;
  result.expected = expected;
  result.degrees_of_freedom = n_groups - 1;
  result.measured = slope_without(n_groups);
  std::vector<double> parts(n_groups);
  for (std::size_t group = 0; group < n_groups; ++group) parts[group] = slope_without(group);
  const auto n = static_cast<double>(n_groups);
  const double mean = std::accumulate(parts.begin(), parts.end(), 0.0) / n;
  double variance = 0.0;
  for (const double part : parts) variance += (part - mean) * (part - mean);
  result.error = std::sqrt(variance * (n - 1.0) / n);
  return result;
}

Comparison mean_of(const ChainSeries& series, double expected) {
  std::vector<double> means;
  for (const std::vector<double>& chain : series)
    means.push_back(std::accumulate(chain.begin(), chain.end(), 0.0) /
                    static_cast<double>(chain.size()));
  const double n = static_cast<double>(means.size());
  Comparison result;
  result.expected = expected;
  result.degrees_of_freedom = means.size() - 1;
  result.measured = std::accumulate(means.begin(), means.end(), 0.0) / n;
  double variance = 0.0;
  for (const double mean : means) variance += (mean - result.measured) * (mean - result.measured);
  result.error = std::sqrt(variance / (n * (n - 1.0)));
  return result;
}

}  // namespace saltus::tests
