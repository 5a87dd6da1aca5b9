#include "mlsamplers/rigid/rigid_flow_walk.h"

#include <fmt/format.h>
#include <numeric>
#include <utility>
#include <vector>

#include "engine/core/error.h"
#include "mlsamplers/rigid/rigid_flow_map.h"

namespace saltus::mlsamplers {

RigidFlowWalk::RigidFlowWalk(const RigidFlowWalkOptions& options,
                             std::shared_ptr<const RigidFlowModel> flow,
                             std::shared_ptr<const engine::RigidBodies> bodies)
    : options_(options), flow_(std::move(flow)), bodies_(std::move(bodies)) {
  if (!flow_ || !bodies_) throw engine::InternalError("rigid_flow_walk without flow or bodies");
  options_.validate("rigid_flow_walk");
  require_fit(*flow_, *bodies_);
  if (options_.bodies > bodies_->size())
    throw engine::InputError(fmt::format("rigid_flow_walk: bodies is {}; there are {}",
                                         options_.bodies, bodies_->size()));
  if (options_.bodies == 0) options_.bodies = bodies_->size();
}

engine::MoveRequirements RigidFlowWalk::requirements() const {
  engine::MoveRequirements result;
  result.rigid_molecules = result.one_temperature = true;
  return result;
}

void RigidFlowWalk::displace(PoseBatch& poses, const engine::ChainView& current,
                             const engine::StepKey& key) const {
  const std::size_t n = bodies_->size();
  std::vector<std::size_t> order(n);
  for (std::size_t c = 0; c < poses.n_chains; ++c) {
    engine::RandomStream stream(key, engine::StreamName::kProposal,
                                current.first_chain + static_cast<std::uint32_t>(c));
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t i = 0; i < options_.bodies; ++i) {
      if (options_.bodies < n)
        std::swap(order[i], order[i + static_cast<std::size_t>(stream.below(n - i))]);
      const std::size_t row = c * n + order[i];
      poses.set(row, displaced(poses.pose(row),
                               draw_rigid_step(options_, bodies_->shape(order[i]), stream)));
    }
  }
}

engine::ProposalBatch RigidFlowWalk::sample(const engine::ChainView& current,
                                            const engine::StepKey& key) const {
  const engine::ConstCoordinates x = current.positions;
  require_target_temperature(*flow_, current, name());
  require_box(*flow_, x);
  const PoseBatch before = poses_of(*bodies_, x);
  const RigidFlowImage base = apply_to_bodies(*flow_, *bodies_, before, FlowDirection::kToBase);
  PoseBatch displaced_base = base.poses;
  displace(displaced_base, current, key);
  const RigidFlowImage after =
      apply_to_bodies(*flow_, *bodies_, displaced_base, FlowDirection::kToTarget);

  engine::ProposalBatch result(x);
  result.velocities = engine::CoordinateBatch::repeated(current.velocities, 1);
  for (std::size_t c = 0; c < x.n_chains; ++c) {
    place_bodies(*bodies_, after.poses, c, result.positions.chain(c));
    if (result.velocities.n_chains() > 0)
      turn_velocities(*bodies_, before, after.poses, c, result.velocities.chain(c));
    result.log_forward[c] = -after.log_dets[c];
    result.log_reverse[c] = base.log_dets[c];
  }
  return result;
}

}  // namespace saltus::mlsamplers
