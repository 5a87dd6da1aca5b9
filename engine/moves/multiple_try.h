#pragma once

#include <memory>
#include <string>

#include "engine/moves/move.h"
#include "engine/moves/proposal.h"

namespace saltus::engine {

/// Multiple-try Metropolis over any proposal: m tries y_i of the chain's state x with path terms
/// f_i = log q(y_i|x) and r_i = log q(x|y_i), weights w_i = pi(y_i) exp(-f_i); y_J is chosen with
/// probability w_J / sum_i w_i. Then m - 1 tries z_k of y_J are drawn, and y_J is accepted with
///   min(1, sum_i w_i / (sum_k pi(z_k) exp(-f_k) + pi(x) exp(-r_J))).
/// Exact: with lambda(x, y) = 1 / (q(y|x) q(x|y)), which is symmetric, these are the weights
/// pi(y) q(x|y) lambda(x, y) of the source's eq. 3; for proposals that are maps of the state and
/// random numbers with path terms instead of a density, the same holds of the pair of both. When
/// the tries are interchangeable (Proposal::tries_are_interchangeable) the y_i with i != J take the
/// place of the z_k, which saves m - 1 evaluations and leaves the ratio's distribution exact.
/// Source: Liu, Liang, Wong, J. Am. Stat. Assoc. 95, 121 (2000), doi:10.1080/01621459.2000.10473908
/// (interchangeable tries: Martino, Digit. Signal Process. 75, 134 (2018),
/// doi:10.1016/j.dsp.2018.01.004).
class MultipleTry final : public Move {
 public:
  /// @throws InputError  when n_tries is 0
  MultipleTry(std::shared_ptr<const Proposal> proposal, std::size_t n_tries);

  /// "multiple_try_8_torsion_reset_2": tries, then the proposal.
  std::string name() const override;
  MoveRequirements requirements() const override { return proposal_->requirements(); }
  bool treats_chains_alone() const override { return proposal_->treats_chains_alone(); }
  /// @throws InputError      when the measures of target and proposal do not agree
  /// @throws NumericalError  when a chain's current energy is not finite
  TransitionInfo apply(ChainBatch& chains, const TargetDensity& target,
                       const StepKey& key) const override;

 private:
  std::shared_ptr<const Proposal> proposal_;
  std::size_t n_tries_;
};

}  // namespace saltus::engine
