#pragma once

#include <cstddef>
#include <vector>

#include "engine/core/span.h"

namespace saltus::mlsamplers {

/// Weights population^-power of each configuration's cell, mean 1: 0 leaves all alike, with 1 all
/// visited cells weigh the same. A cell is a product of sectors of 60 degrees, one of each soft
/// torsion; molecules without any have one cell.
/// @param soft  [n, n_soft], rad, any branch
/// @param n_soft  when 0, the result is empty: no weights
std::vector<double> balanced_weights(engine::Span<const double> soft, std::size_t n_soft,
                                     double power);

}  // namespace saltus::mlsamplers
