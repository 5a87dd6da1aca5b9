#pragma once

#include <cstddef>
#include <vector>

#include "engine/core/span.h"

namespace saltus::engine {

/// Time series of one observable in several chains of equal length: values[chain * n_steps + step].
///
/// With log-weights l every average is self-normalised, sum w x / sum w with w = exp(l); a common
/// offset does not matter, -inf counts for nothing. Equal weights are no weights: every number is
/// then that of the series without them, bit for bit.
struct ChainSeries {
  Span<const double> values;
  std::size_t n_chains = 0, n_steps = 0;
  Span<const double> log_weights = {};  ///< as values; empty: equal
};

/// Refuses a series no statistics can be made of.
/// @throws InputError      when there is no chain, a chain has fewer than `min_steps` values, the
///                         number of values, or of weights if there are any, is not n_chains
///                         n_steps, or a value is not finite (names it)
/// @throws NumericalError  when no weight is positive or one is NaN or +inf
void check_series(ChainSeries series, std::size_t min_steps);

/// Whether weights differ; false when there are none. Where they do not, nothing is weighted.
/// @param log_weights  as kish_effective_sample_size
/// @throws NumericalError  when there are weights but none is positive, or one is NaN or +inf
bool weights_differ(Span<const double> log_weights);

/// w_i / mean w, [n]; their sum is n.
/// @param log_weights  [n], as kish_effective_sample_size
std::vector<double> relative_weights(Span<const double> log_weights);

/// Self-normalised moments of a weighted series.
struct WeightedMoments {
  double mean = 0.0;      ///< sum w x / sum w
  double variance = 0.0;  ///< sum w (x - mean)^2 / sum w
};
WeightedMoments weighted_moments(ChainSeries series);

/// What each value adds to the error of the weighted mean, to first order:
/// z_i = (w_i / mean w) (x_i - weighted mean), [n_chains n_steps]. Their mean is 0, with the error
/// of the weighted mean: autocorrelation, error and split R-hat of a weighted series are those of
/// z. Source: the delta method for a ratio of means, e.g. Owen, Monte Carlo theory, methods and
/// examples (2013), sec. 9.2, with correlated z as Geyer, Stat. Sci. 7, 473 (1992),
/// doi:10.1214/ss/1177011137.
/// @throws as check_series for 1 step
std::vector<double> weighted_deviations(ChainSeries series);

/// Effective samples of a weighted mean: n var_w(x) / (var(z) tau_z), the number of independent
/// unweighted draws of the target with the same error. Where weights say nothing about x and either
/// do not change along a chain or values are independent, it is the product of both losses,
/// (n / tau) (Kish's number / n); elsewhere var(z) and tau_z hold what the two have in common.
/// Assumes many effective samples, as the first order does. NaN when z is constant.
/// Source for Kish's number, (sum w)^2 / sum w^2: Kish, Survey Sampling (1965), sec. 11.7.
/// @param tau  autocorrelation time of the weighted deviations, in steps
double weighted_effective_samples(ChainSeries series, double tau);

}  // namespace saltus::engine
