#include "engine/conformers/ensemble_sampler.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

#include "engine/conformers/slow_coordinates.h"
#include "engine/core/error.h"
#include "engine/ensemble/canonical.h"
#include "engine/lanes/native_energy.h"
#include "engine/moves/composites.h"
#include "engine/moves/hamiltonian.h"
#include "engine/moves/metropolis.h"
#include "engine/moves/replica_exchange.h"
#include "engine/rings/find_ring_states.h"
#include "engine/rings/ring_flip.h"
#include "engine/run/simulation.h"
#include "engine/torsions/histogram_torsion_model.h"
#include "engine/torsions/nitrogen_inversion.h"
#include "engine/torsions/torsion_geometry.h"
#include "engine/torsions/torsion_reset.h"
#include "engine/tuning/step_size_tuner.h"

namespace saltus::engine {

namespace {

/// Heavy hydrogens allow longer steps; the distribution of positions does not know masses.
constexpr double kMinMass = 4.0;

MovingParticles heavy_particles(const System& system) {
  MovingParticles particles = moving_particles(system);
  for (double& mass : particles.masses)
    if (mass > 0.0) mass = std::max(mass, kMinMass);
  return particles;
}

/// One chain of trajectories, resets and exchanges for all levels of all ladders.
class Sampler {
 public:
  Sampler(const System& system, std::shared_ptr<const TorsionGraph> graph,
          std::shared_ptr<const TorsionModel> model, const EnsembleOptions& options)
      : options_(options),
        graph_(std::move(graph)),
        model_(std::move(model)),
        target_(std::make_shared<NativeEnergy>(system, nullptr), measure_of(system)),
        particles_(heavy_particles(system)) {
    if (options_.n_levels == 0 || options_.n_ladders == 0 || options_.every == 0)
      throw InputError("an ensemble needs at least one level, one ladder and one sweep per frame");
    if (!(options_.hottest_K >= options_.temperature_K) || !(options_.temperature_K > 0.0))
      throw InputError("the hottest temperature of an ensemble must not be below its own");
  }

  MoleculeEnsemble run(const CoordinateBatch& starts, const Configuration& configuration);

 private:
  void begin(const CoordinateBatch& starts);
  void find_rings(const CoordinateBatch& starts, const Configuration& configuration);
  void warm_up();
  void learn_histogram(std::size_t n_sweeps);
  void make_sweep();
  /// Sweeps until the time is up; each one is shown to `look` when there is one.
  void run_sweeps(std::size_t n, bool counted, const std::function<void()>& look);
  void count(const TransitionInfo& info);
  /// Keeps book of who is where after an exchange.
  void follow(const MoveRecord& exchange);
  bool late() const { return std::chrono::steady_clock::now() >= options_.deadline; }
  std::size_t n_torsions() const { return graph_->torsions.size(); }

  EnsembleOptions options_;
  std::shared_ptr<const TorsionGraph> graph_;
  std::shared_ptr<const TorsionModel> model_;
  Canonical target_;
  MovingParticles particles_;
  ChainBatch chains_;
  std::vector<SlowCoordinate> slow_;
  std::optional<ChangeWatch> watch_;
  std::vector<std::size_t> replicas_;  ///< of each chain
  std::uint64_t step_ = 0;
  std::shared_ptr<const Move> trajectories_, sweep_;
  RingSearch rings_;
  std::string exchange_name_;
  std::map<std::string, MoveAcceptance> acceptances_;
  std::size_t n_energy_evaluations_ = 0;
  bool timed_out_ = false;
};

void Sampler::begin(const CoordinateBatch& starts) {
  if (starts.n_chains() == 0)
    throw InternalError("an ensemble needs a configuration to start from");
  const std::size_t n = options_.n_levels * options_.n_ladders;
  chains_ = ChainBatch(n, starts.n_atoms(), {options_.temperature_K});
  chains_.positions = CoordinateBatch::like(starts.view(), n);
  for (std::size_t c = 0; c < n; ++c) {
    const std::size_t level = c % options_.n_levels;
    replicas_.push_back(level);
    const double share = options_.n_levels == 1 ? 0.0
                                                : static_cast<double>(level) /
                                                      static_cast<double>(options_.n_levels - 1);
    chains_.states[c].temperature_K =
        options_.temperature_K * std::pow(options_.hottest_K / options_.temperature_K, share);
    chains_.positions.copy_chain(starts.view(), c % starts.n_chains(), c);
  }
  target_.refresh(chains_);
  slow_ = slow_coordinates(*graph_);
  watch_.emplace(slow_, n);
  watch_->look(values_of_frames(*graph_, slow_, chains_.positions.view()), false);
}

void Sampler::find_rings(const CoordinateBatch& starts, const Configuration& configuration) {
  if (options_.n_ring_moves == 0) return;
  const auto first = starts.view().chain(0);
  RingSearchOptions search;
  search.temperature_K = options_.temperature_K;
  search.seed = options_.seed;
  search.deadline = options_.deadline;
  rings_ = find_ring_states({graph_, target_, particles_,
                             [&](Span<const double> x) {
                               return has_configuration(configuration, x) &&
                                      is_pucker_of(*graph_, x, first);
                             }},
                            starts, search);
}

void Sampler::make_sweep() {
  const auto reset = [&](std::size_t n) {
    TorsionResetOptions options;
    options.n_torsions = n;
    options.uniform = options_.uniform;
    options.model_temperature_K = options_.temperature_K;
    return std::make_shared<Metropolis>(std::make_shared<TorsionReset>(graph_, model_, options));
  };
  std::vector<Sequence::Part> parts = {{trajectories_, 1, 1, false}};
  if (options_.torsion_moves && n_torsions() > 0) {
    const std::size_t n_single = options_.n_resets > 0 ? options_.n_resets : (n_torsions() + 1) / 2;
    parts.push_back({reset(1), n_single, 1, false});
    const auto pairs = n_torsions() >= 2 ? reset(2) : nullptr;
    const auto triples = n_torsions() >= 3 ? reset(3) : pairs;
    for (std::size_t i = 0; pairs && i < options_.n_joint_resets; ++i)
      parts.push_back({i % 2 == 0 ? pairs : triples, 1, 1, false});
  }
  if (options_.torsion_moves && NitrogenInversion::applies(*graph_))
    parts.push_back(
        {std::make_shared<Metropolis>(std::make_shared<NitrogenInversion>(graph_)), 1, 1, false});
  if (!rings_.systems.empty())
    parts.push_back({std::make_shared<Metropolis>(std::make_shared<RingFlip>(rings_.systems)),
                     options_.n_ring_moves, 1, false});
  if (options_.n_levels > 1) {
    const auto exchange = std::make_shared<ReplicaExchange>(options_.n_levels);
    exchange_name_ = exchange->name();
    parts.push_back({exchange, 1, 1, true});
  }
  sweep_ = std::make_shared<Sequence>(std::move(parts));
}

void Sampler::count(const TransitionInfo& info) {
  for (const MoveRecord& record : info.records) {
    n_energy_evaluations_ += record.n_energy_evaluations;
    MoveAcceptance& acceptance = acceptances_[record.name];
    acceptance.name = record.name;
    // Of moves, what happens at the temperature asked for; of exchanges, all.
    const std::size_t stride = record.name == exchange_name_ ? 1 : options_.n_levels;
    for (std::size_t c = 0; c < record.outcomes.size(); c += stride) {
      acceptance.n_tried += record.outcomes[c] != Outcome::kNotApplied ? 1 : 0;
      acceptance.n_accepted += record.outcomes[c] == Outcome::kAccepted ? 1 : 0;
    }
  }
}

void Sampler::follow(const MoveRecord& exchange) {
  for (std::size_t c = 0; c + 1 < exchange.outcomes.size(); ++c)
    if (exchange.outcomes[c] == Outcome::kAccepted) {
      std::swap(replicas_[c], replicas_[c + 1]);
      watch_->exchange(c, c + 1);
    }
}

void Sampler::run_sweeps(std::size_t n, bool counted, const std::function<void()>& look) {
  SimulationOptions schedule;
  schedule.seed = options_.seed;
  schedule.first_step = step_;
  schedule.n_steps = step_ + n;
  Simulation stage(sweep_, target_, schedule);
  stage.add_reporter(
      every(1, [&](std::uint64_t step, const ChainBatch& chains, const TransitionInfo& info) {
        step_ = step;
        for (const MoveRecord& record : info.records)
          if (record.name == exchange_name_) follow(record);
        if (counted) count(info);
        watch_->look(values_of_frames(*graph_, slow_, chains.positions.view()), counted);
        if (look) look();
      }));
  if (stage.run(chains_, [this] { return late(); }) == RunEnd::kInterrupted) timed_out_ = true;
}

void Sampler::learn_histogram(std::size_t n_sweeps) {
  // The colder half of the ladder: what the coldest level has not seen yet is often there.
  const std::size_t n_cold = (options_.n_levels + 1) / 2, r = n_torsions();
  std::vector<double> samples;
  run_sweeps(n_sweeps, false, [&] {
    for (std::size_t c = 0; c < chains_.n_chains(); ++c) {
      if (c % options_.n_levels >= n_cold) continue;
      samples.resize(samples.size() + r);
      torsion_angles(*graph_, chains_.positions.chain(c), {samples.data() + samples.size() - r, r});
    }
  });
  if (!samples.empty()) model_ = std::make_shared<HistogramTorsionModel>(*graph_, samples);
}

void Sampler::warm_up() {
  const bool without_model = model_ == nullptr;
  if (without_model) model_ = std::make_shared<UniformTorsionModel>(n_torsions());
  HamiltonianOptions hamiltonian;
  hamiltonian.n_steps = options_.n_steps;
  StepSizeTunerOptions tuning;
  tuning.initial_step = options_.time_step_ps;
  tuning.n_rounds = 24;
  tuning.max_step = 0.005;
  trajectories_ = tune_step_size(
                      [&](double step) {
                        hamiltonian.time_step_ps = step;
                        return std::make_unique<HamiltonianMonteCarlo>(hamiltonian, particles_);
                      },
                      tuning, chains_, target_, {options_.seed, step_++})
                      .move;
  make_sweep();
  if (without_model && options_.torsion_moves && n_torsions() > 0) {
    run_sweeps(options_.n_warm_up / 8, false, {});
    for (int round = 0; round < 2; ++round) {
      learn_histogram(options_.n_warm_up * 3 / 8);
      make_sweep();
    }
  } else {
    run_sweeps(options_.n_warm_up, false, {});
  }
}

MoleculeEnsemble Sampler::run(const CoordinateBatch& starts, const Configuration& configuration) {
  // Hydrogens of one ring atom are the same to all chains, as no move exchanges them.
  CoordinateBatch aligned = starts;
  align_hydrogens(*graph_, aligned);
  begin(aligned);
  find_rings(aligned, configuration);
  warm_up();
  MoleculeEnsemble ensemble;
  std::vector<double> positions;
  std::vector<Box> boxes;
  std::size_t n_done = 0;
  timed_out_ = false;  // of the warm-up, which may be cut short
  run_sweeps(options_.n_sweeps, true, [&] {
    if (++n_done % options_.every != 0) return;
    for (std::size_t l = 0; l < options_.n_ladders; ++l) {
      const auto x = std::as_const(chains_.positions).chain(l * options_.n_levels);
      if (!has_configuration(configuration, x)) {
        ++ensemble.n_lost;
        continue;
      }
      positions.insert(positions.end(), x.begin(), x.end());
      if (const Box* box = chains_.positions.view().box(l * options_.n_levels))
        boxes.push_back(*box);
      ensemble.energies.push_back(chains_.energies[l * options_.n_levels]);
      ensemble.ladders.push_back(l);
      ensemble.ancestors.push_back(replicas_[l * options_.n_levels]);
    }
  });
  ensemble.timed_out = timed_out_;
  ensemble.facts.temperature_K = options_.temperature_K;
  ensemble.facts.n_energy_evaluations = n_energy_evaluations_;
  ensemble.positions = CoordinateBatch(ensemble.energies.size(), chains_.n_atoms());
  ensemble.positions.values() = std::move(positions);
  ensemble.positions.set_boxes(std::move(boxes));
  ensemble.n_changes = watch_->changes();
  ensemble.n_states = watch_->n_states();
  ensemble.facts.rings_without_moves = rings_.without_moves;
  for (const auto& entry : acceptances_) ensemble.facts.acceptances.push_back(entry.second);
  return ensemble;
}

}  // namespace

MoleculeEnsemble sample_ensemble(const System& system, std::shared_ptr<const TorsionGraph> graph,
                                 std::shared_ptr<const TorsionModel> model,
                                 const CoordinateBatch& starts, const Configuration& configuration,
                                 const EnsembleOptions& options) {
  return Sampler(system, std::move(graph), std::move(model), options).run(starts, configuration);
}

}  // namespace saltus::engine
