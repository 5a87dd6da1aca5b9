#include "engine/diagnostics/weighted_series.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "engine/core/error.h"
#include "engine/diagnostics/reweighting.h"

namespace saltus::engine {

void check_series(ChainSeries series, std::size_t min_steps) {
  if (series.n_chains == 0 || series.n_steps < min_steps) {
    throw InputError("time series of " + std::to_string(series.n_chains) + " chains and " +
                     std::to_string(series.n_steps) +
                     " steps is too short: expected at least 1 chain and " +
                     std::to_string(min_steps) + " steps; write more frames");
  }
  const std::size_t n = series.n_chains * series.n_steps;
  if (series.values.size() != n) {
    throw InputError("time series has " + std::to_string(series.values.size()) +
                     " values: expected n_chains n_steps = " + std::to_string(n));
  }
  if (!series.log_weights.empty() && series.log_weights.size() != n) {
    throw InputError("time series has " + std::to_string(series.log_weights.size()) +
                     " log-weights: expected none or n_chains n_steps = " + std::to_string(n));
  }
  for (std::size_t i = 0; i < n; ++i) {
    if (!std::isfinite(series.values[i])) {
      throw InputError("time series is not finite at chain " + std::to_string(i / series.n_steps) +
                       ", step " + std::to_string(i % series.n_steps));
    }
  }
  weights_differ(series.log_weights);  // refuses weights that mean nothing
}

bool weights_differ(Span<const double> log_weights) {
  if (log_weights.empty()) return false;
  kish_effective_sample_size(log_weights);
  return std::any_of(log_weights.begin(), log_weights.end(),
                     [&](double log_weight) { return log_weight != log_weights[0]; });
}

std::vector<double> relative_weights(Span<const double> log_weights) {
  kish_effective_sample_size(log_weights);
  // Relative to the largest, so that no exponential overflows.
  const double largest = *std::max_element(log_weights.begin(), log_weights.end());
  std::vector<double> weights;
  weights.reserve(log_weights.size());
  double sum = 0.0;
  for (double log_weight : log_weights) {
    weights.push_back(std::exp(log_weight - largest));
    sum += weights.back();
  }
  const double mean = sum / static_cast<double>(weights.size());
  for (double& weight : weights) weight /= mean;
  return weights;
}

namespace {

WeightedMoments moments_of(Span<const double> values, const std::vector<double>& weights) {
  // Shifted by one value, so that a constant series has exactly no variance.
  const double shift = values[0], n = static_cast<double>(values.size());
  double sum = 0.0, squares = 0.0;
  for (std::size_t i = 0; i < values.size(); ++i) sum += weights[i] * (values[i] - shift);
  const double mean = sum / n;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double deviation = values[i] - shift - mean;
    squares += weights[i] * deviation * deviation;
  }
  return {shift + mean, squares / n};
}

/// Weights of a series, 1 where it has none.
std::vector<double> weights_of(ChainSeries series) {
  return series.log_weights.empty() ? std::vector<double>(series.values.size(), 1.0)
                                    : relative_weights(series.log_weights);
}

}  // namespace

WeightedMoments weighted_moments(ChainSeries series) {
  check_series(series, 1);
  return moments_of(series.values, weights_of(series));
}

std::vector<double> weighted_deviations(ChainSeries series) {
  check_series(series, 1);
  std::vector<double> deviations = weights_of(series);
  const double mean = moments_of(series.values, deviations).mean;
  for (std::size_t i = 0; i < deviations.size(); ++i) deviations[i] *= series.values[i] - mean;
  return deviations;
}

double weighted_effective_samples(ChainSeries series, double tau) {
  double squares = 0.0;
  for (double z : weighted_deviations(series)) squares += z * z;
  if (squares == 0.0) return std::numeric_limits<double>::quiet_NaN();
  const double n = static_cast<double>(series.values.size());
  return n * weighted_moments(series).variance / (squares / n * tau);
}

}  // namespace saltus::engine
