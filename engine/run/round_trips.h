#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/core/span.h"
#include "engine/run/reporter.h"

namespace saltus::engine {

/// What a replica has done since it last completed a round trip.
enum class RoundTripPhase : std::uint8_t {
  kNotBegun,   ///< it has not been at the lowest level yet
  kGoingUp,    ///< from the lowest level on, not yet at the highest
  kGoingDown,  ///< it has been at the highest level, and not at the lowest since
};

/// Round trips of replicas over temperature ladders: from the lowest level to the highest and back.
/// Chain = ladder * ladder_size + level; which replica a chain holds, ChainBatch::replicas says. A
/// trip ends, and the next one begins, when the replica is seen at the lowest level after it was
/// seen at the highest; the first begins where it is first seen at the lowest. Replicas are seen
/// where they are after a step: what happens within a step is not.
/// Source: Katzgraber et al., J. Stat. Mech. P03018 (2006), doi:10.1088/1742-5468/2006/03/P03018.
struct RoundTrips {
  std::size_t ladder_size = 0;         ///< levels; 0: nothing is counted
  std::uint64_t first_step = 0;        ///< from which on is counted
  std::uint64_t n_round_trips = 0;     ///< completed, of all replicas
  std::uint64_t n_steps = 0;           ///< that all completed ones have taken together
  std::vector<RoundTripPhase> phases;  ///< [B], by replica
  std::vector<std::uint64_t> begun;    ///< [B], by replica: step in which the trip under way began

  RoundTrips() = default;
  /// @param levels    >= 2, divides the number of chains
  /// @param step      steps done before counting begins
  /// @param replicas  [B], where replicas are then
  /// @throws InternalError  when the chains are no ladders, or as add
  RoundTrips(std::size_t levels, std::uint64_t step, Span<const std::uint32_t> replicas);

  /// Counts what has been reached after `step` steps; the same step twice counts once.
  /// @param replicas  [B]
  /// @throws InternalError  when there are more or fewer of them than before, or one is not a
  ///                        replica of this run or at two places
  void add(std::uint64_t step, Span<const std::uint32_t> replicas);

  /// Mean length of a completed round trip, steps; NaN for none. Trips longer than the run are not
  /// among them.
  double mean_steps() const;
};

/// Counts round trips after every step.
class RoundTripReporter final : public Reporter {
 public:
  explicit RoundTripReporter(RoundTrips& round_trips) : round_trips_(round_trips) {}
  Trigger trigger() const override { return {1}; }
  void on_step(std::uint64_t step, const ChainBatch& chains, const TransitionInfo& info) override;

 private:
  RoundTrips& round_trips_;
};

}  // namespace saltus::engine
