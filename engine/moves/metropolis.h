#pragma once

#include <memory>
#include <string>

#include "engine/moves/move.h"
#include "engine/moves/proposal.h"

namespace saltus::engine {

/// Log of the Metropolis-Hastings ratio:
/// (log pi(x') + log q(x|x')) - (log pi(x) + log q(x'|x)).
/// -inf (certain rejection) when the proposed density is zero or undefined, or when log_forward is
/// not finite. Source: Hastings, Biometrika 57, 97 (1970), doi:10.1093/biomet/57.1.97.
double metropolis_log_ratio(double log_target_current, double log_target_proposed,
                            double log_forward, double log_reverse);

/// min(1, exp(log_ratio)); 0 for -inf and NaN.
double acceptance_probability(double log_ratio);

/// @throws InputError  naming `who` when its densities are with respect to a measure that does not
///                     agree with the target's
void require_measure(const TargetDensity& target, ReferenceMeasure measure, const std::string& who);

/// Metropolis rule over any proposal; leaves the target exactly invariant. A rejected chain keeps
/// its bits. Velocities are untouched (they are independent of positions in the target).
class Metropolis final : public Move {
 public:
  explicit Metropolis(std::shared_ptr<const Proposal> proposal);

  std::string name() const override;
  /// @throws InputError      when the measures of target and proposal do not agree
  /// @throws NumericalError  when a chain's current energy is not finite
  TransitionInfo apply(ChainBatch& chains, const TargetDensity& target,
                       const StepKey& key) const override;

 private:
  std::shared_ptr<const Proposal> proposal_;
};

}  // namespace saltus::engine
