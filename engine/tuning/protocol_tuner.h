#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/moves/move.h"
#include "engine/run/protocol_choice.h"

namespace saltus::engine {

/// A move with one protocol.
struct ProtocolCandidate {
  std::string protocol;  ///< "400 steps"
  std::shared_ptr<const Move> move;
  /// Which of the drives that the move makes with this key would lead somewhere new; empty: all.
  std::function<std::vector<bool>(const ChainBatch& chains, const StepKey& key)> counts = {};
};

/// What is tried.
struct ProtocolTask {
  std::string move;  ///< for messages
  std::vector<ProtocolCandidate> candidates;
  ProtocolCandidate at_once;  ///< the move without a protocol
  /// Takes the chains from one round of trials to the next; null: the first candidate.
  std::shared_ptr<const Move> between;
  std::size_t n_drives = 40;  ///< >= 2; of each candidate at least, all chains together
};

/// Tries each protocol of a nonequilibrium move and chooses the one with the greatest gain per
/// energy evaluation (ProtocolTrials), which does not depend on how busy the machine is. A round
/// makes one drive of each candidate from the same states with the same random numbers, on copies;
/// the chains themselves only go by `between`. For the warm-up: what is chosen depends on the
/// chains, and production has to keep it.
/// @throws InputError  when there are no candidates, fewer than two drives, or a move does not
///                     accept or reject
ProtocolChoice choose_protocol(const ProtocolTask& task, ChainBatch& chains,
                               const TargetDensity& target, const StepKey& key);

}  // namespace saltus::engine
