#pragma once

#include <memory>
#include <string>

#include "engine/dynamics/integrator.h"
#include "engine/moves/hamiltonian.h"
#include "engine/moves/proposal.h"

namespace saltus::engine {

/// End point of a trajectory with fresh momenta along the forces of one energy, the guide, to be
/// accepted with the density of another: for targets whose own gradient is not known. The map
/// (x, v) -> (x', -v') of velocity Verlet preserves volume and is its own inverse whatever the
/// forces (see Integrator), so with Metropolis it is exact; path terms are
///   log q(x'|x) = -beta K(v), log q(x|x') = -beta K(v').
/// With the target's energy as guide it is hybrid Monte Carlo.
class GuidedTrajectory final : public Proposal {
 public:
  /// @throws InputError  when there are constraints, friction is not 0, atom numbers differ, or an
  ///                     option is out of range
  GuidedTrajectory(std::shared_ptr<const EnergyFunction> guide, MovingParticles particles,
                   const HamiltonianOptions& options);

  std::string name() const override { return "guided_trajectory"; }
  ReferenceMeasure measure() const override { return ReferenceMeasure::kCartesian; }
  ProposalBatch sample(const ChainView& current, const StepKey& key) const override;

 private:
  std::shared_ptr<const EnergyFunction> guide_;
  HamiltonianOptions options_;
  Integrator integrator_;
};

}  // namespace saltus::engine
