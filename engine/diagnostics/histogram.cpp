#include "engine/diagnostics/histogram.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "engine/core/error.h"
#include "engine/core/log_math.h"
#include "engine/core/units.h"

namespace saltus::engine {
namespace {

constexpr std::size_t kMinChainsForSpread = 4;
constexpr std::size_t kOutOfRange = std::numeric_limits<std::size_t>::max();

/// Occupation of bins, per chain: numbers of values, or sums of their weights where these differ.
struct BinCounts {
  std::size_t n_chains = 0, n_bins = 0;
  bool weighted = false;
  double squares = 0.0;          ///< sum of squares of the weights of all values in range
  std::vector<double> in_bin;    ///< [n_chains, n_bins]
  std::vector<double> in_range;  ///< [n_chains]
};

struct BinProbabilities {
  std::vector<double> value, error;  ///< [n_bins]
};

/// @param bin_of  bin of value i of the series, or kOutOfRange
template <class BinOf>
BinCounts count(ChainSeries shape, std::size_t n_bins, const BinOf& bin_of) {
  BinCounts counts;
  counts.n_chains = shape.n_chains;
  counts.n_bins = n_bins;
  counts.weighted = weights_differ(shape.log_weights);
  counts.in_bin.assign(shape.n_chains * n_bins, 0.0);
  counts.in_range.assign(shape.n_chains, 0.0);
  const std::vector<double> weights =
      counts.weighted ? relative_weights(shape.log_weights) : std::vector<double>();
  for (std::size_t c = 0; c < shape.n_chains; ++c) {
    for (std::size_t t = 0; t < shape.n_steps; ++t) {
      const std::size_t i = c * shape.n_steps + t;
      const std::size_t bin = bin_of(i);
      if (bin == kOutOfRange) continue;
      const double weight = counts.weighted ? weights[i] : 1.0;
      counts.in_bin[c * n_bins + bin] += weight;
      counts.in_range[c] += weight;
      counts.squares += weight * weight;
    }
  }
  return counts;
}

/// Between chains: p is a ratio of sums over independent chains, its error that of a ratio
/// estimator. With few chains: binomial, with one independent draw every tau values; of weighted
/// ones there are as many as Kish's number says.
BinProbabilities probabilities(const BinCounts& counts, double tau) {
  const double chains = static_cast<double>(counts.n_chains);
  double total = 0.0;
  for (double n : counts.in_range) total += n;
  BinProbabilities result{std::vector<double>(counts.n_bins, 0.0),
                          std::vector<double>(counts.n_bins, 0.0)};
  if (total == 0.0) return result;
  const double n_values = counts.weighted ? total * total / counts.squares : total;
  for (std::size_t b = 0; b < counts.n_bins; ++b) {
    double seen = 0.0, squares = 0.0;
    for (std::size_t c = 0; c < counts.n_chains; ++c) seen += counts.in_bin[c * counts.n_bins + b];
    const double p = seen / total;
    for (std::size_t c = 0; c < counts.n_chains; ++c) {
      const double residual = counts.in_bin[c * counts.n_bins + b] - p * counts.in_range[c];
      squares += residual * residual;
    }
    const double variance = counts.n_chains >= kMinChainsForSpread
                                ? squares * chains / (chains - 1.0) / (total * total)
                                : p * (1.0 - p) * tau / n_values;
    result.value[b] = p;
    result.error[b] = std::sqrt(variance);
  }
  return result;
}

/// tau of f(values), at least 1; only asked for when the chains are too few to show the error.
template <class Function>
double correlation_time(ChainSeries series, const Function& f) {
  if (series.n_chains >= kMinChainsForSpread) return 1.0;
  std::vector<double> mapped;
  for (double v : series.values) mapped.push_back(f(v));
  return std::max(
      1.0, autocorrelation_time({mapped, series.n_chains, series.n_steps, series.log_weights}).tau);
}

double slowest_angle_time(ChainSeries angle) {
  return std::max(correlation_time(angle, [](double a) { return std::cos(a); }),
                  correlation_time(angle, [](double a) { return std::sin(a); }));
}

std::size_t angle_bin(double radian, std::size_t n_bins) {
  const double scaled = (wrap_angle(radian) + kPi) / kTwoPi * static_cast<double>(n_bins);
  return std::min(static_cast<std::size_t>(scaled), n_bins - 1);
}

void require_bins(std::size_t n_bins) {
  if (n_bins == 0) throw InputError("histogram without bins: expected n_bins >= 1");
}

}  // namespace

Histogram histogram(ChainSeries series, double lower, double upper, std::size_t n_bins) {
  check_series(series, 4);
  require_bins(n_bins);
  if (!(lower < upper) || !std::isfinite(upper - lower)) {
    throw InputError("histogram from " + std::to_string(lower) + " to " + std::to_string(upper) +
                     ": expected finite lower < upper");
  }
  const double bins_per_unit = static_cast<double>(n_bins) / (upper - lower);
  const BinCounts counts = count(series, n_bins, [&](std::size_t i) {
    const double v = series.values[i];
    if (v < lower || v > upper) return kOutOfRange;
    return std::min(static_cast<std::size_t>((v - lower) * bins_per_unit), n_bins - 1);
  });
  BinProbabilities p = probabilities(counts, correlation_time(series, [](double v) { return v; }));
  return {lower, upper, std::move(p.value), std::move(p.error)};
}

FreeEnergySurface free_energy_surface(ChainSeries first, ChainSeries second, std::size_t n_bins,
                                      double temperature_K) {
  check_series(first, 4);
  check_series(second, 4);
  require_bins(n_bins);
  if (first.n_chains != second.n_chains || first.n_steps != second.n_steps) {
    throw InputError("free-energy surface of two angles: expected equally many chains and steps");
  }
  if (!std::equal(first.log_weights.begin(), first.log_weights.end(), second.log_weights.begin(),
                  second.log_weights.end())) {
    throw InputError("free-energy surface of two angles: expected the same weights of both");
  }
  if (!(temperature_K > 0.0) || !std::isfinite(temperature_K)) {
    throw InputError("free-energy surface at " + std::to_string(temperature_K) +
                     " K: expected a positive temperature");
  }
  const BinCounts counts = count(first, n_bins * n_bins, [&](std::size_t i) {
    return angle_bin(first.values[i], n_bins) * n_bins + angle_bin(second.values[i], n_bins);
  });
  BinProbabilities p =
      probabilities(counts, std::max(slowest_angle_time(first), slowest_angle_time(second)));

  const double largest = *std::max_element(p.value.begin(), p.value.end());
  const double kT = kGasConstant * temperature_K;
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  FreeEnergySurface surface{n_bins, std::move(p.value), std::move(p.error), {}, {}};
  for (std::size_t b = 0; b < surface.probability.size(); ++b) {
    const double probability = surface.probability[b];
    const bool seen = probability > 0.0;
    surface.free_energy.push_back(seen ? -kT * std::log(probability / largest) : kInfinity);
    surface.free_energy_error.push_back(seen ? kT * surface.probability_error[b] / probability
                                             : kInfinity);
  }
  return surface;
}

}  // namespace saltus::engine
