#include "engine/ensemble/resampling.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/core/log_math.h"
#include "engine/ensemble/reweighting.h"

namespace saltus::engine {

double log_mean_exp(Span<const double> values) {
  return log_sum_exp(values) - std::log(static_cast<double>(values.size()));
}

std::vector<std::size_t> systematic_resampling(Span<const double> log_weights, const StepKey& key,
                                               std::uint32_t stream) {
  kish_effective_sample_size(log_weights);  // refuses weights that mean nothing
  const std::size_t n = log_weights.size();
  const double total = log_sum_exp(log_weights);
  const double offset = RandomStream(key, StreamName::kResampling, stream).uniform();
  std::vector<std::size_t> chosen;
  chosen.reserve(n);
  std::size_t last_positive = 0;
  double reached = 0.0;  // n times the cumulative weight
  for (std::size_t i = 0; i < n; ++i) {
    if (log_weights[i] == -std::numeric_limits<double>::infinity()) continue;
    last_positive = i;
    reached += static_cast<double>(n) * std::exp(log_weights[i] - total);
    while (chosen.size() < n && static_cast<double>(chosen.size()) + offset < reached)
      chosen.push_back(i);
  }
  // What rounding has left over.
  chosen.resize(n, last_positive);
  return chosen;
}

}  // namespace saltus::engine
