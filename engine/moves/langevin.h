#pragma once

#include "engine/dynamics/integrator.h"
#include "engine/moves/move.h"

namespace saltus::engine {

/// Langevin dynamics by the LangevinMiddle splitting (B A O A, velocities half a step behind); see
/// Integrator::langevin_middle. Not exact: the sampled density differs from the target by
/// O(time_step^2). Carries velocities. With constraints the target is a density on their surface,
/// with respect to its volume in the metric of the masses: what a molecule with rigid bonds has.
/// Source: Zhang, Liu, Yan, Tuckerman, Liu, JPCA 123, 6056 (2019), doi:10.1021/acs.jpca.9b02771.
class Langevin final : public Move {
 public:
  /// @throws InputError  naming the option that is out of range, or what is wrong with the
  /// particles
  Langevin(LangevinOptions options, MovingParticles particles);

  std::string name() const override { return "langevin"; }
  bool treats_chains_alone() const override { return true; }
  Invariance invariance() const override { return Invariance::kApproximate; }
  TransitionInfo apply(ChainBatch& chains, const TargetDensity& target,
                       const StepKey& key) const override;

 private:
  LangevinOptions options_;
  Integrator integrator_;
};

}  // namespace saltus::engine
