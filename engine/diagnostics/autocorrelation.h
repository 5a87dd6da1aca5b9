#pragma once

#include <cstddef>
#include <vector>

#include "engine/diagnostics/weighted_series.h"

namespace saltus::engine {

/// Autocorrelation function rho_0..rho_max, mean and variance pooled over chains (so that chains
/// that have not met show up as slow decay). Each lag is averaged over the pairs there are: rho_k =
/// [sum_{c,t} y_ct y_c(t+k) / (n_chains (n_steps - k))] / variance, y = x - mean. rho_0 = 1; all 0
/// beyond for a constant series. O(n log n) by fast Fourier transform. Of a weighted series y are
/// its weighted deviations.
/// @return [max_lag + 1]
/// @throws InputError  as check_series for 1 step, or when max_lag >= n_steps
std::vector<double> autocorrelation(ChainSeries series, std::size_t max_lag);

/// Of a constant series nothing can be told: tau, effective_samples and their errors are NaN. Of a
/// weighted series tau and errors are those of its weighted deviations, which assumes that chains
/// are independent: chains that were resampled from each other are so only as far as they have
/// forgotten it. When a single value has all the weight, mean_error and standard_deviation are NaN.
struct AutocorrelationTime {
  /// 1 + 2 sum rho_k, in steps; >= 1 unless the series is anticorrelated, and never below
  /// 1 / log10(number of values), beyond which it cannot be told apart from 0. Sum cut by Geyer's
  /// initial positive monotone sequence (Geyer, Stat. Sci. 7, 473 (1992),
  /// doi:10.1214/ss/1177011137); floor: Vehtari et al., Bayesian Anal. 16, 667 (2021),
  /// doi:10.1214/20-BA1221.
  double tau = 1.0;
  /// One standard error: jackknife over chains (>= 4), in at most 64 groups, or Sokal's formula
  /// tau sqrt(2 (2 W + 1) / n) with W the lag of the cut (Sokal, Functional Integration (1997),
  /// doi:10.1007/978-1-4899-0319-8_6, eq. 3.19).
  double tau_error = 0.0;
  double effective_samples = 0.0;  ///< n_chains n_steps / tau, or weighted_effective_samples
  double effective_samples_error = 0.0;
  double mean = 0.0;
  /// One standard error: from the spread of the chains' means (>= 4 chains), which assumes nothing
  /// but their independence, else standard_deviation / sqrt(effective_samples).
  double mean_error = 0.0;
  double standard_deviation = 0.0;  ///< with n - 1, or Kish's number - 1
};

/// @throws InputError  as check_series for 4 steps
AutocorrelationTime autocorrelation_time(ChainSeries series);

/// The cruder sum that some published effective sample sizes use: -1 + 2 sum_{k < k0} |rho_k|, in
/// steps, k0 being the first lag with rho_k <= 0 (the number of steps where there is none); n / tau
/// is the effective sample size. rho pooled over chains as autocorrelation(). NaN for a constant
/// series. At least 1, so that anticorrelated series gain nothing.
/// Source: Klein et al., Timewarp, NeurIPS (2023), arXiv:2302.01170, evaluation of TIC 0.
/// @throws InputError  as check_series for 4 steps
double first_crossing_time(ChainSeries series);

}  // namespace saltus::engine
