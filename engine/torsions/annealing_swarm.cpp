#include "engine/torsions/annealing_swarm.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <numeric>
#include <utility>

#include "engine/core/error.h"
#include "engine/core/log_math.h"
#include "engine/ensemble/resampling.h"
#include "engine/ensemble/reweighting.h"

namespace saltus::engine {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

void copy_row(CoordinateBatch& x, std::size_t from, std::size_t to) {
  const auto source = x.chain(from);
  std::copy(source.begin(), source.end(), x.chain(to).begin());
}

/// A factor of 0 switches a number off, infinite or not.
double scaled(double factor, double value) { return factor == 0.0 ? 0.0 : factor * value; }

}  // namespace

BridgeEnergy::BridgeEnergy(std::shared_ptr<const EnergyFunction> energy,
                           std::shared_ptr<const TorsionPrior> prior, double temperature_K,
                           double lambda)
    : energy_(std::move(energy)),
      prior_(std::move(prior)),
      kt_(kGasConstant * temperature_K),
      lambda_(lambda) {}

double BridgeEnergy::value(double energy, double log_prior) const {
  const double value = scaled(lambda_, energy) - scaled((1.0 - lambda_) * kt_, log_prior);
  return std::isnan(value) ? kInfinity : value;
}

void BridgeEnergy::evaluate(ConstCoordinates x, Span<double> energies, Span<double> forces) const {
  check_evaluation_sizes(*this, x, energies, forces);
  if (!forces.empty()) throw InternalError("the energy between prior and target has no forces");
  std::vector<double> log_priors(x.n_chains, 0.0);
  energy_->evaluate(x, energies, {});
  if (lambda_ < 1.0) prior_->log_density(x, log_priors);
  for (std::size_t c = 0; c < x.n_chains; ++c) energies[c] = value(energies[c], log_priors[c]);
}

AnnealingSwarm::AnnealingSwarm(std::shared_ptr<const EnergyFunction> energy,
                               std::shared_ptr<const TorsionPrior> prior, double temperature_K,
                               std::size_t n, std::size_t n_islands, const StepKey& key)
    : energy_(std::move(energy)),
      prior_(std::move(prior)),
      temperature_K_(temperature_K),
      beta_(ThermodynamicState{temperature_K}.beta()),
      n_islands_(n_islands),
      chains_(n, energy_->n_atoms(), {temperature_K}),
      energies_(n),
      log_priors_(n),
      log_weights_(n, 0.0),
      ancestors_(n) {
  std::iota(ancestors_.begin(), ancestors_.end(), std::size_t{0});
  std::vector<std::uint8_t> valid(n);
  prior_->draw(key, chains_.positions, valid);
  for (std::size_t c = 0; c < n; ++c)
    if (!valid[c]) log_weights_[c] = -kInfinity;
  evaluate();
  discard_impossible();
  park();
}

Span<const double> AnnealingSwarm::island_weights(std::size_t island) const {
  const std::size_t size = n_particles() / n_islands_;
  return Span<const double>(log_weights_).subspan(island * size, size);
}

void AnnealingSwarm::evaluate() {
  energy_->evaluate(chains_.positions.view(), energies_, {});
  prior_->log_density(chains_.positions.view(), log_priors_);
  evaluations_ += n_particles();
}

void AnnealingSwarm::discard_impossible() {
  // What the target does not know ends here; what p0 does not know was an accident of rounding.
  for (std::size_t c = 0; c < n_particles(); ++c)
    if (!std::isfinite(energies_[c]) || !std::isfinite(log_priors_[c]))
      log_weights_[c] = -kInfinity;
}

void AnnealingSwarm::park() {
  const auto best = std::max_element(log_weights_.begin(), log_weights_.end());
  if (*best == -kInfinity)
    throw NumericalError(
        "annealing: no particle has weight left; the prior's configurations have no density in "
        "the target. Use more particles, or references nearer to equilibrium");
  const auto from = static_cast<std::size_t>(best - log_weights_.begin());
  for (std::size_t c = 0; c < n_particles(); ++c) {
    if (log_weights_[c] != -kInfinity) continue;
    copy_row(chains_.positions, from, c);
    energies_[c] = energies_[from];
    log_priors_[c] = log_priors_[from];
  }
}

double AnnealingSwarm::step_efficiency(double delta) const {
  std::vector<double> once(n_particles()), twice(n_particles());
  for (std::size_t c = 0; c < n_particles(); ++c) {
    const double step = delta * (-beta_ * energies_[c] - log_priors_[c]);
    once[c] = log_weights_[c] + step;
    twice[c] = log_weights_[c] + 2.0 * step;
  }
  const double log_share = 2.0 * log_sum_exp(once) - log_sum_exp(twice) - log_sum_exp(log_weights_);
  return std::exp(log_share);
}

void AnnealingSwarm::reweigh(double delta) {
  for (std::size_t c = 0; c < n_particles(); ++c)
    log_weights_[c] += delta * (-beta_ * energies_[c] - log_priors_[c]);
  park();
}

double AnnealingSwarm::effective_share() const {
  double sum = 0.0;
  for (std::size_t i = 0; i < n_islands_; ++i) {
    const auto weights = island_weights(i);
    if (log_sum_exp(weights) > -kInfinity)
      sum += kish_effective_sample_size(weights) / static_cast<double>(weights.size());
  }
  return sum / static_cast<double>(n_islands_);
}

std::size_t AnnealingSwarm::resample(double threshold, const StepKey& key) {
  const std::size_t size = n_particles() / n_islands_;
  const ChainBatch before = chains_;
  const std::vector<double> energies = energies_, log_priors = log_priors_;
  const std::vector<std::size_t> ancestors = ancestors_;
  std::size_t n_resampled = 0;
  for (std::size_t i = 0; i < n_islands_; ++i) {
    const auto weights = island_weights(i);
    const double mean = log_mean_exp(weights);
    if (mean == -kInfinity ||
        kish_effective_sample_size(weights) >= threshold * static_cast<double>(size))
      continue;
    ++n_resampled;
    const auto chosen = systematic_resampling(weights, key, static_cast<std::uint32_t>(i));
    for (std::size_t k = 0; k < size; ++k) {
      const std::size_t to = i * size + k, from = i * size + chosen[k];
      const auto row = before.positions.chain(from);
      std::copy(row.begin(), row.end(), chains_.positions.chain(to).begin());
      energies_[to] = energies[from];
      log_priors_[to] = log_priors[from];
      ancestors_[to] = ancestors[from];
      log_weights_[to] = mean;
    }
  }
  return n_resampled;
}

std::vector<MoveRecord> AnnealingSwarm::move(double lambda,
                                             const std::vector<std::shared_ptr<const Move>>& moves,
                                             const StepKey& key) {
  const auto bridge = std::make_shared<BridgeEnergy>(energy_, prior_, temperature_K_, lambda);
  const TargetDensity target(bridge, ReferenceMeasure::kCartesian);
  for (std::size_t c = 0; c < n_particles(); ++c)
    chains_.energies[c] = bridge->value(energies_[c], log_priors_[c]);
  std::vector<MoveRecord> records;
  for (std::size_t k = 0; k < moves.size(); ++k) {
    TransitionInfo info =
        moves[k]->apply(chains_, target, key.child(static_cast<std::uint32_t>(k)));
    for (MoveRecord& record : info.records) {
      evaluations_ += record.energy_evaluations;
      records.push_back(std::move(record));
    }
  }
  evaluate();
  return records;
}

}  // namespace saltus::engine
