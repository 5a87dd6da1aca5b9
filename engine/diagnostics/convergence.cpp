#include "engine/diagnostics/convergence.h"

#include <cmath>
#include <string>
#include <vector>

#include "engine/core/error.h"

namespace saltus::engine {
namespace {

struct Moments {
  double mean = 0.0, variance = 0.0;  ///< variance with 1/(n-1)
};

/// Shifted by the first value, so that equal values have exactly no variance.
Moments moments_of(Span<const double> values) {
  const double shift = values[0], n = static_cast<double>(values.size());
  double sum = 0.0, squares = 0.0;
  for (double v : values) sum += v - shift;
  const double mean = sum / n;
  for (double v : values) squares += (v - shift - mean) * (v - shift - mean);
  return {shift + mean, squares / (n - 1.0)};
}

}  // namespace

double split_r_hat(ChainSeries series) {
  check_series(series, 4);
  if (weights_differ(series.log_weights)) {
    const std::vector<double> deviations = weighted_deviations(series);
    return split_r_hat({deviations, series.n_chains, series.n_steps});
  }
  const std::size_t half = series.n_steps / 2;
  std::vector<double> means;
  double within = 0.0;
  for (std::size_t c = 0; c < series.n_chains; ++c) {
    for (std::size_t start : {std::size_t{0}, series.n_steps - half}) {
      const Moments moments = moments_of(series.values.subspan(c * series.n_steps + start, half));
      means.push_back(moments.mean);
      within += moments.variance;
    }
  }
  within /= static_cast<double>(means.size());
  const double between = moments_of(means).variance;
  if (between == 0.0 && within == 0.0) return 1.0;
  const double n = static_cast<double>(half);
  return std::sqrt((n - 1.0) / n + between / within);
}

std::size_t round_trips(ChainSeries series, double first_below, double second_above) {
  check_series(series, 1);
  if (!(first_below <= second_above)) {
    throw InputError("basins overlap: the first ends at " + std::to_string(first_below) +
                     ", the second begins at " + std::to_string(second_above) +
                     "; expected first_below <= second_above");
  }
  enum class Last { kNowhere, kFirst, kSecond };
  std::size_t trips = 0;
  for (std::size_t c = 0; c < series.n_chains; ++c) {
    Last last = Last::kNowhere;
    for (double v : series.values.subspan(c * series.n_steps, series.n_steps)) {
      if (v < first_below) {
        if (last == Last::kSecond) ++trips;
        last = Last::kFirst;
      } else if (v > second_above && last == Last::kFirst) {
        // `second` counts only after `first`.
        last = Last::kSecond;
      }
    }
  }
  return trips;
}

}  // namespace saltus::engine
