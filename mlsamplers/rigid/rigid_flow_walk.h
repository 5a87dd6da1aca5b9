#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "engine/moves/proposal.h"
#include "engine/rigid/rigid_bodies.h"
#include "engine/rigid/rigid_step.h"
#include "mlsamplers/rigid/rigid_flow_model.h"

namespace saltus::mlsamplers {

/// Steps of RigidFlowWalk, at the temperature of the flow's base.
struct RigidFlowWalkOptions : engine::RigidWalkOptions {
  std::size_t bodies = 0;  ///< displaced at once; 0: all
};

/// A random walk in the coordinates of a flow's base. With f the flow (apply_to_bodies), which
/// leads from its base to its target, and J = |det f'|,
///   z = f^-1(x),  z' = z with some bodies displaced by symmetric steps (rigid_step.h),  x' =
///   f(z'), log_forward = -log J(z'),  log_reverse = -log J(z),
/// the log-densities of x' and of x but for the same term, that of the step, so that Metropolis'
/// rule accepts with min(1, exp(-u(x') + u(x)) J(z') / J(z)). Bodies are chosen uniformly and
/// without looking at the state. Where the target is narrow and the base is wide, steps in z may be
/// as long as the base allows.
///
/// Every body may be displaced, body 0 as well: the flow, which sees positions relative to it,
/// takes that for a displacement of all others, so that all of them follow. Velocities of each body
/// turn with it, from the orientation that it has in x to that in x'. Molecules must be whole; none
/// is put back into the box.
class RigidFlowWalk final : public engine::Proposal {
 public:
  /// @throws InputError  when a step or the scale is not positive, more bodies are to be displaced
  ///                     than there are, or the flow does not fit the bodies (require_fit)
  RigidFlowWalk(const RigidFlowWalkOptions& options, std::shared_ptr<const RigidFlowModel> flow,
                std::shared_ptr<const engine::RigidBodies> bodies);

  std::string name() const override { return "rigid_flow_walk"; }
  engine::ReferenceMeasure measure() const override { return bodies_->measure(); }
  /// Rigid molecules, all at the temperature of the flow's target.
  engine::MoveRequirements requirements() const override;
  /// @throws InputError      when a chain has another temperature than the flow's target or another
  ///                         box than the flow
  /// @throws NumericalError  when a body is not where its constraints hold
  engine::ProposalBatch sample(const engine::ChainView& current,
                               const engine::StepKey& key) const override;

 private:
  void displace(PoseBatch& poses, const engine::ChainView& current,
                const engine::StepKey& key) const;

  RigidFlowWalkOptions options_;
  std::shared_ptr<const RigidFlowModel> flow_;
  std::shared_ptr<const engine::RigidBodies> bodies_;
};

}  // namespace saltus::mlsamplers
