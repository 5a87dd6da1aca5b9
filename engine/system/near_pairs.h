#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "engine/core/span.h"
#include "engine/system/box.h"

namespace saltus::engine {

/// Two atoms and how far they are from each other.
struct NearPair {
  std::size_t i = 0, j = 0;  ///< i < j
  double distance_nm = 0.0;
};

/// All pairs of atoms nearer than `reach_nm`, by cells of that width: time grows with the number of
/// atoms, not with its square. Sorted by i, then j. Atoms whose positions are no finite numbers are
/// near no other.
/// @param x    [N, 3], nm
/// @param box  none: no images; else pairs are taken at their nearest images, and the reach is at
///             most half its shortest width
std::vector<NearPair> near_pairs(Span<const double> x, double reach_nm,
                                 const std::optional<Box>& box);

}  // namespace saltus::engine
