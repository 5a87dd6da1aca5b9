#pragma once

#include <memory>
#include <string>

#include "engine/moves/proposal.h"
#include "engine/rigid/rigid_bodies.h"

namespace saltus::engine {

/// Steps of RigidWalk.
struct RigidWalkOptions {
  double translation_nm = 0.02;  ///< standard deviation of each coordinate
  double rotation_rad = 0.2;     ///< standard deviation of each component of the rotation vector
  double scale = 1.0;            ///< factor on both: what is tuned
};

/// Moves and turns one body of each chain, chosen uniformly: p' = p + d about the centre of mass,
/// q' = exp(e / 2) q, with d and e normal vectors of the given widths; single atoms do not turn.
/// Both log-densities are 0: (d, e) and (-d, -e) are equally likely, the second leads back, and
/// turning all orientations by one rotation preserves d^3 p dS(q) (RigidBodies); so the proposal is
/// symmetric with respect to that measure. Velocities of the body turn with it. Molecules must be
/// whole; none is put back into the box.
class RigidWalk final : public Proposal {
 public:
  /// @throws InputError  when a step or the scale is not positive
  RigidWalk(const RigidWalkOptions& options, std::shared_ptr<const RigidBodies> bodies);

  std::string name() const override { return "rigid_walk"; }
  ReferenceMeasure measure() const override { return bodies_->measure(); }
  MoveRequirements requirements() const override;
  /// @throws NumericalError  when a body is not where its constraints hold
  ProposalBatch sample(const ChainView& current, const StepKey& key) const override;

 private:
  RigidWalkOptions options_;
  std::shared_ptr<const RigidBodies> bodies_;
};

}  // namespace saltus::engine
