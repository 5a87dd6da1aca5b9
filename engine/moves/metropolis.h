#pragma once

#include <memory>
#include <string>

#include "engine/moves/decision.h"
#include "engine/moves/move.h"
#include "engine/moves/proposal.h"

namespace saltus::engine {

/// Metropolis rule over any proposal; leaves the target exactly invariant. A rejected chain keeps
/// its bits. Velocities are untouched (without constraints they are independent of positions in the
/// target) unless the proposal has some.
class Metropolis final : public Move {
 public:
  explicit Metropolis(std::shared_ptr<const Proposal> proposal);

  std::string name() const override;
  MoveRequirements requirements() const override { return proposal_->requirements(); }
  bool treats_chains_alone() const override { return proposal_->treats_chains_alone(); }
  /// @throws InputError      when the measures of target and proposal do not agree
  /// @throws NumericalError  when a chain's current energy is not finite
  TransitionInfo apply(ChainBatch& chains, const TargetDensity& target,
                       const StepKey& key) const override;

 private:
  std::shared_ptr<const Proposal> proposal_;
};

}  // namespace saltus::engine
