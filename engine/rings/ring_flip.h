#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/moves/proposal.h"
#include "engine/rings/ring_states.h"

namespace saltus::engine {

/// Takes a ring system from one of its known puckers to another, with all that hangs on it. A
/// system is drawn uniformly; i being the state of x, state j is drawn among all others with
/// probability p(j|i); the coordinates of the ring system around i's reference are mapped to those
/// around j's (RingStates::carry), its place and orientation kept:
///   log q(x'|x) = log p(j|i),
///   log q(x|x') = log p(i|j) + log |det dq'/dq| + log V_j(q') - log V_i(q),
/// V as in RingCoordinates. The Jacobian of x -> x' is part of the second.
///
/// The map of (i, j) is a bijection whose inverse is that of (j, i); the way back is the one that
/// would be tried only when x' counts as a state j: other x' are rejected (log_forward is
/// -infinity), and so are x that count as none.
class RingFlip final : public Proposal {
 public:
  /// @throws InputError  when there is no system, or one has fewer than two states
  explicit RingFlip(std::vector<std::shared_ptr<const RingStates>> systems);

  std::string name() const override { return "ring_flip"; }
  bool treats_chains_alone() const override { return true; }
  ReferenceMeasure measure() const override { return ReferenceMeasure::kCartesian; }
  ProposalBatch sample(const ChainView& current, const StepKey& key) const override;

 private:
  std::vector<std::shared_ptr<const RingStates>> systems_;
};

}  // namespace saltus::engine
