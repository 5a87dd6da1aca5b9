#include "engine/moves/multiple_try.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "engine/core/error.h"
#include "engine/core/log_math.h"
#include "engine/moves/decision.h"

namespace saltus::engine {

namespace {

constexpr double kMinusInfinity = -std::numeric_limits<double>::infinity();

/// Draws of several tries a chain, with their terms and log weights log pi(y) - log q(y|x).
struct Tries {
  ProposalBatch proposed;           // [B m]
  TargetTerms terms;                // [B m]
  std::vector<double> log_weights;  // [B m], -inf where impossible
  std::size_t evaluations = 0;
};

Tries draw(const Proposal& proposal, const ChainView& from, std::size_t n_tries,
           const TargetDensity& target, const StepKey& key) {
  Tries tries;
  tries.proposed = proposal.sample_tries(from, n_tries, key);
  const std::size_t n_rows = from.positions.n_chains * n_tries;
  // What is impossible stays where its chain is.
  keep_possible(CoordinateBatch::repeated(from.positions, n_tries).view(), tries.proposed);
  target.evaluate(tries.proposed.positions.view(), tries.terms);
  tries.evaluations = n_rows + tries.proposed.n_energy_evaluations;
  for (std::size_t row = 0; row < n_rows; ++row) {
    const double log_target = target.log_density(
        tries.terms.energies[row], tries.terms.others_of(row), from.states[row / n_tries]);
    const double log_forward = tries.proposed.log_forward[row];
    tries.log_weights.push_back(std::isfinite(log_forward) && std::isfinite(log_target)
                                    ? log_target - log_forward
                                    : kMinusInfinity);
  }
  return tries;
}

/// Index drawn with probability proportional to exp(log_weights).
std::size_t choose(Span<const double> log_weights, double log_sum, double uniform) {
  std::size_t last = 0;
  double left = uniform;
  for (std::size_t i = 0; i < log_weights.size(); ++i) {
    const double share = std::exp(log_weights[i] - log_sum);
    if (!(share > 0.0)) continue;
    last = i;
    if (left < share) break;
    left -= share;
  }
  return last;
}

/// The try of each chain that may be accepted.
struct Choices {
  std::vector<std::size_t> rows;  // [B], of the tries
  std::vector<double> log_sums;   // [B], of the weights; -inf when no try has weight
};

Choices choose_all(const Tries& tries, std::size_t n_tries, const ChainBatch& chains,
                   const StepKey& key) {
  Choices choices;
  for (std::size_t c = 0; c < chains.n_chains(); ++c) {
    const auto weights = Span<const double>(tries.log_weights).subspan(c * n_tries, n_tries);
    choices.log_sums.push_back(log_sum_exp(weights));
    choices.rows.push_back(c * n_tries);
    if (!std::isfinite(choices.log_sums[c])) continue;
    RandomStream random(key, StreamName::kTryChoice, chains.number_of(c));
    choices.rows[c] += choose(weights, choices.log_sums[c], random.uniform());
  }
  return choices;
}

Candidates candidates_of(const Tries& tries, const Choices& choices, const ChainBatch& chains) {
  Candidates candidates;
  candidates.positions = CoordinateBatch::rows(tries.proposed.positions.view(), choices.rows);
  if (tries.proposed.velocities.n_chains() > 0)
    candidates.velocities = CoordinateBatch::rows(tries.proposed.velocities.view(), choices.rows);
  candidates.terms.resize(chains.n_chains(), chains.n_other_terms());
  for (std::size_t c = 0; c < chains.n_chains(); ++c) {
    const std::size_t row = choices.rows[c];
    candidates.terms.energies[c] = tries.terms.energies[row];
    const auto others = tries.terms.others_of(row);
    std::copy(others.begin(), others.end(),
              candidates.terms.others.begin() + static_cast<std::ptrdiff_t>(c * others.size()));
  }
  return candidates;
}

/// Log weights of the tries that were not chosen, [B (m - 1)].
std::vector<double> other_weights(const Tries& tries, const Choices& choices, std::size_t n_tries) {
  std::vector<double> weights;
  for (std::size_t row = 0; row < tries.log_weights.size(); ++row)
    if (row != choices.rows[row / n_tries]) weights.push_back(tries.log_weights[row]);
  return weights;
}

}  // namespace

MultipleTry::MultipleTry(std::shared_ptr<const Proposal> proposal, std::size_t n_tries)
    : proposal_(std::move(proposal)), n_tries_(n_tries) {
  if (!proposal_) throw InternalError("multiple try without a proposal");
  if (n_tries_ == 0) throw InputError("multiple_try: n_tries must not be 0");
}

std::string MultipleTry::name() const {
  return "multiple_try_" + std::to_string(n_tries_) + "_" + proposal_->name();
}

TransitionInfo MultipleTry::apply(ChainBatch& chains, const TargetDensity& target,
                                  const StepKey& key) const {
  require_measure(target, proposal_->measure(), "proposal " + proposal_->name());
  const double start = process_cpu_seconds();
  require_finite_energies(chains, name(), key);

  const Tries tries = draw(*proposal_, chains.view(), n_tries_, target, key);
  const Choices choices = choose_all(tries, n_tries_, chains, key);
  Candidates candidates = candidates_of(tries, choices, chains);
  std::size_t evaluations = tries.evaluations;
  std::vector<double> back = other_weights(tries, choices, n_tries_);
  if (n_tries_ > 1 && !proposal_->tries_are_interchangeable()) {
    Tries others =
        draw(*proposal_, {candidates.positions.view(), chains.states, chains.first_chain},
             n_tries_ - 1, target, key.child(0));
    back = std::move(others.log_weights);
    evaluations += others.evaluations;
  }
  const std::size_t n_back = n_tries_ - 1;
  for (std::size_t c = 0; c < chains.n_chains(); ++c) {
    const double current =
        target.log_density(chains, c) - tries.proposed.log_reverse[choices.rows[c]];
    const double log_sum_back =
        log_add_exp(log_sum_exp(Span<const double>(back).subspan(c * n_back, n_back)), current);
    const bool possible = std::isfinite(choices.log_sums[c]) && std::isfinite(current);
    candidates.log_ratios.push_back(possible ? choices.log_sums[c] - log_sum_back : kMinusInfinity);
  }
  MoveRecord record = accept_or_reject(name(), candidates, key, chains);
  record.n_energy_evaluations = evaluations;
  record.cpu_seconds = process_cpu_seconds() - start;
  return {{std::move(record)}};
}

}  // namespace saltus::engine
