#include "engine/core/log_math.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/core/units.h"

namespace saltus::engine {

double log_sum_exp(Span<const double> values) {
  constexpr double kMinusInfinity = -std::numeric_limits<double>::infinity();
  double largest = kMinusInfinity;
  for (double v : values) {
    if (std::isnan(v)) return v;
    largest = std::max(largest, v);
  }
  if (!std::isfinite(largest)) return largest;
  double sum = 0.0;
  for (double v : values) sum += std::exp(v - largest);
  return largest + std::log(sum);
}

double log_add_exp(double a, double b) {
  const double pair[2] = {a, b};
  return log_sum_exp(Span<const double>(pair, 2));
}

double wrap_angle(double radian) {
  const double wrapped = std::remainder(radian, kTwoPi);
  return wrapped >= kPi ? -kPi : wrapped;
}

}  // namespace saltus::engine
