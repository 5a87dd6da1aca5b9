#pragma once

#include <cstddef>
#include <vector>

namespace saltus::engine {

/// Atoms on one side of a bond: those reached from `start`, itself included, without crossing the
/// bond to `blocked`; ascending. Empty when the bond is in a ring (`blocked` is reached).
/// @param neighbours  of each atom
std::vector<std::size_t> side_of_bond(const std::vector<std::vector<std::size_t>>& neighbours,
                                      std::size_t start, std::size_t blocked);

}  // namespace saltus::engine
