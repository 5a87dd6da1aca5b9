#include "engine/moves/decision.h"

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

bool accepts(double log_ratio, const StepKey& key, StreamName name, std::size_t c) {
  const double u = RandomStream(key, name, static_cast<std::uint32_t>(c)).uniform();
  return u < acceptance_probability(log_ratio);
}

namespace {

/// Candidate c becomes the configuration of chain c.
void take(const Candidates& candidates, std::size_t c, ChainBatch& chains) {
  chains.positions.copy_chain(candidates.positions.view(), c, c);
  if (candidates.velocities.n_chains() > 0) {
    const auto v = candidates.velocities.chain(c);
    std::copy(v.begin(), v.end(), chains.velocities.chain(c).begin());
  }
  chains.energies[c] = candidates.terms.energies[c];
  const auto others = candidates.terms.others_of(c);
  std::copy(others.begin(), others.end(),
            chains.other_terms.begin() + static_cast<std::ptrdiff_t>(c * others.size()));
}

}  // namespace

MoveRecord accept_or_reject(const std::string& name, const Candidates& candidates,
                            const StepKey& key, ChainBatch& chains) {
  const std::size_t n = chains.n_chains();
  if (candidates.log_ratios.size() != n || candidates.terms.energies.size() != n ||
      candidates.terms.others.size() != chains.other_terms.size())
    throw InternalError(name + ": a candidate for each chain is needed, with all terms");
  if (candidates.positions.boxes().size() != chains.positions.boxes().size())
    throw InternalError(name + ": the candidates have lost the boxes of their chains");
  MoveRecord record;
  record.name = name;
  record.log_ratios = candidates.log_ratios;
  record.outcomes.resize(n);
  for (std::size_t c = 0; c < n; ++c) {
    const double log_ratio = candidates.log_ratios[c];
    if (!std::isfinite(log_ratio)) {
      record.outcomes[c] = Outcome::kInvalid;
    } else if (accepts(log_ratio, key, StreamName::kAccept, chains.number_of(c))) {
      take(candidates, c, chains);
      record.outcomes[c] = Outcome::kAccepted;
    } else {
      record.outcomes[c] = Outcome::kRejected;
    }
  }
  return record;
}

void require_measure(const TargetDensity& target, ReferenceMeasure measure,
                     const std::string& who) {
  if (!measures_agree(target.measure(), measure))
    throw InputError(who + " is a density with respect to '" + name_of(measure) +
                     "', the target one with respect to '" + name_of(target.measure()) + "'");
}

}  // namespace saltus::engine
