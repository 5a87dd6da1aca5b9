#pragma once

#include <memory>
#include <string>

#include "engine/moves/proposal.h"
#include "engine/rigid/rigid_bodies.h"
#include "engine/rigid/rigid_step.h"

namespace saltus::engine {

/// Moves and turns one body of each chain, chosen uniformly, by a symmetric step (rigid_step.h):
/// both log-densities are 0. Velocities of the body turn with it. Molecules must be whole; none is
/// put back into the box.
class RigidWalk final : public Proposal {
 public:
  /// @throws InputError  when a step or the scale is not positive
  RigidWalk(const RigidWalkOptions& options, std::shared_ptr<const RigidBodies> bodies);

  std::string name() const override { return "rigid_walk"; }
  bool treats_chains_alone() const override { return true; }
  ReferenceMeasure measure() const override { return bodies_->measure(); }
  MoveRequirements requirements() const override;
  /// @throws NumericalError  when a body is not where its constraints hold
  ProposalBatch sample(const ChainView& current, const StepKey& key) const override;

 private:
  RigidWalkOptions options_;
  std::shared_ptr<const RigidBodies> bodies_;
};

}  // namespace saltus::engine
