#include "engine/conformers/diverse_set.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "engine/conformers/shape_blocks.h"
#include "engine/core/error.h"

namespace saltus::engine {

namespace {

bool is_weight(double value) { return value >= 0.0 && std::isfinite(value); }

void check(ConstCoordinates x, Span<const double> weights, const DiverseSetOptions& options) {
  if (weights.size() != x.n_chains)
    throw InputError("diverse set: " + std::to_string(weights.size()) + " weights for " +
                     std::to_string(x.n_chains) + " conformers");
  if (options.radii_nm.empty() || options.radii_nm.size() != options.worth.size())
    throw InputError("diverse set: there must be as many radii as worths, at least one");
  double last = std::numeric_limits<double>::infinity();
  for (const double radius : options.radii_nm) {
    if (!(radius > 0.0) || !(radius < last))
      throw InputError("diverse set: radii must be positive and fall");
    last = radius;
  }
  if (!std::all_of(options.worth.begin(), options.worth.end(), is_weight) ||
      !std::all_of(weights.begin(), weights.end(), is_weight))
    throw InputError("diverse set: weights must be finite and not negative");
}

/// How near all conformers are to each other, in radii.
class Nearness {
 public:
  Nearness(const ShapeBlocks& blocks, const std::vector<double>& radii)
      : n_(blocks.size()), levels_(n_ * n_, static_cast<std::uint8_t>(radii.size())) {
    for (std::size_t i = 0; i < n_; ++i) {
      blocks.count_radii(i, radii, {levels_.data() + i * n_, i});
      for (std::size_t j = 0; j < i; ++j) levels_[j * n_ + i] = levels_[i * n_ + j];
    }
  }
  const std::uint8_t* row(std::size_t i) const { return levels_.data() + i * n_; }

 private:
  std::size_t n_;
  std::vector<std::uint8_t> levels_;  ///< [C, C]
};

std::vector<ShapeComparison::Shape> shapes_of(ConstCoordinates x,
                                              const ShapeComparison& comparison) {
  std::vector<ShapeComparison::Shape> shapes;
  for (std::size_t c = 0; c < x.n_chains; ++c) shapes.push_back(comparison.shape(x.chain(c)));
  return shapes;
}

class Chooser {
 public:
  Chooser(const Nearness& nearness, Span<const double> weights, const std::vector<double>& worth)
      : nearness_(nearness), weights_(weights), covered_(weights.size()), gains_(weights.size()) {
    values_.push_back(0.0);
    for (const double more : worth) values_.push_back(values_.back() + more);
    for (std::size_t j = 0; j < weights.size(); ++j)
      for (std::size_t i = 0; i < weights.size(); ++i)
        gains_[i] += weights_[j] * values_[nearness_.row(j)[i]];
    min_gain_ = kRounding * *std::max_element(gains_.begin(), gains_.end());
  }

  /// The index of the best one left; that of the end when nothing would be gained.
  std::size_t best() const {
    const auto best = std::max_element(gains_.begin(), gains_.end());
    return *best > min_gain_ ? static_cast<std::size_t>(best - gains_.begin()) : gains_.size();
  }

  void choose(std::size_t chosen) {
    for (std::size_t j = 0; j < weights_.size(); ++j) {
      const std::uint8_t level = nearness_.row(chosen)[j];
      if (level > covered_[j]) cover(j, level);
    }
  }

 private:
  static constexpr double kRounding = 1e-9;

  /// Subtracts from all gains what j contributed to them.
  void cover(std::size_t j, std::uint8_t level) {
    std::vector<double> loss(values_.size());
    for (std::size_t l = 0; l < loss.size(); ++l)
      loss[l] = weights_[j] * (std::max(0.0, values_[l] - values_[covered_[j]]) -
                               std::max(0.0, values_[l] - values_[level]));
    const std::uint8_t* row = nearness_.row(j);
    for (std::size_t i = 0; i < gains_.size(); ++i) gains_[i] -= loss[row[i]];
    covered_[j] = level;
  }

  const Nearness& nearness_;
  Span<const double> weights_;
  std::vector<double> values_;         ///< [radii + 1]
  std::vector<std::uint8_t> covered_;  ///< [C], in radii
  std::vector<double> gains_;          ///< [C]
  double min_gain_ = 0.0;
};

}  // namespace

std::vector<std::size_t> choose_diverse(ConstCoordinates x, Span<const double> weights,
                                        const ShapeComparison& comparison,
                                        const DiverseSetOptions& options) {
  check(x, weights, options);
  if (x.n_chains == 0) return {};
  const std::vector<ShapeComparison::Shape> shapes = shapes_of(x, comparison);
  const Nearness nearness(ShapeBlocks(comparison, {shapes.data(), shapes.size()}),
                          options.radii_nm);
  Chooser chooser(nearness, weights, options.worth);
  std::vector<std::size_t> chosen;
  while (chosen.size() < options.n) {
    const std::size_t next = chooser.best();
    if (next == x.n_chains) break;
    chooser.choose(next);
    chosen.push_back(next);
  }
  return chosen;
}

std::size_t count_alone(ConstCoordinates x, const ShapeComparison& comparison, double rmsd_nm) {
  const std::vector<ShapeComparison::Shape> shapes = shapes_of(x, comparison);
  const ShapeBlocks blocks(comparison, {shapes.data(), shapes.size()});
  std::vector<bool> has_other(shapes.size(), false);
  std::vector<std::uint8_t> near(shapes.size());
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    // Radii that exceed the rmsd: one or none.
    blocks.count_radii(i, std::vector<double>{rmsd_nm}, {near.data(), i});
    for (std::size_t j = 0; j < i; ++j)
      if (near[j] > 0) has_other[i] = has_other[j] = true;
  }
  return static_cast<std::size_t>(std::count(has_other.begin(), has_other.end(), false));
}

}  // namespace saltus::engine
