#include "engine/moves/exploration.h"

#include <cmath>
#include <limits>
#include <utility>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/moves/decision.h"

namespace saltus::engine {

namespace {

/// Log ratios of candidates that are always taken, never taken, or impossible.
constexpr double kTaken = 0.0, kRefused = std::numeric_limits<double>::lowest(),
                 kImpossible = -std::numeric_limits<double>::infinity();

}  // namespace

BiasedExploration::BiasedExploration(std::shared_ptr<const Proposal> proposal, double largest_rise)
    : proposal_(std::move(proposal)), largest_rise_(largest_rise) {
  if (!proposal_) throw InternalError("exploration without a proposal");
  if (!(largest_rise > 0.0) || !std::isfinite(largest_rise))
    throw InputError("biased_exploration: largest_rise must be positive and finite, got " +
                     significant_text(largest_rise, 6) + " kJ/mol");
}

std::string BiasedExploration::name() const { return "biased_exploration_" + proposal_->name(); }

TransitionInfo BiasedExploration::apply(ChainBatch& chains, const TargetDensity& target,
                                        const StepKey& key) const {
  const double start = process_cpu_seconds();
  const std::size_t n = chains.n_chains();
  require_finite_energies(chains, name(), key);

  ProposalBatch proposed = proposal_->sample(chains.view(), key);
  keep_possible(chains.positions.view(), proposed);
  Candidates candidates;
  target.evaluate(proposed.positions.view(), candidates.terms);
  for (std::size_t c = 0; c < n; ++c) {
    const double energy = candidates.terms.energies[c];
    if (!std::isfinite(proposed.log_forward[c]) || !std::isfinite(energy))
      candidates.log_ratios.push_back(kImpossible);
    else
      candidates.log_ratios.push_back(energy - chains.energies[c] <= largest_rise_ ? kTaken
                                                                                   : kRefused);
  }
  candidates.positions = std::move(proposed.positions);
  candidates.velocities = std::move(proposed.velocities);
  MoveRecord record = accept_or_reject(name(), candidates, key, chains);
  record.n_energy_evaluations = n + proposed.n_energy_evaluations;
  record.cpu_seconds = process_cpu_seconds() - start;
  return {{std::move(record)}};
}

}  // namespace saltus::engine
