#include "engine/diagnostics/reweighting.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>

#include "engine/core/error.h"

namespace saltus::engine {

double kish_effective_sample_size(Span<const double> log_weights) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  double largest = -kInfinity;
  for (std::size_t i = 0; i < log_weights.size(); ++i) {
    if (std::isnan(log_weights[i]) || log_weights[i] == kInfinity) {
      throw NumericalError("log-weight " + std::to_string(i) + " is " +
                           (std::isnan(log_weights[i]) ? "NaN" : "+inf") +
                           ": expected a finite number or -inf");
    }
    largest = std::max(largest, log_weights[i]);
  }
  if (largest == -kInfinity) {
    throw NumericalError("none of " + std::to_string(log_weights.size()) +
                         " importance weights is positive: no sample represents the target");
  }
  // Weights relative to the largest, so that no exponential overflows.
  double sum = 0.0, squares = 0.0;
  for (double log_weight : log_weights) {
    const double weight = std::exp(log_weight - largest);
    sum += weight;
    squares += weight * weight;
  }
  return sum * sum / squares;
}

}  // namespace saltus::engine
