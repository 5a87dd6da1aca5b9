#include "engine/ensemble/resampling.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/core/error.h"
#include "engine/core/log_math.h"
#include "engine/diagnostics/reweighting.h"

namespace saltus::engine {

double log_mean_exp(Span<const double> values) {
  return log_sum_exp(values) - std::log(static_cast<double>(values.size()));
}

std::vector<std::size_t> systematic_resampling(Span<const double> log_weights, const StepKey& key,
                                               std::uint32_t stream) {
  kish_effective_sample_size(log_weights);  // refuses weights that mean nothing
  const std::size_t n = log_weights.size();
  const double total = log_sum_exp(log_weights);
  const double offset = RandomStream(key, StreamName::kResampling, stream).uniform();
  std::vector<std::size_t> chosen;
  chosen.reserve(n);
  std::size_t last_positive = 0;
  double reached = 0.0;  // n times the cumulative weight
  for (std::size_t i = 0; i < n; ++i) {
    if (log_weights[i] == -std::numeric_limits<double>::infinity()) continue;
    last_positive = i;
    reached += static_cast<double>(n) * std::exp(log_weights[i] - total);
    while (chosen.size() < n && static_cast<double>(chosen.size()) + offset < reached)
      chosen.push_back(i);
  }
  // What rounding has left over.
  chosen.resize(n, last_positive);
  return chosen;
}

void change_states(const TargetDensity& target, Span<const ThermodynamicState> states,
                   ChainBatch& chains) {
  constexpr double kNone = -std::numeric_limits<double>::infinity();
  for (std::size_t c = 0; c < chains.n_chains(); ++c) {
    if (chains.log_weights[c] != kNone) {
      const double change =
          target.log_density(chains, c, states[c]) - target.log_density(chains, c);
      chains.log_weights[c] = std::isnan(change) ? kNone : chains.log_weights[c] + change;
    }
    chains.states[c] = states[c];
  }
}

void park_weightless(ChainBatch& chains) {
  constexpr double kNone = -std::numeric_limits<double>::infinity();
  const auto best = std::max_element(chains.log_weights.begin(), chains.log_weights.end());
  if (best == chains.log_weights.end() || *best == kNone)
    throw NumericalError(
        "no chain has weight left: configurations of the reference density have no density in the "
        "target. Use more chains, or references nearer to equilibrium");
  const auto from = static_cast<std::size_t>(best - chains.log_weights.begin());
  for (std::size_t c = 0; c < chains.n_chains(); ++c)
    if (chains.log_weights[c] == kNone) chains.copy_configuration(chains, from, c);
}

Span<const double> group_weights(const ChainBatch& chains, std::size_t n_groups, std::size_t g) {
  const std::size_t size = chains.n_chains() / n_groups;
  return Span<const double>(chains.log_weights).subspan(g * size, size);
}

double effective_share(const ChainBatch& chains, std::size_t n_groups) {
  double sum = 0.0;
  for (std::size_t g = 0; g < n_groups; ++g) {
    const auto weights = group_weights(chains, n_groups, g);
    if (log_sum_exp(weights) > -std::numeric_limits<double>::infinity())
      sum += kish_effective_sample_size(weights) / static_cast<double>(weights.size());
  }
  return sum / static_cast<double>(n_groups);
}

std::size_t resample(const ResamplingOptions& options, const StepKey& key, ChainBatch& chains,
                     std::vector<std::size_t>& ancestors) {
  const ChainBatch before = chains;
  const std::vector<std::size_t> old_ancestors = ancestors;
  const std::size_t size = chains.n_chains() / options.n_groups;
  std::size_t n_resampled = 0;
  for (std::size_t g = 0; g < options.n_groups; ++g) {
    const auto weights = group_weights(before, options.n_groups, g);
    const double mean = log_mean_exp(weights);
    if (mean == -std::numeric_limits<double>::infinity() ||
        kish_effective_sample_size(weights) >= options.below * static_cast<double>(size))
      continue;
    ++n_resampled;
    const auto chosen = systematic_resampling(weights, key, static_cast<std::uint32_t>(g));
    for (std::size_t k = 0; k < size; ++k) {
      const std::size_t to = g * size + k, from = g * size + chosen[k];
      chains.copy_configuration(before, from, to);
      chains.log_weights[to] = mean;
      ancestors[to] = old_ancestors[from];
    }
  }
  return n_resampled;
}

}  // namespace saltus::engine
