#pragma once

#include <cstddef>

#include "engine/system/internal_coordinates.h"

namespace saltus::engine {

/// The functions of internal_coordinates.h for the chains of a block, one in each lane: the same
/// formulas, so that both agree to rounding. Pointers at multiples of 64 bytes, as AlignedVector
/// gives them.

/// @param x        [N][3][lane], nm; z may place only some of these atoms, and q is theirs
/// @param q        out [3N-6][lane]
/// @param log_jac  out [lane], as cartesian_to_internal
void measure_internal_block(const ZMatrix& z, std::size_t n_lanes, const double* x, double* q,
                            double* log_jac);

/// What an internal-to-Cartesian block is made from.
struct PlacedFrom {
  const double* q = nullptr;  ///< [3N-6][lane]
  const double* x = nullptr;  ///< [N][3][lane], nm: whose first three placed atoms give the frame
};

/// @param y        out [N][3][lane], nm, as internal_to_cartesian and then move_to_frame_of; atoms
///                 that z does not place are left as they are
/// @param log_jac  out [lane], of q; -inf where y means nothing
void place_internal_block(const ZMatrix& z, std::size_t n_lanes, const PlacedFrom& from, double* y,
                          double* log_jac);

}  // namespace saltus::engine
