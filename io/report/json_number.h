#pragma once

#include <cmath>

namespace saltus::io {

/// A number as a JSON value; null in place of NaN and infinities, which JSON has not.
template <class Json>
Json json_number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

}  // namespace saltus::io
