#pragma once

#include <memory>
#include <string>

#include "engine/moves/hamiltonian.h"
#include "engine/rigid/rigid_dynamics.h"

namespace saltus::engine {

/// Hybrid Monte Carlo of rigid bodies: momenta drawn afresh from Maxwell's distribution, a
/// trajectory of RigidIntegrator, and the Metropolis rule for the whole energy,
///   U + sum m V^2 / 2 + sum L_k^2 / (2 I_k).
/// Leaves exp(-beta U) d^3 p dS(q) (RigidBodies) and Maxwell's distribution of velocities exactly
/// invariant. Velocities of a chain become those of its atoms at the end of the trajectory, or,
/// when it is rejected, those it began with, turned round: the old ones would fit neither the new
/// positions nor a decision that the new ones took part in. Boxes are kept.
class RigidHamiltonianMonteCarlo final : public Move {
 public:
  /// @param options  friction must be 0
  /// @throws InputError  naming the option that is out of range
  RigidHamiltonianMonteCarlo(const HamiltonianOptions& options,
                             std::shared_ptr<const RigidBodies> bodies);

  std::string name() const override { return "rigid_hmc"; }
  bool treats_chains_alone() const override { return true; }
  MoveRequirements requirements() const override;
  /// @throws InputError      when the measures of target and bodies do not agree
  /// @throws NumericalError  when a chain's energy is not finite or a body not where its
  /// constraints
  ///                         hold
  TransitionInfo apply(ChainBatch& chains, const TargetDensity& target,
                       const StepKey& key) const override;

 private:
  HamiltonianOptions options_;
  RigidIntegrator integrator_;
};

}  // namespace saltus::engine
