#include "engine/run/round_trips.h"

#include <limits>
#include <string>

#include "engine/core/error.h"

namespace saltus::engine {

RoundTrips::RoundTrips(std::size_t levels, std::uint64_t step, Span<const std::uint32_t> replicas)
    : ladder_size(levels),
      first_step(step),
      phases(replicas.size(), RoundTripPhase::kNotBegun),
      begun(replicas.size(), 0) {
  if (levels < 2 || replicas.size() % levels != 0)
    throw InternalError("round trips: " + std::to_string(replicas.size()) +
                        " chains are no ladders of " + std::to_string(levels));
  add(step, replicas);
}

void RoundTrips::add(std::uint64_t step, Span<const std::uint32_t> replicas) {
  if (ladder_size == 0) return;
  if (replicas.size() != phases.size() || begun.size() != phases.size())
    throw InternalError("round trips: " + std::to_string(replicas.size()) + " chains, there were " +
                        std::to_string(phases.size()));
  std::vector<char> seen(replicas.size(), 0);
  const auto at_end = [&](std::size_t chain) {
    const std::size_t replica = replicas[chain];
    if (replica >= seen.size() || seen[replica] != 0)
      throw InternalError("round trips: chain " + std::to_string(chain) + " holds replica " +
                          std::to_string(replica) +
                          ", which is at another place, too, or is none of this run");
    seen[replica] = 1;
    return replica;
  };
  for (std::size_t first = 0; first < replicas.size(); first += ladder_size) {
    const std::size_t low = at_end(first);
    if (phases[low] == RoundTripPhase::kGoingDown) {
      ++n_round_trips;
      n_steps += step - begun[low];
    }
    if (phases[low] != RoundTripPhase::kGoingUp) begun[low] = step;
    phases[low] = RoundTripPhase::kGoingUp;
    const std::size_t high = at_end(first + ladder_size - 1);
    if (phases[high] == RoundTripPhase::kGoingUp) phases[high] = RoundTripPhase::kGoingDown;
  }
}

double RoundTrips::mean_steps() const {
  return n_round_trips == 0 ? std::numeric_limits<double>::quiet_NaN()
                            : static_cast<double>(n_steps) / static_cast<double>(n_round_trips);
}

void RoundTripReporter::on_step(std::uint64_t step, const ChainBatch& chains,
                                const TransitionInfo&) {
  round_trips_.add(step, chains.replicas);
}

}  // namespace saltus::engine
