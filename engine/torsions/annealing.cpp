#include "engine/torsions/annealing.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "engine/core/error.h"
#include "engine/core/log_math.h"
#include "engine/ensemble/resampling.h"
#include "engine/ensemble/reweighting.h"
#include "engine/moves/guided_trajectory.h"
#include "engine/moves/metropolis.h"
#include "engine/torsions/annealing_swarm.h"
#include "engine/torsions/nitrogen_inversion.h"
#include "engine/torsions/torsion_reset.h"

namespace saltus::engine {

namespace {

/// Parts of a run that draw random numbers.
enum Part : std::uint32_t { kDraw, kPilot, kProduction, kSamples, kResample, kMoves };

void require(bool ok, const std::string& what) {
  if (!ok) throw InputError("annealing: " + what);
}

bool is_share(double value) { return value >= 0.0 && value <= 1.0; }

void require_schedule(const std::vector<double>& schedule) {
  double before = 0.0;
  for (double lambda : schedule) {
    require(lambda > before && lambda <= 1.0, "the schedule must ascend from above 0 to 1");
    before = lambda;
  }
  require(before == 1.0, "the schedule must end at 1");
}

void require_options(const AnnealingOptions& o) {
  require(o.temperature_K > 0.0 && std::isfinite(o.temperature_K),
          "the temperature must be positive and finite");
  require(o.n_islands >= 2, "at least 2 islands are needed for errors");
  require(o.n_particles >= 2 * o.n_islands && o.n_particles % o.n_islands == 0,
          "the number of particles (" + std::to_string(o.n_particles) +
              ") must be a multiple of that of islands (" + std::to_string(o.n_islands) +
              "), with at least two in each");
  require(o.n_pilot >= 2, "the pilot run needs at least 2 particles");
  require(o.step_efficiency > 0.0 && o.step_efficiency < 1.0, "step_efficiency must be in (0, 1)");
  require(o.most_steps > 0, "most_steps must not be 0");
  require(is_share(o.resample_below), "resample_below must be in [0, 1]");
  require(o.n_sweeps > 0, "n_sweeps must not be 0");
  require(
      o.n_prior_chains > 0 && o.n_prior_samples > 0 && o.n_prior_chains * o.n_prior_samples >= 2,
      "at least 2 samples around each reference are needed");
  if (!o.schedule.empty()) require_schedule(o.schedule);
}

/// Longest step whose weights leave the wanted share of particles effective, at most `left`.
double longest_step(const AnnealingSwarm& swarm, double left, double efficiency) {
  // Overlapping atoms make the first steps many orders of magnitude shorter than the last ones.
  constexpr double kShortest = 1e-9;
  constexpr int kBisections = 40;
  if (swarm.step_efficiency(left) >= efficiency || left <= kShortest) return left;
  double short_enough = std::log(kShortest), too_long = std::log(left);
  for (int i = 0; i < kBisections; ++i) {
    const double middle = 0.5 * (short_enough + too_long);
    (swarm.step_efficiency(std::exp(middle)) >= efficiency ? short_enough : too_long) = middle;
  }
  return std::exp(short_enough);
}

/// Accepted fraction of all chains in the records of one kind of move.
double accepted_fraction(const std::vector<MoveRecord>& records, const std::string& name) {
  std::size_t accepted = 0, all = 0;
  for (const MoveRecord& record : records) {
    if (record.name != name) continue;
    all += record.outcomes.size();
    accepted += static_cast<std::size_t>(
        std::count(record.outcomes.begin(), record.outcomes.end(), Outcome::kAccepted));
  }
  return all == 0 ? 0.0 : static_cast<double>(accepted) / static_cast<double>(all);
}

std::vector<double> family_weights(const AnnealedEnsemble& ensemble) {
  std::vector<double> result(ensemble.log_weights.size(), -std::numeric_limits<double>::infinity());
  for (std::size_t i = 0; i < result.size(); ++i)
    result[ensemble.ancestors[i]] =
        log_add_exp(result[ensemble.ancestors[i]], ensemble.log_weights[i]);
  return result;
}

void estimate(const AnnealingSwarm& swarm, double temperature_K, AnnealedEnsemble& out) {
  out.effective_sample_size = kish_effective_sample_size(out.log_weights);
  out.effective_families = kish_effective_sample_size(family_weights(out));
  out.log_z = log_mean_exp(out.log_weights);
  const auto n = static_cast<double>(swarm.n_islands());
  double squares = 0.0;
  for (std::size_t i = 0; i < swarm.n_islands(); ++i) {
    const double relative = std::exp(log_mean_exp(swarm.island_weights(i)) - out.log_z);
    squares += (relative - 1.0) * (relative - 1.0);
  }
  out.log_z_error = std::sqrt(squares / (n * (n - 1.0)));
  const double kt = kGasConstant * temperature_K;
  out.free_energy = -kt * out.log_z;
  out.free_energy_error = kt * out.log_z_error;
}

/// Rows m S .. m S + S - 1 are samples of reference m.
CoordinateBatch samples_around(const std::shared_ptr<const EnergyFunction>& energy,
                               const MovingParticles& particles, const CoordinateBatch& references,
                               const AnnealingOptions& options, const StepKey& key) {
  const std::size_t n_refs = references.n_chains(), n_chains = options.n_prior_chains;
  const std::size_t n_samples = n_chains * options.n_prior_samples;
  ChainBatch chains(n_refs * n_chains, references.n_atoms(), {options.temperature_K});
  for (std::size_t c = 0; c < chains.n_chains(); ++c) {
    const auto from = references.chain(c / n_chains);
    std::copy(from.begin(), from.end(), chains.positions.chain(c).begin());
  }
  const TargetDensity target(energy, ReferenceMeasure::kCartesian);
  target.refresh_energies(chains);
  const HamiltonianMonteCarlo hmc(options.hmc, particles);
  CoordinateBatch samples(n_refs * n_samples, references.n_atoms());
  // As many trajectories to warm up as are sampled.
  for (std::size_t t = 0; t < 2 * options.n_prior_samples; ++t) {
    hmc.apply(chains, target, key.child(static_cast<std::uint32_t>(t)));
    if (t < options.n_prior_samples) continue;
    for (std::size_t c = 0; c < chains.n_chains(); ++c) {
      const std::size_t row =
          (c / n_chains) * n_samples + (t - options.n_prior_samples) * n_chains + c % n_chains;
      const auto from = chains.positions.chain(c);
      std::copy(from.begin(), from.end(), samples.chain(row).begin());
    }
  }
  return samples;
}

}  // namespace

Annealing::Annealing(std::shared_ptr<const EnergyFunction> energy, const MovingParticles& particles,
                     std::shared_ptr<const TorsionGraph> graph,
                     std::shared_ptr<const TorsionModel> model,
                     std::shared_ptr<const TorsionPrior> prior, const AnnealingOptions& options)
    : energy_(std::move(energy)), prior_(std::move(prior)), options_(options) {
  if (!energy_ || !graph || !model || !prior_) throw InternalError("annealing: missing part");
  require_options(options_);
  require(prior_->n_atoms() == energy_->n_atoms(),
          "the prior is of " + std::to_string(prior_->n_atoms()) + " atoms, the energy of " +
              std::to_string(energy_->n_atoms()));
  const auto trajectory = std::make_shared<Metropolis>(
      std::make_shared<GuidedTrajectory>(energy_, particles, options_.hmc));
  trajectory_name_ = trajectory->name();
  std::shared_ptr<const Move> reset, inversion;
  if (!graph->torsions.empty()) {
    const TorsionResetOptions reset_options = {options_.n_reset_torsions, options_.prior.uniform,
                                               options_.prior.model_temperature_K};
    reset = std::make_shared<Metropolis>(
        std::make_shared<TorsionReset>(graph, std::move(model), reset_options));
    reset_name_ = reset->name();
  }
  if (NitrogenInversion::applies(*graph))
    inversion = std::make_shared<Metropolis>(std::make_shared<NitrogenInversion>(graph));
  for (std::size_t sweep = 0; sweep < options_.n_sweeps; ++sweep) {
    moves_.push_back(trajectory);
    moves_.insert(moves_.end(), graph->torsions.size(), reset);
    if (inversion) moves_.push_back(inversion);
  }
}

std::vector<double> Annealing::schedule(const StepKey& key) const {
  if (!options_.schedule.empty()) return options_.schedule;
  // The pilot may resample as it likes: only its schedule is used.
  constexpr double kThreshold = 0.5;
  const StepKey own = key.child(kPilot);
  AnnealingSwarm swarm(energy_, prior_, options_.temperature_K, options_.n_pilot, 1,
                       own.child(kDraw));
  std::vector<double> schedule;
  double lambda = 0.0;
  while (lambda < 1.0) {
    if (schedule.size() == options_.most_steps)
      throw NumericalError("annealing: " + std::to_string(options_.most_steps) +
                           " steps lead only to lambda = " + std::to_string(lambda) +
                           "; the prior is too far from the target. Use a better torsion model, "
                           "more steps, or another sampler");
    const double left = 1.0 - lambda;
    const double step = longest_step(swarm, left, options_.step_efficiency);
    const auto number = static_cast<std::uint32_t>(schedule.size());
    swarm.reweigh(step);
    lambda = step == left ? 1.0 : lambda + step;
    swarm.resample(kThreshold, own.child(kResample).child(number));
    swarm.move(lambda, moves_, own.child(kMoves).child(number));
    schedule.push_back(lambda);
  }
  return schedule;
}

AnnealedEnsemble Annealing::run(const std::vector<double>& schedule, const StepKey& key) const {
  require_schedule(schedule);
  const StepKey own = key.child(kProduction);
  AnnealingSwarm swarm(energy_, prior_, options_.temperature_K, options_.n_particles,
                       options_.n_islands, own.child(kDraw));
  AnnealedEnsemble result;
  double lambda = 0.0;
  for (std::size_t k = 0; k < schedule.size(); ++k) {
    const auto number = static_cast<std::uint32_t>(k);
    AnnealingStep step;
    step.lambda = schedule[k];
    swarm.reweigh(schedule[k] - lambda);
    lambda = schedule[k];
    step.effective_share = swarm.effective_share();
    step.n_resampled = swarm.resample(options_.resample_below, own.child(kResample).child(number));
    const auto records = swarm.move(lambda, moves_, own.child(kMoves).child(number));
    step.trajectories_accepted = accepted_fraction(records, trajectory_name_);
    step.resets_accepted = accepted_fraction(records, reset_name_);
    result.steps.push_back(step);
  }
  result.positions = swarm.positions();
  result.energies = swarm.energies();
  result.log_weights = swarm.log_weights();
  result.ancestors = swarm.ancestors();
  result.n_islands = swarm.n_islands();
  result.energy_evaluations = swarm.evaluations();
  estimate(swarm, options_.temperature_K, result);
  return result;
}

WeightedMean weighted_mean(const AnnealedEnsemble& ensemble, Span<const double> values) {
  if (values.size() != ensemble.log_weights.size())
    throw InternalError("weighted mean: one value for each particle is needed");
  const std::size_t size = values.size() / ensemble.n_islands;
  const double log_total = log_sum_exp(ensemble.log_weights);
  const auto weight = [&](std::size_t i) { return std::exp(ensemble.log_weights[i] - log_total); };
  WeightedMean result;
  for (std::size_t i = 0; i < values.size(); ++i)
    if (weight(i) > 0.0) result.value += weight(i) * values[i];
  double squares = 0.0;
  for (std::size_t island = 0; island < ensemble.n_islands; ++island) {
    double sum = 0.0;
    for (std::size_t i = island * size; i < (island + 1) * size; ++i)
      if (weight(i) > 0.0) sum += weight(i) * (values[i] - result.value);
    squares += sum * sum;
  }
  const auto n = static_cast<double>(ensemble.n_islands);
  result.error = std::sqrt(squares * n / (n - 1.0));
  return result;
}

AnnealedEnsemble anneal(std::shared_ptr<const EnergyFunction> energy,
                        const MovingParticles& particles, std::shared_ptr<const TorsionGraph> graph,
                        std::shared_ptr<const TorsionModel> model,
                        const CoordinateBatch& references, const AnnealingOptions& options,
                        const StepKey& key) {
  if (!energy) throw InternalError("annealing: missing energy");
  require_options(options);
  require(references.n_chains() > 0 && references.n_atoms() == energy->n_atoms(),
          "expected at least one reference geometry of " + std::to_string(energy->n_atoms()) +
              " atoms");
  AnnealingOptions used = options;
  used.prior.temperature_K = options.temperature_K;
  const CoordinateBatch samples =
      samples_around(energy, particles, references, used, key.child(kSamples));
  const auto prior = std::make_shared<TorsionPrior>(graph, model, references, samples, used.prior);
  const Annealing annealing(energy, particles, graph, model, prior, used);
  return annealing.run(annealing.schedule(key), key);
}

}  // namespace saltus::engine
