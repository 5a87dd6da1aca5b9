#include "engine/conformers/diverse_set.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>

#include "engine/core/error.h"

namespace saltus::engine {

namespace {

bool is_weight(double value) { return value >= 0.0 && std::isfinite(value); }

void check(const Nearness& nearness, Span<const std::size_t> candidates, Span<const double> weights,
           Span<const double> worth) {
  if (weights.size() != candidates.size())
    throw InputError("diverse set: " + std::to_string(weights.size()) + " weights for " +
                     std::to_string(candidates.size()) + " conformers");
  if (worth.size() != nearness.radii_nm().size())
    throw InputError("diverse set: there must be as many worths as radii");
  if (!std::all_of(worth.begin(), worth.end(), is_weight) ||
      !std::all_of(weights.begin(), weights.end(), is_weight))
    throw InputError("diverse set: weights must be finite and not negative");
}

class Chooser {
 public:
  Chooser(const Nearness& nearness, Span<const std::size_t> candidates, Span<const double> weights,
          Span<const double> worth)
      : nearness_(nearness),
        candidates_(candidates),
        weights_(weights),
        covered_(weights.size()),
        gains_(weights.size()) {
    values_.push_back(0.0);
    for (const double more : worth) values_.push_back(values_.back() + more);
    for (std::size_t j = 0; j < candidates.size(); ++j) {
      const auto row = nearness_.row(candidates[j]);
      for (std::size_t i = 0; i < candidates.size(); ++i)
        gains_[i] += weights[j] * values_[row[candidates[i]]];
    }
    min_gain_ = kRounding * *std::max_element(gains_.begin(), gains_.end());
  }

  /// The index of the best one left; that of the end when nothing would be gained.
  std::size_t best() const {
    const auto best = std::max_element(gains_.begin(), gains_.end());
    return *best > min_gain_ ? static_cast<std::size_t>(best - gains_.begin()) : gains_.size();
  }

  void choose(std::size_t chosen) {
    const auto row = nearness_.row(candidates_[chosen]);
    for (std::size_t j = 0; j < candidates_.size(); ++j) {
      const std::uint8_t level = row[candidates_[j]];
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
    const auto row = nearness_.row(candidates_[j]);
    for (std::size_t i = 0; i < gains_.size(); ++i) gains_[i] -= loss[row[candidates_[i]]];
    covered_[j] = level;
  }

  const Nearness& nearness_;
  Span<const std::size_t> candidates_;
  Span<const double> weights_;
  std::vector<double> values_;         ///< [radii + 1]
  std::vector<std::uint8_t> covered_;  ///< [candidates], in radii
  std::vector<double> gains_;          ///< [candidates]
  double min_gain_ = 0.0;
};

}  // namespace

std::vector<std::size_t> choose_diverse(const Nearness& nearness,
                                        Span<const std::size_t> candidates,
                                        Span<const double> weights, Span<const double> worth,
                                        std::size_t max_chosen) {
  check(nearness, candidates, weights, worth);
  if (candidates.empty()) return {};
  Chooser chooser(nearness, candidates, weights, worth);
  std::vector<std::size_t> chosen;
  while (chosen.size() < max_chosen) {
    const std::size_t next = chooser.best();
    if (next == candidates.size()) break;
    chooser.choose(next);
    chosen.push_back(candidates[next]);
  }
  return chosen;
}

}  // namespace saltus::engine
