#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>

namespace saltus::engine {

/// Two indices, the lower one first: a key of what joins them, whichever way round.
inline std::pair<std::size_t, std::size_t> ordered_pair(std::size_t a, std::size_t b) {
  return std::minmax(a, b);
}

}  // namespace saltus::engine
