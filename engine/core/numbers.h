#pragma once

#include <algorithm>
#include <cmath>

#include "engine/core/span.h"

namespace saltus::engine {

/// True when no value is NaN or infinite; also for no values.
inline bool all_finite(Span<const double> values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

}  // namespace saltus::engine
