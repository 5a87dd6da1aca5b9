#include "engine/torsions/multiple_try.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "engine/core/error.h"
#include "engine/core/log_math.h"
#include "engine/moves/metropolis.h"
#include "engine/torsions/subset_density.h"

namespace saltus::engine {

namespace {

constexpr double kMinusInfinity = -std::numeric_limits<double>::infinity();

/// All tries of all chains.
struct Tries {
  std::size_t per_chain;
  CoordinateBatch positions;           // [B m, N, 3]
  std::vector<double> log_forward;     // [B m], log q of each try
  std::vector<double> log_reverse;     // [B], log q of the current torsions
  std::vector<std::uint8_t> possible;  // [B]
  std::vector<double> energies;        // [B m]

  Tries(std::size_t n_chains, std::size_t m, std::size_t n_atoms)
      : per_chain(m),
        positions(n_chains * m, n_atoms),
        log_forward(n_chains * m, 0.0),
        log_reverse(n_chains, 0.0),
        possible(n_chains, 1),
        energies(n_chains * m, 0.0) {}
};

/// Draws the tries of one chain; impossible ones stay where the chain is.
void draw_tries(const TorsionResetParts& parts, const ChainBatch& chains, std::size_t c,
                const StepKey& key, Tries& tries) {
  const auto chain = static_cast<std::uint32_t>(c);
  const Span<const double> x = chains.positions.view().chain(c);
  const std::size_t first = c * tries.per_chain;
  for (std::size_t i = 0; i < tries.per_chain; ++i)
    std::copy(x.begin(), x.end(), tries.positions.chain(first + i).begin());

  RandomStream subset_stream(key, StreamName::kTorsionSubset, chain);
  std::optional<SubsetState> state =
      begin_reset(parts, chains.states[c].temperature_K, x, subset_stream);
  tries.possible[c] = state ? 1 : 0;
  if (!state) return;
  RandomStream angle_stream(key, StreamName::kProposal, chain);
  std::vector<double> tau(state->tau.size());
  for (std::size_t i = 0; i < tries.per_chain; ++i) {
    tries.log_forward[first + i] = state->density.draw(angle_stream, tau);
    set_torsions(*parts.graph, state->density.subset(), tau, tries.positions.chain(first + i));
  }
  tries.log_reverse[c] = state->density.log_density(state->tau);
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

struct Decision {
  std::size_t choice = 0;
  double log_ratio = kMinusInfinity;
};

/// @param log_current  log weight of the current state
Decision decide(std::vector<double> log_weights, double log_current, double uniform) {
  Decision decision;
  const double log_sum = log_sum_exp(log_weights);
  if (!std::isfinite(log_sum) || !std::isfinite(log_current)) return decision;
  decision.choice = choose(log_weights, log_sum, uniform);
  log_weights[decision.choice] = log_current;
  decision.log_ratio = log_sum - log_sum_exp(log_weights);
  return decision;
}

}  // namespace

MultipleTryTorsions::MultipleTryTorsions(std::shared_ptr<const TorsionGraph> graph,
                                         std::shared_ptr<const TorsionModel> model,
                                         const TorsionResetOptions& options, std::size_t n_tries)
    : graph_(std::move(graph)), model_(std::move(model)), options_(options), n_tries_(n_tries) {
  check_torsion_reset("multiple_try", {graph_, model_, options_});
  if (n_tries_ == 0) throw InputError("multiple_try: n_tries must not be 0");
}

std::string MultipleTryTorsions::name() const {
  return "multiple_try_" + std::to_string(options_.n_torsions) + "x" + std::to_string(n_tries_);
}

TransitionInfo MultipleTryTorsions::apply(ChainBatch& chains, const TargetDensity& target,
                                          const StepKey& key) const {
  require_measure(target, ReferenceMeasure::kCartesian, "move " + name());
  const double start = process_cpu_seconds();
  const std::size_t n = chains.n_chains();
  require_finite_energies(chains, name(), key);

  Tries tries(n, n_tries_, chains.n_atoms());
  for (std::size_t c = 0; c < n; ++c) draw_tries({graph_, model_, options_}, chains, c, key, tries);
  target.energy().evaluate(tries.positions.view(), tries.energies, {});

  MoveRecord record;
  record.name = name();
  record.outcomes.assign(n, Outcome::kInvalid);
  record.log_ratios.assign(n, kMinusInfinity);
  record.energy_evaluations = n * n_tries_;
  for (std::size_t c = 0; c < n; ++c) {
    if (!tries.possible[c]) continue;
    const ThermodynamicState& state = chains.states[c];
    std::vector<double> log_weights(n_tries_);
    for (std::size_t i = 0; i < n_tries_; ++i) {
      const std::size_t row = c * n_tries_ + i;
      log_weights[i] = target.log_density(tries.energies[row], state) - tries.log_forward[row];
    }
    const auto chain = static_cast<std::uint32_t>(c);
    const Decision decision =
        decide(std::move(log_weights),
               target.log_density(chains.energies[c], state) - tries.log_reverse[c],
               RandomStream(key, StreamName::kTryChoice, chain).uniform());
    record.log_ratios[c] = decision.log_ratio;
    if (!std::isfinite(decision.log_ratio)) continue;
    record.outcomes[c] = Outcome::kRejected;
    if (RandomStream(key, StreamName::kAccept, chain).uniform() <
        acceptance_probability(decision.log_ratio)) {
      const std::size_t row = c * n_tries_ + decision.choice;
      const auto next = tries.positions.chain(row);
      std::copy(next.begin(), next.end(), chains.positions.chain(c).begin());
      chains.energies[c] = tries.energies[row];
      record.outcomes[c] = Outcome::kAccepted;
    }
  }
  record.cpu_seconds = process_cpu_seconds() - start;
  return {{std::move(record)}};
}

}  // namespace saltus::engine
