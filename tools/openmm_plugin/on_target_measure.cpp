#include "tools/openmm_plugin/on_target_measure.h"

#include "engine/ensemble/chain_batch.h"

namespace saltus::openmm_plugin {

engine::ProposalBatch OnTargetMeasure::sample(const engine::ChainView& current,
                                              const engine::StepKey& key) const {
  engine::ProposalBatch proposed = proposal_->sample(current, key);
  if (!fresh_velocities_) return proposed;
  engine::keep_possible(current.positions, proposed);
  engine::ChainBatch chains(current.positions.n_chains, current.positions.n_atoms, {});
  chains.positions = proposed.positions;
  chains.states.assign(current.states.begin(), current.states.end());
  fresh_velocities_->refresh_velocities(chains, 0.0, engine::StreamName::kVelocities, key);
  proposed.velocities = std::move(chains.velocities);
  return proposed;
}

}  // namespace saltus::openmm_plugin
