#include "engine/moves/replica_exchange.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "engine/core/error.h"
#include "engine/moves/decision.h"

namespace saltus::engine {

ReplicaExchange::ReplicaExchange(std::size_t ladder_size, std::shared_ptr<const TemperatureMap> map)
    : ladder_size_(ladder_size), map_(std::move(map)) {
  if (ladder_size_ < 2)
    throw InputError("replica_exchange: a ladder needs at least 2 temperatures, got " +
                     std::to_string(ladder_size_));
}

namespace {

/// Lower chains of the pairs of a step; the other one of a pair is the next.
std::vector<std::size_t> pairs_of(std::size_t n_chains, std::size_t ladder_size,
                                  const StepKey& key) {
  std::vector<std::size_t> result;
  for (std::size_t first = 0; first < n_chains; first += ladder_size)
    for (std::size_t level = (key.step + key.repeat) % 2; level + 1 < ladder_size; level += 2)
      result.push_back(first + level);
  return result;
}

/// Configurations change places; each keeps what it carries and gets velocities of its new
/// temperature.
void exchange(ChainBatch& chains, std::size_t low, std::size_t high) {
  chains.swap_configurations(low, high);
  const double scale =
      std::sqrt(chains.states[high].temperature_K / chains.states[low].temperature_K);
  for (double& v : chains.velocities.chain(low)) v /= scale;
  for (double& v : chains.velocities.chain(high)) v *= scale;
}

double current_log_density(const ChainBatch& chains, const TargetDensity& target, std::size_t low) {
  return target.log_density(chains, low) + target.log_density(chains, low + 1);
}

/// The joint density with configurations exchanged as they are.
double exchanged_log_density(const ChainBatch& chains, const TargetDensity& target,
                             std::size_t low) {
  return target.log_density(chains, low + 1, chains.states[low]) +
         target.log_density(chains, low, chains.states[low + 1]);
}

/// Images of all chains that are in a pair, each at the temperature of the other one: rows 2 p and
/// 2 p + 1 are of the chains of pair p.
class Images {
 public:
  Images(const ChainBatch& chains, const std::vector<std::size_t>& pairs, const TemperatureMap& map,
         const TargetDensity& target)
      : positions_(CoordinateBatch::like(chains.positions.view(), 2 * pairs.size())) {
    std::vector<ThermodynamicState> states;
    std::vector<double> temperatures_K;
    for (const std::size_t low : pairs)
      for (const std::size_t c : {low, low + 1}) {
        positions_.copy_chain(chains.positions.view(), c, states.size());
        states.push_back(chains.states[c]);
        temperatures_K.push_back(chains.states[c == low ? low + 1 : low].temperature_K);
      }
    MappedConfigurations mapped = map.map({positions_.view(), states, 0}, temperatures_K);
    // What has no image is evaluated where it is, and refused.
    for (std::size_t row = 0; row < states.size(); ++row)
      if (std::isfinite(mapped.log_volumes[row]))
        positions_.copy_chain(mapped.positions.view(), row, row);
    log_volumes_ = std::move(mapped.log_volumes);
    target.evaluate(positions_.view(), terms_);
  }

  std::size_t n_evaluations() const { return log_volumes_.size(); }
  double log_volume(std::size_t p) const { return log_volumes_[2 * p] + log_volumes_[2 * p + 1]; }
  /// The joint density with the images exchanged.
  double log_density(const ChainBatch& chains, const TargetDensity& target, std::size_t p,
                     std::size_t low) const {
    const auto density = [&](std::size_t row, std::size_t state_of) {
      return target.log_density(terms_.energies[row], terms_.others_of(row),
                                chains.states[state_of]);
    };
    return density(2 * p + 1, low) + density(2 * p, low + 1);
  }
  /// After configurations have changed places.
  void take(ChainBatch& chains, std::size_t p, std::size_t low) const {
    take_row(chains, 2 * p + 1, low);
    take_row(chains, 2 * p, low + 1);
  }

 private:
  void take_row(ChainBatch& chains, std::size_t row, std::size_t c) const {
    chains.positions.copy_chain(positions_.view(), row, c);
    chains.energies[c] = terms_.energies[row];
    const auto others = terms_.others_of(row);
    std::copy(others.begin(), others.end(),
              chains.other_terms.begin() + static_cast<std::ptrdiff_t>(c * others.size()));
  }

  CoordinateBatch positions_;
  std::vector<double> log_volumes_;
  TargetTerms terms_;
};

}  // namespace

MoveRequirements ReplicaExchange::requirements() const {
  MoveRequirements result = map_ ? map_->requirements() : MoveRequirements{};
  result.several_temperatures = true;
  return result;
}

TransitionInfo ReplicaExchange::apply(ChainBatch& chains, const TargetDensity& target,
                                      const StepKey& key) const {
  const double start = process_cpu_seconds();
  const std::size_t n = chains.n_chains();
  if (n % ladder_size_ != 0)
    throw InputError("replica_exchange: " + std::to_string(n) +
                     " chains cannot be split into ladders of " + std::to_string(ladder_size_));
  MoveRecord record;
  record.name = name();
  record.outcomes.assign(n, Outcome::kNotApplied);
  record.log_ratios.assign(n, std::numeric_limits<double>::quiet_NaN());
  const std::vector<std::size_t> pairs = pairs_of(n, ladder_size_, key);
  std::optional<Images> images;
  if (map_) {
    require_measure(target, map_->measure(), "the map of " + name());
    images.emplace(chains, pairs, *map_, target);
    record.n_energy_evaluations = images->n_evaluations();
  }
  for (std::size_t p = 0; p < pairs.size(); ++p) {
    const std::size_t low = pairs[p];
    // Either way the exchange is its own inverse.
    const double exchanged = images ? images->log_density(chains, target, p, low)
                                    : exchanged_log_density(chains, target, low);
    const double log_ratio =
        metropolis_log_ratio(current_log_density(chains, target, low), exchanged, 0.0,
                             images ? images->log_volume(p) : 0.0);
    const bool accepted = accepts(log_ratio, key, StreamName::kExchangeAccept, low);
    if (accepted) {
      exchange(chains, low, low + 1);
      if (images) images->take(chains, p, low);
    }
    record.log_ratios[low] = log_ratio;
    record.outcomes[low] = accepted                   ? Outcome::kAccepted
                           : std::isfinite(log_ratio) ? Outcome::kRejected
                                                      : Outcome::kInvalid;
  }
  record.cpu_seconds = process_cpu_seconds() - start;
  return {{std::move(record)}};
}

}  // namespace saltus::engine
