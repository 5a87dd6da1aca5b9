#include "engine/torsions/annealing.h"

#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "engine/core/error.h"
#include "engine/core/log_math.h"
#include "engine/diagnostics/reweighting.h"
#include "engine/ensemble/bridge.h"
#include "engine/ensemble/canonical.h"
#include "engine/ensemble/resampling.h"
#include "engine/moves/composites.h"
#include "engine/moves/metropolis.h"
#include "engine/run/simulation.h"
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
  require(o.max_steps > 0, "max_steps must not be 0");
  require(is_share(o.resample_below), "resample_below must be in [0, 1]");
  require(o.n_sweeps > 0, "n_sweeps must not be 0");
  require(o.n_reference_chains > 0 && o.n_reference_samples > 0 &&
              o.n_reference_chains * o.n_reference_samples >= 2,
          "at least 2 samples around each reference are needed");
  if (!o.schedule.empty()) require_schedule(o.schedule);
}

/// Share of particles that the weights of a step of this length alone leave effective:
/// (sum_i W_i v_i)^2 / sum_i W_i v_i^2, W normalised, v_i the weight a particle would gain.
/// Source: Zhou, Johansen, Aston, J. Comput. Graph. Stat. 25, 701 (2016),
/// doi:10.1080/10618600.2015.1060885.
double step_efficiency(const TargetDensity& target, const ChainBatch& chains, double length) {
  const std::vector<double>& weights = chains.log_weights;
  std::vector<double> once(weights.size()), twice(weights.size());
  for (std::size_t c = 0; c < weights.size(); ++c) {
    ThermodynamicState next = chains.states[c];
    next.path += length;
    const double step = target.log_density(chains, c, next) - target.log_density(chains, c);
    once[c] = weights[c] + step;
    twice[c] = weights[c] + 2.0 * step;
  }
  return std::exp(2.0 * log_sum_exp(once) - log_sum_exp(twice) - log_sum_exp(weights));
}

/// Longest step whose weights leave the wanted share of particles effective, at most `left`.
double longest_step(const TargetDensity& target, const ChainBatch& chains, double left,
                    double efficiency) {
  // Overlapping atoms make the first steps many orders of magnitude shorter than the last ones.
  constexpr double kMinStep = 1e-9;
  constexpr int kBisections = 40;
  if (step_efficiency(target, chains, left) >= efficiency || left <= kMinStep) return left;
  double short_enough = std::log(kMinStep), too_long = std::log(left);
  for (int i = 0; i < kBisections; ++i) {
    const double middle = 0.5 * (short_enough + too_long);
    const bool good = step_efficiency(target, chains, std::exp(middle)) >= efficiency;
    (good ? short_enough : too_long) = middle;
  }
  return std::exp(short_enough);
}

std::vector<double> family_weights(const AnnealedEnsemble& ensemble) {
  std::vector<double> result(ensemble.log_weights.size(), -std::numeric_limits<double>::infinity());
  for (std::size_t i = 0; i < result.size(); ++i)
    result[ensemble.ancestors[i]] =
        log_add_exp(result[ensemble.ancestors[i]], ensemble.log_weights[i]);
  return result;
}

void estimate(const ChainBatch& chains, double temperature_K, AnnealedEnsemble& out) {
  out.effective_sample_size = kish_effective_sample_size(out.log_weights);
  out.effective_families = kish_effective_sample_size(family_weights(out));
  out.log_z = log_mean_exp(out.log_weights);
  const auto n = static_cast<double>(out.n_islands);
  double squares = 0.0;
  for (std::size_t i = 0; i < out.n_islands; ++i) {
    const double relative =
        std::exp(log_mean_exp(group_weights(chains, out.n_islands, i)) - out.log_z);
    squares += (relative - 1.0) * (relative - 1.0);
  }
  out.log_z_error = std::sqrt(squares / (n * (n - 1.0)));
  const double kt = kGasConstant * temperature_K;
  out.facts.temperature_K = temperature_K;
  out.facts.n_effective = out.effective_families;
  out.facts.free_energy = -kt * out.log_z;
  out.facts.free_energy_error = kt * out.log_z_error;
}

/// Rows m S .. m S + S - 1 are samples of reference m.
CoordinateBatch samples_around(const std::shared_ptr<const EnergyFunction>& energy,
                               const MovingParticles& particles, const CoordinateBatch& references,
                               const AnnealingOptions& options, const StepKey& key) {
  const std::size_t n_refs = references.n_chains(), n_chains = options.n_reference_chains;
  const std::size_t n_samples = n_chains * options.n_reference_samples;
  ChainBatch chains(n_refs * n_chains, references.n_atoms(), {options.temperature_K});
  chains.positions = CoordinateBatch::repeated(references.view(), n_chains);
  const Canonical target(energy, ReferenceMeasure::kCartesian);
  target.refresh(chains);
  CoordinateBatch samples = CoordinateBatch::like(references.view(), n_refs * n_samples);
  // As many trajectories to warm up as are sampled.
  const std::size_t n_warm_up = options.n_reference_samples;
  SimulationOptions schedule;
  schedule.seed = key.seed;
  schedule.n_steps = n_warm_up + options.n_reference_samples;
  Simulation stage(std::make_shared<Sequence>(std::vector<Sequence::Part>{
                       {std::make_shared<HamiltonianMonteCarlo>(options.hmc, particles), 1, 1}}),
                   target, schedule);
  stage.add_reporter(every(1, [&](std::uint64_t step, const ChainBatch& now, const auto&) {
    if (step <= n_warm_up) return;
    for (std::size_t c = 0; c < now.n_chains(); ++c) {
      const std::size_t row =
          (c / n_chains) * n_samples + (step - n_warm_up - 1) * n_chains + c % n_chains;
      samples.copy_chain(now.positions.view(), c, row);
    }
  }));
  stage.run(chains, {});
  return samples;
}

}  // namespace

Annealing::Annealing(const AnnealingTask& task,
                     std::shared_ptr<const TorsionReferenceDensity> reference,
                     const AnnealingOptions& options)
    : reference_(std::move(reference)), options_(options) {
  if (!task.energy || !task.graph || !task.model || !reference_)
    throw InternalError("annealing: missing part");
  require_options(options_);
  require(reference_->n_atoms() == task.energy->n_atoms(),
          "the reference density is of " + std::to_string(reference_->n_atoms()) +
              " atoms, the energy of " + std::to_string(task.energy->n_atoms()));
  target_ = std::make_shared<Bridge>(task.energy, reference_, ReferenceMeasure::kCartesian);
  const auto trajectory = std::make_shared<HamiltonianMonteCarlo>(options_.hmc, task.particles);
  std::vector<Sequence::Part> sweep = {{trajectory, 1, 1}};
  if (!task.graph->torsions.empty()) {
    const TorsionResetOptions reset_options = {options_.n_reset_torsions,
                                               options_.reference.uniform,
                                               options_.reference.model_temperature_K};
    const auto reset = std::make_shared<Metropolis>(
        std::make_shared<TorsionReset>(task.graph, task.model, reset_options));
    sweep.push_back({reset, task.graph->torsions.size(), 1});
  }
  if (NitrogenInversion::applies(*task.graph))
    sweep.push_back(
        {std::make_shared<Metropolis>(std::make_shared<NitrogenInversion>(task.graph)), 1, 1});
  sweep_ = std::make_shared<Sequence>(std::move(sweep));
}

/// Particles drawn from the reference density; those without weight are parked.
struct Annealing::Swarm {
  ChainBatch chains;
  std::vector<std::size_t> ancestors;
  std::size_t evaluations = 0;
};

Annealing::Swarm Annealing::draw(std::size_t n_particles, const StepKey& key) const {
  ThermodynamicState state{options_.temperature_K};
  state.path = 0.0;
  Swarm swarm;
  swarm.chains = ChainBatch(n_particles, target_->n_atoms(), state);
  swarm.ancestors.resize(n_particles);
  std::iota(swarm.ancestors.begin(), swarm.ancestors.end(), std::size_t{0});
  ChainBatch& chains = swarm.chains;
  std::vector<std::uint8_t> valid(n_particles);
  reference_->draw(key, chains.positions, valid);
  TargetTerms terms;
  target_->evaluate(chains.positions.view(), terms);
  swarm.evaluations = n_particles;
  // What the target does not know ends here; what p0 does not know was an accident of rounding.
  for (std::size_t c = 0; c < n_particles; ++c)
    if (!valid[c] || !std::isfinite(terms.energies[c]) || !std::isfinite(terms.others[c]))
      chains.log_weights[c] = -std::numeric_limits<double>::infinity();
  chains.energies = std::move(terms.energies);
  chains.other_terms = std::move(terms.others);
  park_weightless(chains);
  return swarm;
}

void Annealing::reweigh(double lambda, Swarm& swarm) const {
  std::vector<ThermodynamicState> states = swarm.chains.states;
  for (ThermodynamicState& state : states) state.path = lambda;
  change_states(*target_, states, swarm.chains);
  park_weightless(swarm.chains);
}

void Annealing::move(const StepKey& key, Swarm& swarm) const {
  SimulationOptions schedule;
  schedule.seed = key.seed;
  schedule.n_steps = options_.n_sweeps;
  schedule.energy_check_period = options_.n_sweeps;
  Simulation stage(sweep_, *target_, schedule);
  stage.run(swarm.chains, {});
  for (const MoveStatistics& row : stage.statistics().rows())
    swarm.evaluations += row.n_energy_evaluations;
}

std::vector<double> Annealing::schedule(const StepKey& key) const {
  if (!options_.schedule.empty()) return options_.schedule;
  // The pilot may resample as it likes: only its schedule is used.
  constexpr double kThreshold = 0.5;
  const StepKey own = key.child(kPilot);
  Swarm swarm = draw(options_.n_pilot, own.child(kDraw));
  std::vector<double> schedule;
  double lambda = 0.0;
  while (lambda < 1.0) {
    if (schedule.size() == options_.max_steps)
      throw NumericalError(
          "annealing: " + std::to_string(options_.max_steps) +
          " steps lead only to lambda = " + std::to_string(lambda) +
          "; the reference density is too far from the target. Use a better torsion model, "
          "more steps, or another sampler");
    const double left = 1.0 - lambda;
    const double step = longest_step(*target_, swarm.chains, left, options_.step_efficiency);
    const auto number = static_cast<std::uint32_t>(schedule.size());
    lambda = step == left ? 1.0 : lambda + step;
    reweigh(lambda, swarm);
    resample({1, kThreshold}, own.child(kResample).child(number), swarm.chains, swarm.ancestors);
    move(own.child(kMoves).child(number), swarm);
    schedule.push_back(lambda);
  }
  return schedule;
}

AnnealedEnsemble Annealing::run(const std::vector<double>& schedule, const StepKey& key) const {
  require_schedule(schedule);
  const StepKey own = key.child(kProduction);
  Swarm swarm = draw(options_.n_particles, own.child(kDraw));
  AnnealedEnsemble result;
  result.n_islands = options_.n_islands;
  for (std::size_t k = 0; k < schedule.size(); ++k) {
    const auto number = static_cast<std::uint32_t>(k);
    AnnealingStep step;
    step.lambda = schedule[k];
    reweigh(schedule[k], swarm);
    step.effective_share = effective_share(swarm.chains, options_.n_islands);
    step.n_resampled = resample({options_.n_islands, options_.resample_below},
                                own.child(kResample).child(number), swarm.chains, swarm.ancestors);
    move(own.child(kMoves).child(number), swarm);
    result.steps.push_back(step);
  }
  result.energies = swarm.chains.energies;
  result.log_weights = swarm.chains.log_weights;
  result.ancestors = std::move(swarm.ancestors);
  result.facts.n_energy_evaluations = swarm.evaluations;
  estimate(swarm.chains, options_.temperature_K, result);
  result.positions = std::move(swarm.chains.positions);
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

AnnealedEnsemble anneal(const AnnealingTask& task, const CoordinateBatch& references,
                        const AnnealingOptions& options, const StepKey& key) {
  if (!task.energy) throw InternalError("annealing: missing energy");
  require_options(options);
  require(references.n_chains() > 0 && references.n_atoms() == task.energy->n_atoms(),
          "expected at least one reference geometry of " + std::to_string(task.energy->n_atoms()) +
              " atoms");
  AnnealingOptions used = options;
  used.reference.temperature_K = options.temperature_K;
  const CoordinateBatch samples =
      samples_around(task.energy, task.particles, references, used, key.child(kSamples));
  const auto reference = std::make_shared<TorsionReferenceDensity>(
      task.graph, task.model, references, samples, used.reference);
  const Annealing annealing(task, reference, used);
  return annealing.run(annealing.schedule(key), key);
}

}  // namespace saltus::engine
