#include "engine/diagnostics/angle_basins.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <string>

#include "engine/core/error.h"
#include "engine/core/log_math.h"
#include "engine/core/units.h"

namespace saltus::engine {
namespace {

constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

void check(Span<const double> first, Span<const double> second, std::size_t n_dimensions) {
  if (first.size() == 0) throw InputError("basins of angles: expected at least one value");
  if (second.size() != (n_dimensions == 2 ? first.size() : 0))
    throw InputError("basins of angles: " + std::to_string(first.size()) + " and " +
                     std::to_string(second.size()) + " values: expected as many of both");
  for (Span<const double> values : {first, second})
    for (std::size_t i = 0; i < values.size(); ++i)
      if (!std::isfinite(values[i]))
        throw InputError("basins of angles: value " + std::to_string(i) + " is not finite");
}

/// The basin that a basin has become part of.
std::size_t root_of(std::vector<std::size_t>& parent, std::size_t basin) {
  while (parent[basin] != basin) basin = parent[basin] = parent[parent[basin]];
  return basin;
}

}  // namespace

AngleBasins::AngleBasins(Span<const double> first, Span<const double> second,
                         const AngleBasinOptions& options)
    : n_bins_(options.n_bins), n_dimensions_(second.empty() ? 1 : 2) {
  check(first, second, n_dimensions_);
  constexpr std::size_t kMinBins = 8;
  if (n_bins_ < kMinBins || !(options.smoothing_rad > 0.0) || !(options.barrier_kT >= 0.0))
    throw InputError(
        "basins of angles: expected at least 8 bins, a positive smoothing width and a barrier that "
        "is not negative");
  std::vector<double> counts(n_dimensions_ == 2 ? n_bins_ * n_bins_ : n_bins_, 0.0);
  for (std::size_t i = 0; i < first.size(); ++i)
    counts[cell_of(first[i], n_dimensions_ == 2 ? second[i] : 0.0)] += 1.0;
  number(watershed(smoothed(counts, options.smoothing_rad), options.barrier_kT), counts);
}

std::size_t AngleBasins::cell_of(double first, double second) const {
  const auto bin = [this](double angle) {
    const double scaled = (wrap_angle(angle) + kPi) / kTwoPi * static_cast<double>(n_bins_);
    return std::min(static_cast<std::size_t>(scaled), n_bins_ - 1);
  };
  return n_dimensions_ == 2 ? bin(first) * n_bins_ + bin(second) : bin(first);
}

std::vector<double> AngleBasins::smoothed(const std::vector<double>& counts,
                                          double smoothing_rad) const {
  // A wrapped Gaussian, one angle after the other.
  std::vector<double> kernel(n_bins_, 0.0);
  const double width = kTwoPi / static_cast<double>(n_bins_);
  double sum = 0.0;
  for (std::size_t k = 0; k < n_bins_; ++k) {
    const double z = static_cast<double>(std::min(k, n_bins_ - k)) * width / smoothing_rad;
    kernel[k] = std::exp(-0.5 * z * z);
    sum += kernel[k];
  }
  for (double& value : kernel) value /= sum;
  std::vector<double> density = counts;
  for (std::size_t d = 0; d < n_dimensions_; ++d) {
    const std::size_t stride = n_dimensions_ == 2 && d == 0 ? n_bins_ : 1;
    const std::vector<double> before = density;
    for (std::size_t cell = 0; cell < density.size(); ++cell) {
      const std::size_t bin = cell / stride % n_bins_, start = cell - bin * stride;
      density[cell] = 0.0;
      for (std::size_t k = 0; k < n_bins_; ++k)
        density[cell] += kernel[k] * before[start + (bin + k) % n_bins_ * stride];
    }
  }
  return density;
}

std::vector<std::size_t> AngleBasins::neighbours_of(std::size_t cell) const {
  const auto next = [this](std::size_t bin) { return (bin + 1) % n_bins_; };
  const auto last = [this](std::size_t bin) { return (bin + n_bins_ - 1) % n_bins_; };
  if (n_dimensions_ == 1) return {last(cell), next(cell)};
  const std::size_t x = cell / n_bins_, y = cell % n_bins_;
  std::vector<std::size_t> cells;
  for (std::size_t i : {last(x), x, next(x)})
    for (std::size_t j : {last(y), y, next(y)})
      if (i != x || j != y) cells.push_back(i * n_bins_ + j);
  return cells;
}

std::vector<std::size_t> AngleBasins::watershed(const std::vector<double>& density,
                                                double barrier_kT) const {
  // The logarithm of nothing has to be a number that differences can be taken of.
  constexpr double kNothing = 1e-30;
  const auto log_density = [&](std::size_t cell) {
    return std::log(std::max(density[cell], kNothing));
  };
  std::vector<std::size_t> order(density.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return density[a] > density[b]; });
  // A basin is named by the cell of its peak.
  std::vector<std::size_t> parent(density.size()), basin(density.size(), kNone);
  std::iota(parent.begin(), parent.end(), std::size_t{0});
  for (std::size_t cell : order) {
    std::size_t from = kNone;
    for (std::size_t other : neighbours_of(cell))
      if (basin[other] != kNone && (from == kNone || density[other] > density[from])) from = other;
    basin[cell] = from == kNone ? cell : basin[from];
    for (std::size_t other : neighbours_of(cell)) {
      if (basin[other] == kNone) continue;
      std::size_t high = root_of(parent, basin[cell]), low = root_of(parent, basin[other]);
      if (high == low) continue;
      if (density[high] < density[low]) std::swap(high, low);
      if (log_density(low) - log_density(cell) <= barrier_kT) parent[low] = high;
    }
  }
  for (std::size_t& name : basin) name = root_of(parent, name);
  return basin;
}

void AngleBasins::number(const std::vector<std::size_t>& basin, const std::vector<double>& counts) {
  std::map<std::size_t, double> population;
  for (std::size_t cell = 0; cell < basin.size(); ++cell) population[basin[cell]] += counts[cell];
  std::vector<std::size_t> names;
  names.reserve(population.size());
  for (const auto& [name, count] : population) names.push_back(name);
  std::stable_sort(names.begin(), names.end(), [&](std::size_t a, std::size_t b) {
    return population.at(a) > population.at(b);
  });
  basin_of_cell_.resize(basin.size());
  const double width = kTwoPi / static_cast<double>(n_bins_);
  const auto centre = [width](std::size_t bin) {
    return (static_cast<double>(bin) + 0.5) * width - kPi;
  };
  for (std::size_t i = 0; i < names.size(); ++i) {
    for (std::size_t cell = 0; cell < basin.size(); ++cell)
      if (basin[cell] == names[i]) basin_of_cell_[cell] = static_cast<std::uint32_t>(i);
    if (n_dimensions_ == 2)
      peaks_.push_back({centre(names[i] / n_bins_), centre(names[i] % n_bins_)});
    else
      peaks_.push_back({centre(names[i]), 0.0});
  }
}

std::vector<std::uint32_t> AngleBasins::basins_of(Span<const double> first,
                                                  Span<const double> second) const {
  check(first, second, n_dimensions_);
  std::vector<std::uint32_t> basins;
  basins.reserve(first.size());
  for (std::size_t i = 0; i < first.size(); ++i)
    basins.push_back(basin_of_cell_[cell_of(first[i], n_dimensions_ == 2 ? second[i] : 0.0)]);
  return basins;
}

}  // namespace saltus::engine
