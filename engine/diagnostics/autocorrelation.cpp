#include "engine/diagnostics/autocorrelation.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <string>
#include <unsupported/Eigen/FFT>

#include "engine/core/error.h"
#include "engine/diagnostics/reweighting.h"

namespace saltus::engine {
namespace {

/// Fewest chains whose spread is taken as a measure of error.
constexpr std::size_t kMinChainsForJackknife = 4;
/// More groups than this no longer sharpen an error, but cost memory.
constexpr std::size_t kMaxJackknifeGroups = 64;

struct PooledMoments {
  double mean = 0.0, variance = 0.0;  ///< variance with 1/n
};

/// Two passes over values shifted by the first one: exact for a constant series.
PooledMoments pooled_moments(ChainSeries series) {
  const double shift = series.values[0];
  const double n = static_cast<double>(series.values.size());
  double sum = 0.0;
  for (double v : series.values) sum += v - shift;
  const double mean = sum / n;
  double squares = 0.0;
  for (double v : series.values) squares += (v - shift - mean) * (v - shift - mean);
  return {shift + mean, squares / n};
}

/// What some chains contribute to autocovariances about any mean.
struct LagSums {
  double n_chains = 0.0;
  std::vector<double> products;  ///< [n_lags], sum_{c,t} y_t y_{t+k}, y = x - offset
  std::vector<double> ends;      ///< [n_lags], sum_{c,t} (y_t + y_{t+k})
  double sum = 0.0;              ///< sum_{c,t} y_t
};

/// Lengths are padded to a power of two past the last lag, so that no lag wraps around.
std::size_t transform_length(std::size_t n_steps, std::size_t n_lags) {
  std::size_t length = 2;
  while (length < n_steps + n_lags) length *= 2;
  return length;
}

LagSums lag_sums(ChainSeries series, std::size_t first_chain, std::size_t n_chains,
                 std::size_t n_lags, double offset) {
  const std::size_t n = series.n_steps;
  const std::size_t length = transform_length(n, n_lags);
  Eigen::FFT<double> fft;
  fft.SetFlag(Eigen::FFT<double>::HalfSpectrum);
  std::vector<double> padded(length, 0.0);
  std::vector<std::complex<double>> spectrum;
  std::vector<std::complex<double>> power(length / 2 + 1);
  LagSums sums{static_cast<double>(n_chains), {}, std::vector<double>(n_lags, 0.0), 0.0};

  for (std::size_t c = first_chain; c < first_chain + n_chains; ++c) {
    // Wiener-Khinchin: power spectra add up over chains, one inverse transform serves them all.
    double total = 0.0;
    for (std::size_t t = 0; t < n; ++t) {
      padded[t] = series.values[c * n + t] - offset;
      total += padded[t];
    }
    fft.fwd(spectrum, padded);
    for (std::size_t f = 0; f < power.size(); ++f) power[f] += std::norm(spectrum[f]);

    // Lag k leaves out the last k values on one side and the first k on the other.
    double ends = 2.0 * total;
    for (std::size_t k = 0; k < n_lags; ++k) {
      sums.ends[k] += ends;
      ends -= padded[k] + padded[n - 1 - k];
    }
    sums.sum += total;
  }
  fft.inv(padded, power, static_cast<Eigen::Index>(length));
  sums.products.assign(padded.begin(), padded.begin() + static_cast<std::ptrdiff_t>(n_lags));
  return sums;
}

void add(const LagSums& part, double sign, LagSums& sums) {
  sums.n_chains += sign * part.n_chains;
  sums.sum += sign * part.sum;
  for (std::size_t k = 0; k < sums.products.size(); ++k) {
    sums.products[k] += sign * part.products[k];
    sums.ends[k] += sign * part.ends[k];
  }
}

/// rho of the chains in `sums`, about their own mean; 0 beyond lag 0 when their variance vanishes
/// against `variance_floor`.
std::vector<double> normalised(const LagSums& sums, std::size_t n_steps, double variance_floor) {
  const double mean = sums.sum / (sums.n_chains * static_cast<double>(n_steps));
  std::vector<double> rho(sums.products.size(), 0.0);
  for (std::size_t k = 0; k < rho.size(); ++k) {
    const double pairs = sums.n_chains * static_cast<double>(n_steps - k);
    rho[k] = (sums.products[k] - mean * sums.ends[k]) / pairs + mean * mean;
  }
  const double variance = rho[0];
  const bool constant = !(variance > variance_floor);
  for (double& value : rho) value = constant ? 0.0 : value / variance;
  rho[0] = 1.0;
  return rho;
}

struct GeyerSum {
  double tau = 1.0;
  std::size_t last_lag = 0;
};

/// Adds pairs rho_2m + rho_2m+1 while positive, each no larger than the one before.
GeyerSum geyer_sum(const std::vector<double>& rho, double min_tau) {
  GeyerSum result{-1.0, 0};
  double previous = rho[0] + rho[1];
  for (std::size_t m = 0; 2 * m + 1 < rho.size(); ++m) {
    const double pair = std::min(rho[2 * m] + rho[2 * m + 1], previous);
    if (pair <= 0.0) break;
    result.tau += 2.0 * pair;
    result.last_lag = 2 * m + 1;
    previous = pair;
  }
  result.tau = std::max(result.tau, min_tau);
  return result;
}

/// Standard error from leave-one-group-out estimates.
double jackknife_error(const std::vector<double>& left_out) {
  const double n = static_cast<double>(left_out.size());
  double mean = 0.0, squares = 0.0;
  for (double v : left_out) mean += v / n;
  for (double v : left_out) squares += (v - mean) * (v - mean);
  return std::sqrt(squares * (n - 1.0) / n);
}

double standard_error_of_chain_means(ChainSeries series, double mean) {
  const double n = static_cast<double>(series.n_steps);
  double squares = 0.0;
  for (std::size_t c = 0; c < series.n_chains; ++c) {
    double deviation = 0.0;
    for (double v : series.values.subspan(c * series.n_steps, series.n_steps)) {
      deviation += (v - mean) / n;
    }
    squares += deviation * deviation;
  }
  const double chains = static_cast<double>(series.n_chains);
  return std::sqrt(squares / (chains * (chains - 1.0)));
}

/// Statistics of a series whose weights differ, from those of its weighted deviations.
AutocorrelationTime weighted_time(ChainSeries series) {
  const std::vector<double> deviations = weighted_deviations(series);
  AutocorrelationTime result = autocorrelation_time({deviations, series.n_chains, series.n_steps});
  const WeightedMoments moments = weighted_moments(series);
  const double kish = kish_effective_sample_size(series.log_weights);
  result.mean = moments.mean;
  result.standard_deviation = std::sqrt(moments.variance * kish / (kish - 1.0));
  if (!(kish > 1.0))
    result.standard_deviation = result.mean_error = std::numeric_limits<double>::quiet_NaN();
  result.effective_samples = weighted_effective_samples(series, result.tau);
  result.effective_samples_error = result.effective_samples * result.tau_error / result.tau;
  return result;
}

}  // namespace

std::vector<double> autocorrelation(ChainSeries series, std::size_t max_lag) {
  check_series(series, 1);
  if (max_lag >= series.n_steps) {
    throw InputError("autocorrelation at lag " + std::to_string(max_lag) + " asked of chains of " +
                     std::to_string(series.n_steps) + " steps: expected a smaller lag");
  }
  if (weights_differ(series.log_weights)) {
    const std::vector<double> deviations = weighted_deviations(series);
    return autocorrelation({deviations, series.n_chains, series.n_steps}, max_lag);
  }
  const PooledMoments moments = pooled_moments(series);
  if (moments.variance == 0.0) {
    std::vector<double> rho(max_lag + 1, 0.0);
    rho[0] = 1.0;
    return rho;
  }
  const LagSums sums = lag_sums(series, 0, series.n_chains, max_lag + 1, moments.mean);
  return normalised(sums, series.n_steps, 0.0);
}

AutocorrelationTime autocorrelation_time(ChainSeries series) {
  check_series(series, 4);
  if (weights_differ(series.log_weights)) return weighted_time(series);
  const PooledMoments moments = pooled_moments(series);
  const double n = static_cast<double>(series.values.size());
  AutocorrelationTime result;
  result.mean = moments.mean;
  result.standard_deviation = std::sqrt(moments.variance * n / (n - 1.0));
  if (moments.variance == 0.0) {
    constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
    result.tau = result.tau_error = kUnknown;
    result.effective_samples = result.effective_samples_error = kUnknown;
    return result;
  }

  // Sums per group of chains, then of all.
  const std::size_t n_groups = std::min(series.n_chains, kMaxJackknifeGroups);
  std::vector<LagSums> groups;
  for (std::size_t g = 0; g < n_groups; ++g) {
    const std::size_t first = g * series.n_chains / n_groups;
    const std::size_t last = (g + 1) * series.n_chains / n_groups;
    groups.push_back(lag_sums(series, first, last - first, series.n_steps, moments.mean));
  }
  LagSums all{0.0, std::vector<double>(series.n_steps, 0.0),
              std::vector<double>(series.n_steps, 0.0), 0.0};
  for (const LagSums& group : groups) add(group, 1.0, all);

  const double min_tau = 1.0 / std::max(1.0, std::log10(n));
  const GeyerSum geyer = geyer_sum(normalised(all, series.n_steps, 0.0), min_tau);
  result.tau = geyer.tau;
  if (series.n_chains >= kMinChainsForJackknife) {
    // Rounding left over by the subtraction is no variance.
    const double variance_floor = 1e-14 * moments.variance;
    std::vector<double> left_out;
    for (const LagSums& group : groups) {
      add(group, -1.0, all);
      left_out.push_back(geyer_sum(normalised(all, series.n_steps, variance_floor), min_tau).tau);
      add(group, 1.0, all);
    }
    result.tau_error = jackknife_error(left_out);
    result.mean_error = standard_error_of_chain_means(series, moments.mean);
  } else {
    const double window = static_cast<double>(geyer.last_lag);
    result.tau_error = result.tau * std::sqrt(2.0 * (2.0 * window + 1.0) / n);
  }
  result.effective_samples = n / result.tau;
  result.effective_samples_error = result.effective_samples * result.tau_error / result.tau;
  if (series.n_chains < kMinChainsForJackknife) {
    result.mean_error = result.standard_deviation / std::sqrt(result.effective_samples);
  }
  return result;
}

double first_crossing_time(ChainSeries series) {
  check_series(series, 4);
  if (pooled_moments(series).variance == 0.0) return std::numeric_limits<double>::quiet_NaN();
  double tau = -1.0;
  for (double rho : autocorrelation(series, series.n_steps - 1)) {
    if (rho <= 0.0) break;
    tau += 2.0 * std::abs(rho);
  }
  return tau;
}

}  // namespace saltus::engine
