#include "engine/moves/metropolis.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "engine/core/error.h"
#include "engine/core/finite.h"

namespace saltus::engine {

Metropolis::Metropolis(std::shared_ptr<const Proposal> proposal) : proposal_(std::move(proposal)) {
  if (!proposal_) throw InternalError("Metropolis without a proposal");
}

std::string Metropolis::name() const { return proposal_->name(); }

TransitionInfo Metropolis::apply(ChainBatch& chains, const TargetDensity& target,
                                 const StepKey& key) const {
  require_measure(target, proposal_->measure(), "proposal " + proposal_->name());
  const double start = process_cpu_seconds();
  const std::size_t n = chains.n_chains();
  require_finite_energies(chains, name(), key);

  ProposalBatch proposed = proposal_->sample(chains.view(), key);
  keep_possible(chains.positions.view(), proposed);
  Candidates candidates;
  target.evaluate(proposed.positions.view(), candidates.terms);
  for (std::size_t c = 0; c < n; ++c) {
    const double log_proposed = target.log_density(candidates.terms.energies[c],
                                                   candidates.terms.others_of(c), chains.states[c]);
    candidates.log_ratios.push_back(metropolis_log_ratio(target.log_density(chains, c),
                                                         log_proposed, proposed.log_forward[c],
                                                         proposed.log_reverse[c]));
  }
  candidates.positions = std::move(proposed.positions);
  candidates.velocities = std::move(proposed.velocities);
  MoveRecord record = accept_or_reject(name(), candidates, key, chains);
  record.kind = std::move(proposed.kind);
  record.n_energy_evaluations = n + proposed.n_energy_evaluations;
  record.cpu_seconds = process_cpu_seconds() - start;
  return {{std::move(record)}};
}

}  // namespace saltus::engine
