#pragma once

#include <memory>
#include <string>

#include "engine/moves/move.h"
#include "engine/moves/proposal.h"

namespace saltus::engine {

/// Goes wherever a proposal leads unless the energy rises too much: every candidate with
/// U(x') - U(x) <= largest_rise is taken, all others are refused. Finds basins quickly and samples
/// nothing: there is no Metropolis rule, so the density is not the target's and not even known.
/// Candidates that the proposal itself rules out (log_forward = -inf, such as turned centres) are
/// refused, too. Start Metropolis from what it finds. Source: the exploration of Klein et al.,
/// NeurIPS 2023, arXiv:2302.01170.
class BiasedExploration final : public Move {
 public:
  /// @param largest_rise  kJ/mol, of one step; above 0
  /// @throws InputError  when it is not positive and finite
  BiasedExploration(std::shared_ptr<const Proposal> proposal, double largest_rise);

  /// "biased_exploration_timewarp"
  std::string name() const override;
  Invariance invariance() const override { return Invariance::kApproximate; }
  MoveRequirements requirements() const override { return proposal_->requirements(); }
  bool treats_chains_alone() const override { return proposal_->treats_chains_alone(); }
  /// Records hold a log ratio of 0 for what is taken and the lowest number for what is refused.
  /// @throws NumericalError  when a chain's current energy is not finite
  TransitionInfo apply(ChainBatch& chains, const TargetDensity& target,
                       const StepKey& key) const override;

 private:
  std::shared_ptr<const Proposal> proposal_;
  double largest_rise_;
};

}  // namespace saltus::engine
