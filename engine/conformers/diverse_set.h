#pragma once

#include <cstddef>
#include <vector>

#include "engine/conformers/nearness.h"
#include "engine/core/span.h"

namespace saltus::engine {

/// Chooses conformers that represent a pool of many: the set S of candidates, one more at a time,
/// that makes
///   F(S) = sum_j w_j max_{i in S} V(rmsd(i, j)),  V(d) = sum of worth_k with d < radius_k
/// largest, j over the candidates. F is submodular, so that this greedy set reaches at least
/// 1 - 1/e of the best F; of equals the first is chosen. Stops early when nothing would be gained.
/// Source: Nemhauser, Wolsey, Fisher, Math. Program. 14, 265 (1978), doi:10.1007/BF01588971.
/// @param nearness    of the pool
/// @param candidates  numbers in the pool
/// @param weights     [candidates], >= 0
/// @param worth       [radii], >= 0: gain of being nearer than each radius, beyond being nearer
///                    than the one before
/// @param max_chosen  at most so many
/// @returns the chosen ones, numbers in the pool, in the order of choice
/// @throws InputError  when sizes do not fit, or a weight or worth is negative
std::vector<std::size_t> choose_diverse(const Nearness& nearness,
                                        Span<const std::size_t> candidates,
                                        Span<const double> weights, Span<const double> worth,
                                        std::size_t max_chosen);

}  // namespace saltus::engine
