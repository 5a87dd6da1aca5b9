#pragma once

#include <cstddef>
#include <vector>

#include "engine/diagnostics/autocorrelation.h"

namespace saltus::engine {

/// Histogram of a series with the standard error of each bin's probability. Weighted values count
/// with their weights.
struct Histogram {
  double lower = 0.0, upper = 1.0;
  /// [n_bins], sums to 1 over values in range (or is 0 throughout when there are none); the last
  /// bin contains `upper`.
  std::vector<double> probability;
  std::vector<double> probability_error;  ///< [n_bins]: between-chain standard error (>= 4 chains),
                                          ///< else that of n/tau binomial draws, n
                                          ///< being Kish's number of weighted values
};

/// @throws InputError  as check_series for 4 steps; when n_bins is 0, or not lower < upper
Histogram histogram(ChainSeries series, double lower, double upper, std::size_t n_bins);

/// Two angles on a periodic n x n grid over [-pi, pi)^2: probability and its error (as for a
/// Histogram; tau is the longest of the sines' and cosines'), and free energy -kT ln(p / p_max)
/// with error kT dp / p; kJ/mol; both infinite where nothing was seen. Row-major [first][second].
struct FreeEnergySurface {
  std::size_t n_bins = 0;
  std::vector<double> probability, probability_error, free_energy, free_energy_error;
};

/// @param first, second  rad, any branch, equally many chains and steps
/// @throws InputError  as check_series for 4 steps; when n_bins is 0, the temperature is not
///                     positive or the two series differ in shape or weights
FreeEnergySurface free_energy_surface(ChainSeries first, ChainSeries second, std::size_t n_bins,
                                      double temperature_K);

}  // namespace saltus::engine
