#include "engine/moves/replica_exchange.h"

#include <cmath>
#include <limits>

#include "engine/core/error.h"
#include "engine/moves/decision.h"

namespace saltus::engine {

ReplicaExchange::ReplicaExchange(std::size_t ladder_size) : ladder_size_(ladder_size) {
  if (ladder_size_ < 2)
    throw InputError("replica_exchange: a ladder needs at least 2 temperatures, got " +
                     std::to_string(ladder_size_));
}

namespace {

/// Configurations change places; each keeps what it carries and gets velocities of its new
/// temperature.
void exchange(ChainBatch& chains, std::size_t low, std::size_t high) {
  chains.swap_configurations(low, high);
  const double scale =
      std::sqrt(chains.states[high].temperature_K / chains.states[low].temperature_K);
  for (double& v : chains.velocities.chain(low)) v /= scale;
  for (double& v : chains.velocities.chain(high)) v *= scale;
}

}  // namespace

MoveRequirements ReplicaExchange::requirements() const {
  MoveRequirements result;
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
  for (std::size_t first = 0; first < n; first += ladder_size_) {
    for (std::size_t level = (key.step + key.repeat) % 2; level + 1 < ladder_size_; level += 2) {
      const std::size_t low = first + level, high = low + 1;
      const ThermodynamicState &a = chains.states[low], &b = chains.states[high];
      // Current and exchanged joint densities; the swap itself is its own inverse.
      const double current = target.log_density(chains, low) + target.log_density(chains, high);
      const double exchanged =
          target.log_density(chains, high, a) + target.log_density(chains, low, b);
      const double log_ratio = metropolis_log_ratio(current, exchanged, 0.0, 0.0);
      const bool accepted = accepts(log_ratio, key, StreamName::kExchangeAccept, low);
      if (accepted) exchange(chains, low, high);
      record.log_ratios[low] = log_ratio;
      record.outcomes[low] = accepted ? Outcome::kAccepted : Outcome::kRejected;
    }
  }
  record.cpu_seconds = process_cpu_seconds() - start;
  return {{std::move(record)}};
}

}  // namespace saltus::engine
