#pragma once

#include <cstddef>
#include <vector>

#include "engine/conformers/shape_comparison.h"
#include "engine/core/span.h"
#include "engine/system/coordinates.h"

namespace saltus::engine {

/// How conformers are chosen to represent many.
struct DiverseSetOptions {
  std::size_t n = 50;  ///< at most so many
  /// nm, falling: a conformer represents those nearer than the first radius, and better for those
  /// nearer than the others.
  std::vector<double> radii_nm = {0.1, 0.07, 0.05, 0.03};
  /// Gain of being nearer than each radius, beyond being nearer than the one before.
  std::vector<double> worth = {1.0, 0.25, 0.1, 0.05};
};

/// Chooses conformers that represent a pool of many: the set S, one more at a time, that makes
///   F(S) = sum_j w_j max_{i in S} V(rmsd(i, j)),  V(d) = sum of worth_k with d < radius_k
/// largest. F is submodular, so that this greedy set reaches at least 1 - 1/e of the best F; of
/// equals the first is chosen. Stops early when nothing would be gained.
/// Source: Nemhauser, Wolsey, Fisher, Math. Program. 14, 265 (1978), doi:10.1007/BF01588971.
/// @param x        [C, N, 3], nm
/// @param weights  [C], >= 0
/// @returns the chosen ones in the order of choice
/// @throws InputError  when sizes do not fit, radii do not fall, or a weight or worth is negative
std::vector<std::size_t> choose_diverse(ConstCoordinates x, Span<const double> weights,
                                        const ShapeComparison& comparison,
                                        const DiverseSetOptions& options);

/// How many conformers have no other within a distance. Divided by their number, that estimates the
/// probability that one more draw would be new.
/// Source: Good, Biometrika 40, 237 (1953), doi:10.1093/biomet/40.3-4.237.
/// @param x  [C, N, 3], nm
std::size_t count_alone(ConstCoordinates x, const ShapeComparison& comparison, double rmsd_nm);

}  // namespace saltus::engine
