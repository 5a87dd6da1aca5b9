#include "engine/rigid/rigid_walk.h"

#include <utility>

#include "engine/core/error.h"

namespace saltus::engine {

RigidWalk::RigidWalk(const RigidWalkOptions& options, std::shared_ptr<const RigidBodies> bodies)
    : options_(options), bodies_(std::move(bodies)) {
  if (!bodies_) throw InternalError("rigid_walk without bodies");
  options_.validate("rigid_walk");
}

MoveRequirements RigidWalk::requirements() const {
  MoveRequirements result;
  result.rigid_molecules = true;
  return result;
}

ProposalBatch RigidWalk::sample(const ChainView& current, const StepKey& key) const {
  const ConstCoordinates x = current.positions;
  if (x.n_atoms != bodies_->n_atoms())
    throw InternalError("rigid_walk: bodies and chains have different atom counts");
  ProposalBatch result(x);
  result.velocities = CoordinateBatch::repeated(current.velocities, 1);
  for (std::size_t c = 0; c < x.n_chains; ++c) {
    RandomStream stream(key, StreamName::kProposal,
                        current.first_chain + static_cast<std::uint32_t>(c));
    const auto body = static_cast<std::size_t>(stream.below(bodies_->size()));
    const RigidStep step = draw_rigid_step(options_, bodies_->shape(body), stream);
    bodies_->place(body, displaced(bodies_->pose(body, x, c), step), result.positions.chain(c));
    if (result.velocities.n_chains() > 0)
      bodies_->turn(body, step.turn, result.velocities.chain(c));
  }
  return result;
}

}  // namespace saltus::engine
