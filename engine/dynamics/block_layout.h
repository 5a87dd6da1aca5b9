#pragma once

#include <cstddef>

#include "engine/lanes/lane_term.h"

namespace saltus::engine {

/// How chains in motion lie in memory: as a block [value][lane] (engine/lanes/lane_term.h), or as a
/// row, a single chain with its values one after the other. Where the energy has no lanes, a chain
/// in a row takes a sixteenth of the memory and fills the vectors. Both have the same bits.
struct BlockLayout {
  std::size_t n_lanes = 0;
  std::size_t stride = kLaneWidth;  ///< between the values of a chain: kLaneWidth, or 1 in a row

  bool is_row() const { return stride == 1; }
  /// Numbers that n_values of each chain take; a row ends with zeros, up to a whole vector.
  std::size_t size(std::size_t n_values) const {
    return is_row() ? (n_values + kLaneWidth - 1) / kLaneWidth * kLaneWidth : n_values * kLaneWidth;
  }
};

/// BlockLayout::stride of n_chains where nothing asks for a block.
inline std::size_t best_stride(std::size_t n_chains) { return n_chains == 1 ? 1 : kLaneWidth; }

/// One chain of such a layout.
struct ChainPlace {
  std::size_t lane = 0;
  std::size_t stride = kLaneWidth;
  std::size_t operator()(std::size_t value) const { return value * stride + lane; }
};

}  // namespace saltus::engine
