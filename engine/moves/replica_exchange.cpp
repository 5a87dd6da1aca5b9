#include "engine/moves/replica_exchange.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "engine/core/error.h"
#include "engine/moves/decision.h"
#include "engine/moves/temperature_images.h"

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

/// Velocities of configurations that have changed places become those of their new temperatures.
void scale_velocities(ChainBatch& chains, std::size_t low, std::size_t high) {
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
TemperatureImages images_of(const ChainBatch& chains, const std::vector<std::size_t>& pairs,
                            const TemperatureMap& map, const TargetDensity& target) {
  std::vector<ImageRequest> requests;
  for (const std::size_t low : pairs) {
    requests.push_back({low, low + 1});
    requests.push_back({low + 1, low});
  }
  return TemperatureImages(chains, requests, map, target);
}

/// The joint density with the images of pair p exchanged.
double exchanged_log_density(const TemperatureImages& images, const ChainBatch& chains,
                             const TargetDensity& target, std::size_t p, std::size_t low) {
  return images.log_density(2 * p + 1, target, chains.states[low]) +
         images.log_density(2 * p, target, chains.states[low + 1]);
}

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
  std::optional<TemperatureImages> images;
  if (map_) {
    require_measure(target, map_->measure(), "the map of " + name());
    images = images_of(chains, pairs, *map_, target);
    record.n_energy_evaluations = images->size();
  }
  for (std::size_t p = 0; p < pairs.size(); ++p) {
    const std::size_t low = pairs[p];
    // Either way the exchange is its own inverse.
    const double exchanged = images ? exchanged_log_density(*images, chains, target, p, low)
                                    : exchanged_log_density(chains, target, low);
    const double log_ratio = metropolis_log_ratio(
        current_log_density(chains, target, low), exchanged, 0.0,
        images ? images->log_volume(2 * p) + images->log_volume(2 * p + 1) : 0.0);
    const bool accepted = accepts(log_ratio, key, StreamName::kExchangeAccept, low);
    if (accepted) {
      chains.swap_configurations(low, low + 1);
      if (images) {
        // After configurations have changed places, with all that goes along.
        images->take(2 * p + 1, low, chains);
        images->take(2 * p, low + 1, chains);
      }
      scale_velocities(chains, low, low + 1);
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
