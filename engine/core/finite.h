#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>
#include <vector>

#include "engine/core/span.h"

namespace saltus::engine {

/// Whether no value is NaN or infinite. [n], any unit; true of none.
template <class Value>
bool all_finite(Span<Value> values) {
  static_assert(std::is_floating_point_v<std::remove_const_t<Value>>);
  return std::all_of(values.begin(), values.end(), [](Value v) { return std::isfinite(v); });
}
inline bool all_finite(const std::vector<double>& values) {
  return all_finite(Span<const double>(values));
}

/// The energy, or +inf where it is none: numbers overflow, or become NaN, where atoms coincide or
/// are far outside, and the density is zero there.
inline double finite_or_infinite(double energy) {
  return std::isfinite(energy) ? energy : std::numeric_limits<double>::infinity();
}

}  // namespace saltus::engine
