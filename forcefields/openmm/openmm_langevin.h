#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "engine/moves/move.h"
#include "engine/system/system.h"
#include "forcefields/openmm/platform.h"

namespace saltus::forcefields {

/// What one application of OpenMMLangevin does.
struct OpenMMLangevinOptions {
  OpenMMPlatform platform = {"CPU"};
  double time_step_ps = 0.002;
  double friction_per_ps = 1.0;
  std::size_t n_steps = 500;  ///< for each chain
  double constraint_tolerance = 1e-6;
};

/// Langevin dynamics by OpenMM's own LangevinMiddleIntegrator (see PlainDynamics), at the
/// temperature of each chain, one chain after the other: positions and velocities go into OpenMM's
/// Context once for all steps. For systems of hundreds of atoms and more; constraints and virtual
/// sites are kept. Not exact: the sampled density differs from the target by O(time_step^2) and by
/// the platform's rounding. The target must be that of the same system: only its energies are asked
/// of it, once at the end.
/// Each application draws random numbers from a seed of its own, so that runs go on after an
/// interruption as they would have; on the CPU platform they depend on the number of threads.
class OpenMMLangevin final : public engine::Move {
 public:
  /// @throws InputError  naming the option that is out of range, or when OpenMM refuses the system
  OpenMMLangevin(const engine::System& system, const OpenMMLangevinOptions& options);
  ~OpenMMLangevin() override;

  std::string name() const override { return "openmm_langevin"; }
  engine::Invariance invariance() const override { return engine::Invariance::kApproximate; }
  /// @throws NumericalError  naming the chain that blew up
  engine::TransitionInfo apply(engine::ChainBatch& chains, const engine::TargetDensity& target,
                               const engine::StepKey& key) const override;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace saltus::forcefields
