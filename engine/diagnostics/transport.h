#pragma once

#include <cstddef>
#include <vector>

#include "engine/core/span.h"

namespace saltus::engine {

/// A sample of one quantity.
struct WeightedSample {
  Span<const double> values;
  Span<const double> weights;  ///< >= 0, any common factor; empty: all equal
};

/// Which power of a distance is averaged.
enum class WassersteinOrder { kOne = 1, kTwo = 2 };

/// Wasserstein distance of two samples on a line, in the unit of the values:
///   W_p = (integral over q in (0, 1) of |A(q) - B(q)|^p)^(1/p),
/// A and B being the samples' quantile functions. Exact, by sorting; the samples may differ in
/// size.
/// @throws InputError  for an empty sample, values that are not finite, weights that are negative,
///                     not finite, all zero or not as many as values
double wasserstein(const WeightedSample& a, const WeightedSample& b, WassersteinOrder order);

/// How far two points are from each other.
enum class PointMetric {
  kEuclidean,  ///< square root of the sum of squared differences
  kTorus,      ///< the same with each difference of angles wrapped into [-pi, pi)
};

/// Points in some dimensions; row-major [n_points, n_dimensions].
struct PointSample {
  Span<const double> values;
  std::size_t n_dimensions = 0;

  std::size_t n_points() const { return n_dimensions == 0 ? 0 : values.size() / n_dimensions; }
};

/// The permutation that pairs the points of two samples of equal size with the least sum of squared
/// distances; [n_points], partner in b of each point of a. Exact: shortest augmenting paths
/// (Jonker and Volgenant, Computing 38, 325 (1987), doi:10.1007/BF02278710) with distances computed
/// when needed: memory O(n), time O(n^3) at worst.
/// @throws InputError  for empty samples, samples of different size, or points that are not finite
std::vector<std::size_t> best_pairing(const PointSample& a, const PointSample& b,
                                      PointMetric metric);

/// Wasserstein-2 distance of two samples of equally many points: the root mean squared distance of
/// best_pairing(). Two independent samples of one distribution have a distance that is not zero;
/// compare with that.
/// @throws InputError  as best_pairing
double wasserstein_2(const PointSample& a, const PointSample& b, PointMetric metric);

}  // namespace saltus::engine
