#include "engine/moves/metropolis.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/core/error.h"

namespace saltus::engine {

double metropolis_log_ratio(double log_target_current, double log_target_proposed,
                            double log_forward, double log_reverse) {
  constexpr double kCertainRejection = -std::numeric_limits<double>::infinity();
  // A state that could not have been proposed, or has no density, is never taken; a NaN anywhere
  // means "undefined" and is treated alike.
  if (!std::isfinite(log_forward) || !std::isfinite(log_target_proposed) ||
      !std::isfinite(log_reverse))
    return kCertainRejection;
  const double ratio = (log_target_proposed + log_reverse) - (log_target_current + log_forward);
  return std::isnan(ratio) ? kCertainRejection : ratio;
}

double acceptance_probability(double log_ratio) {
  if (std::isnan(log_ratio)) return 0.0;
  return log_ratio >= 0.0 ? 1.0 : std::exp(log_ratio);
}

void require_measure(const TargetDensity& target, ReferenceMeasure measure,
                     const std::string& who) {
  if (!measures_agree(target.measure(), measure))
    throw InputError(who + " is a density with respect to '" + name_of(measure) +
                     "', the target one with respect to '" + name_of(target.measure()) + "'");
}

Metropolis::Metropolis(std::shared_ptr<const Proposal> proposal) : proposal_(std::move(proposal)) {
  if (!proposal_) throw InternalError("Metropolis without a proposal");
}

std::string Metropolis::name() const { return proposal_->name(); }

namespace {

bool all_finite(Span<const double> values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

}  // namespace

TransitionInfo Metropolis::apply(ChainBatch& chains, const TargetDensity& target,
                                 const StepKey& key) const {
  require_measure(target, proposal_->measure(), "proposal " + proposal_->name());
  const double start = process_cpu_seconds();
  const std::size_t n = chains.n_chains();
  require_finite_energies(chains, name(), key);

  // Draw, then evaluate only what could be drawn; an impossible state keeps the current positions
  // so that the batch stays whole.
  ProposalBatch proposed = proposal_->sample(chains.view(), key);
  std::vector<bool> possible(n);
  for (std::size_t c = 0; c < n; ++c) {
    possible[c] = std::isfinite(proposed.log_forward[c]) &&
                  std::isfinite(proposed.log_reverse[c]) && all_finite(proposed.positions.chain(c));
    if (!possible[c]) {
      const auto current = chains.positions.chain(c);
      std::copy(current.begin(), current.end(), proposed.positions.chain(c).begin());
    }
  }
  std::vector<double> energies(n);
  target.energy().evaluate(proposed.positions.view(), energies, {});

  // Decide each chain.
  MoveRecord record;
  record.name = name();
  record.outcomes.resize(n);
  record.log_ratios.resize(n);
  record.energy_evaluations = n + proposed.energy_evaluations;
  for (std::size_t c = 0; c < n; ++c) {
    const ThermodynamicState& state = chains.states[c];
    const double log_proposed = target.log_density(energies[c], state);
    const double log_ratio =
        possible[c]
            ? metropolis_log_ratio(target.log_density(chains.energies[c], state), log_proposed,
                                   proposed.log_forward[c], proposed.log_reverse[c])
            : -std::numeric_limits<double>::infinity();
    record.log_ratios[c] = log_ratio;
    const bool valid = possible[c] && std::isfinite(log_proposed);
    const double u =
        RandomStream(key, StreamName::kAccept, static_cast<std::uint32_t>(c)).uniform();
    if (valid && u < acceptance_probability(log_ratio)) {
      const auto next = proposed.positions.chain(c);
      std::copy(next.begin(), next.end(), chains.positions.chain(c).begin());
      chains.energies[c] = energies[c];
      record.outcomes[c] = Outcome::kAccepted;
    } else {
      record.outcomes[c] = valid ? Outcome::kRejected : Outcome::kInvalid;
    }
  }
  record.cpu_seconds = process_cpu_seconds() - start;
  return {{std::move(record)}};
}

}  // namespace saltus::engine
