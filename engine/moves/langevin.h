#pragma once

#include <memory>
#include <vector>

#include "engine/moves/move.h"

namespace saltus::engine {

/// Stretches of Langevin dynamics.
struct LangevinOptions {
  double time_step_ps = 0.001;
  double friction_per_ps = 1.0;
  std::size_t n_steps = 100;  ///< per application
};

/// Langevin dynamics by the LangevinMiddle splitting (B A O A, velocities half a step behind).
/// Not exact: the sampled density differs from the target by O(time_step^2). Carries velocities.
/// Source: Zhang, Liu, Yan, Tuckerman, Liu, JPCA 123, 6056 (2019), doi:10.1021/acs.jpca.9b02771.
class Langevin final : public Move {
 public:
  /// @param masses  [N], dalton; need not be the physical ones: positions' equilibrium does not
  ///                depend on them. Mass 0 freezes an atom.
  /// @throws InputError  naming the option that is out of range
  Langevin(LangevinOptions options, std::vector<double> masses);

  std::string name() const override { return "langevin"; }
  Invariance invariance() const override { return Invariance::kApproximate; }
  TransitionInfo apply(ChainBatch& chains, const TargetDensity& target,
                       const StepKey& key) const override;

 private:
  LangevinOptions options_;
  std::vector<double> masses_;
};

/// Draws all velocities from the Maxwell distribution of each chain's temperature.
void draw_velocities(ChainBatch& chains, const std::vector<double>& masses, const StepKey& key);

}  // namespace saltus::engine
