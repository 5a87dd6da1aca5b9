#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/core/span.h"
#include "engine/system/coordinates.h"
#include "engine/torsions/torsion_graph.h"
#include "engine/torsions/torsion_model.h"

namespace saltus::tests {

/// How far a sample of one angle is from another.
struct TorsionDistance {
  double kl = 0.0;  ///< nats
  double w1 = 0.0;  ///< rad
};

/// KL(predicted || reference) of histograms of 32 bins over [-pi, pi), shares below 1e-10 counted
/// as 1e-10: as VonMisesNet is judged (Swanson, Williams, Jonas, ICML 2023, PMLR 202:33319).
/// @param predicted, reference  rad, in [-pi, pi)
/// @throws InternalError  when one is empty or an angle is out of range
double torsion_kl(engine::Span<const double> predicted, engine::Span<const double> reference);

/// Wasserstein distance of order 1 on the circle, exact:
///   min over c of the integral of |F(t) - G(t) - c| dt,
/// F, G: the distribution functions; the best c is the median of F - G.
/// Source: Rabin, Delon, Gousseau, J. Math. Imaging Vis. 41, 147 (2011),
/// doi:10.1007/s10851-011-0284-0.
/// @param a, b  rad, in [-pi, pi)
double circular_w1(engine::Span<const double> a, engine::Span<const double> b);

/// Both distances of each torsion [R].
/// @param predicted, reference  [n, R] and [m, R], rad
std::vector<TorsionDistance> torsion_distances(const std::vector<double>& predicted,
                                               const std::vector<double>& reference,
                                               std::size_t n_torsions);
TorsionDistance mean_distance(const std::vector<TorsionDistance>& distances);

/// Quartet angles [n, R] after all torsions were drawn from a model alone: one after the other in
/// the graph's order, each given those before it, no energy looked at.
/// @param frames  [M, N, 3], nm; each draw takes one at random, with all but its torsions
std::vector<double> model_draws(const engine::TorsionGraph& graph,
                                const engine::TorsionModel& model, std::size_t n,
                                engine::ConstCoordinates frames, std::uint64_t seed);

/// Shares [6] of the bins of 60 degrees from -180 on, averaged over the rotations that a torsion's
/// symmetry leaves it unchanged under.
/// @param torsions  [F, R], rad
std::vector<double> sixth_populations(const engine::TorsionGraph& graph, std::size_t torsion,
                                      const std::vector<double>& torsions);

/// How many of the six differ for a torsion of this symmetry.
std::size_t n_distinct_sixths(int symmetry);

/// Difference of two means of independent numbers, by Welch's t.
struct MeanDifference {
  double t = 0.0;
  double freedom = 0.0;  ///< degrees of, Welch and Satterthwaite
  /// The normal deviate with t's tail probability, at most 37 in size: comparable between different
  /// degrees of freedom. 0 where nothing varies and means are equal.
  double z = 0.0;
};
/// @param a, b  at least two each
MeanDifference difference_of_means(const std::vector<double>& a, const std::vector<double>& b);

/// A number with one standard error.
struct Estimate {
  double value = 0.0, error = 0.0;
  std::size_t n = 0;
};
/// Mean; the error is NaN for fewer than two values.
Estimate mean_of(const std::vector<double>& values);
/// Median; the error is the spread of the medians of 1000 bootstrap samples.
Estimate median_of(const std::vector<double>& values);

}  // namespace saltus::tests
