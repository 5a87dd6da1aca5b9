#include "engine/moves/replica_exchange.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/core/error.h"
#include "engine/moves/metropolis.h"

namespace saltus::engine {

ReplicaExchange::ReplicaExchange(std::size_t ladder_size) : ladder_size_(ladder_size) {
  if (ladder_size_ < 2)
    throw InputError("replica_exchange: a ladder needs at least 2 temperatures, got " +
                     std::to_string(ladder_size_));
}

namespace {

/// Configurations change places; each keeps its energy and gets velocities of its new temperature.
void swap_configurations(ChainBatch& chains, std::size_t low, std::size_t high) {
  const auto xl = chains.positions.chain(low), xh = chains.positions.chain(high);
  std::swap_ranges(xl.begin(), xl.end(), xh.begin());
  const auto vl = chains.velocities.chain(low), vh = chains.velocities.chain(high);
  std::swap_ranges(vl.begin(), vl.end(), vh.begin());
  std::swap(chains.energies[low], chains.energies[high]);
  std::swap(chains.log_weights[low], chains.log_weights[high]);
  const double scale =
      std::sqrt(chains.states[high].temperature_K / chains.states[low].temperature_K);
  for (double& v : vl) v /= scale;
  for (double& v : vh) v *= scale;
}

}  // namespace

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
    for (std::size_t level = key.step % 2; level + 1 < ladder_size_; level += 2) {
      const std::size_t low = first + level, high = low + 1;
      const ThermodynamicState &a = chains.states[low], &b = chains.states[high];
      // Current and exchanged joint densities; the swap itself is its own inverse.
      const double current = target.log_density(chains.energies[low], a) +
                             target.log_density(chains.energies[high], b);
      const double exchanged = target.log_density(chains.energies[high], a) +
                               target.log_density(chains.energies[low], b);
      const double log_ratio = metropolis_log_ratio(current, exchanged, 0.0, 0.0);
      const double u =
          RandomStream(key, StreamName::kExchangeAccept, static_cast<std::uint32_t>(low)).uniform();
      const bool accepted = u < acceptance_probability(log_ratio);
      if (accepted) swap_configurations(chains, low, high);
      record.log_ratios[low] = log_ratio;
      record.outcomes[low] = accepted ? Outcome::kAccepted : Outcome::kRejected;
    }
  }
  record.cpu_seconds = process_cpu_seconds() - start;
  return {{std::move(record)}};
}

}  // namespace saltus::engine
