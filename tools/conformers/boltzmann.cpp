#include "tools/conformers/boltzmann.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "engine/conformers/ensemble_sampler.h"
#include "engine/conformers/slow_coordinates.h"
#include "engine/core/units.h"
#include "engine/lanes/native_energy.h"
#include "engine/system/elements.h"
#include "engine/torsions/annealing.h"
#include "engine/torsions/histogram_torsion_model.h"
#include "engine/torsions/torsion_geometry.h"

namespace saltus::tools {

using engine::MoleculeFailure;
using engine::MoleculeStatus;

namespace {

using engine::SlowCoordinate;

/// "C1-C2-C3-O4", "ring C1-C2-C3-C4", "inversion N1"; atoms counted from 1.
std::string name_of(const SlowCoordinate& coordinate, const engine::MoleculeTable& molecule) {
  const auto atom = [&](std::size_t i) {
    return engine::element_symbol(molecule.atoms[i].atomic_number) + std::to_string(i + 1);
  };
  if (coordinate.kind == SlowCoordinate::Kind::kInversion)
    return "inversion " + atom(coordinate.atoms[0]);
  std::string name = coordinate.kind == SlowCoordinate::Kind::kRing ? "ring " : "";
  for (std::size_t i = 0; i < coordinate.atoms.size(); ++i)
    name += (i == 0 ? "" : "-") + atom(coordinate.atoms[i]);
  return name;
}

/// @param values  [F, K]
void fill_torsions(const std::vector<SlowCoordinate>& coordinates,
                   const std::vector<double>& values, const engine::MoleculeTable& molecule,
                   engine::ConformerEnsemble& ensemble) {
  const std::size_t n = coordinates.size();
  for (std::size_t k = 0; k < n; ++k) {
    ensemble.torsion_names.push_back(name_of(coordinates[k], molecule));
    ensemble.torsions.emplace_back();
    for (std::size_t at = k; at < values.size(); at += n)
      ensemble.torsions.back().push_back(values[at]);
  }
}

/// Whether a torsion stands near 0 in many frames: what it does there is no change of a pucker.
bool is_flat(const std::vector<double>& values, std::size_t k, std::size_t n) {
  constexpr double kNear = 20.0 * engine::kRadianPerDegree, kMany = 0.25;
  std::size_t n_flat = 0;
  for (std::size_t at = k; at < values.size(); at += n) n_flat += std::abs(values[at]) < kNear;
  return static_cast<double>(n_flat) > kMany * static_cast<double>(values.size() / n);
}

/// Effective samples of the slowest coordinate, and which it is.
void find_slowest(const std::vector<SlowCoordinate>& coordinates, const std::vector<double>& values,
                  engine::MoleculeEnsemble& ensemble) {
  const auto sampling =
      engine::sampling_of(coordinates, values, {ensemble.ladders, ensemble.ancestors});
  engine::EnsembleFacts& facts = ensemble.facts;
  facts.n_effective = static_cast<double>(ensemble.n_frames());
  // While crossing a barrier and returning a torsion changes its state several times.
  constexpr double kChangesForEach = 4.0;
  for (std::size_t k = 0; k < coordinates.size(); ++k) {
    double n = sampling[k].n_effective;
    if (coordinates[k].kind != SlowCoordinate::Kind::kBond && ensemble.n_states[k] > 1 &&
        !is_flat(values, k, coordinates.size()))
      n = std::min(n, static_cast<double>(ensemble.n_changes[k]) / kChangesForEach);
    if (n >= facts.n_effective) continue;
    facts.n_effective = n;
    facts.slowest = ensemble.torsion_names[k];
  }
}

/// Frames of all ladders alike, and of each as evenly spread as whole numbers allow: ladders take
/// turns, so that a step through all frames could leave out whole ladders.
std::vector<std::size_t> spread(const std::vector<std::size_t>& ladders, std::size_t n_wanted) {
  const std::size_t n_frames = ladders.size(), n = std::min(n_frames, n_wanted);
  std::vector<std::size_t> by_ladder(n_frames);
  std::iota(by_ladder.begin(), by_ladder.end(), std::size_t{0});
  std::stable_sort(by_ladder.begin(), by_ladder.end(),
                   [&](std::size_t a, std::size_t b) { return ladders[a] < ladders[b]; });
  std::vector<std::size_t> kept;
  for (std::size_t i = 0; i < n; ++i) kept.push_back(by_ladder[(i + 1) * n_frames / n - 1]);
  std::sort(kept.begin(), kept.end());
  return kept;
}

/// Whether each frame differs from the one before of its ladder.
std::vector<bool> has_moved(const engine::ConformerEnsemble& ensemble) {
  std::vector<bool> result;
  std::map<std::size_t, double> last_energies;  // of each ladder
  for (std::size_t f = 0; f < ensemble.n_frames(); ++f) {
    const auto [last, first] = last_energies.emplace(ensemble.ladders[f], ensemble.energies[f]);
    result.push_back(first || last->second != ensemble.energies[f]);
    last->second = ensemble.energies[f];
  }
  return result;
}

engine::EnsembleOptions exchange_options(const BoltzmannTask& task,
                                         const ConformerSettings& settings, std::uint64_t seed) {
  constexpr std::size_t kMinSweeps = 500, kSweepsPerFrame = 4;
  engine::EnsembleOptions options;
  options.temperature_K = settings.temperature_K;
  options.hottest_K = 4.0 * settings.temperature_K;
  options.n_sweeps = std::max(kMinSweeps, kSweepsPerFrame * task.n_frames / options.n_ladders);
  options.n_warm_up = options.n_sweeps / 3;
  options.seed = seed;
  options.deadline = task.end;
  return options;
}

/// All but what torsions are drawn from.
std::string method_of(const std::vector<engine::MoveAcceptance>& acceptances) {
  const bool has_rings = std::any_of(acceptances.begin(), acceptances.end(),
                                     [](const auto& move) { return move.name == "ring_flip"; });
  return std::string("replica exchange, HMC") + (has_rings ? ", ring moves" : "") +
         " and independence proposals over torsions from ";
}

bool exchange(const BoltzmannTask& task, const ConformerSettings& settings, IsomerConformers& out) {
  engine::MoleculeEnsemble sampled =
      engine::sample_ensemble(task.system, task.graph, task.model, task.starts, task.configuration,
                              exchange_options(task, settings, out.seed));
  if (sampled.energies.empty())
    throw MoleculeFailure(MoleculeStatus::kTimeout, "no frame was drawn in time; see --timeout");
  const auto coordinates = engine::slow_coordinates(*task.graph);
  const auto values = engine::values_of_frames(*task.graph, coordinates, sampled.positions.view());
  fill_torsions(coordinates, values, out.molecule, sampled);
  find_slowest(coordinates, values, sampled);
  sampled.keep(spread(sampled.ladders, task.n_frames));
  sampled.accepted = has_moved(sampled);
  sampled.facts.method = method_of(sampled.facts.acceptances) +
                         (task.model ? task.model->name() : std::string("histograms"));
  out.ensemble = static_cast<engine::ConformerEnsemble&&>(sampled);
  return sampled.timed_out;
}

void anneal(const BoltzmannTask& task, const ConformerSettings& settings, IsomerConformers& out) {
  engine::AnnealingOptions options;
  options.temperature_K = settings.temperature_K;
  // Fewer islands where few conformers are wanted: two at least, of two particles at least.
  options.n_islands = std::min(options.n_islands, std::max<std::size_t>(2, task.n_frames / 2));
  options.n_particles =
      std::max<std::size_t>(2, task.n_frames / options.n_islands) * options.n_islands;
  const auto model =
      task.model ? task.model
                 : std::make_shared<engine::UniformTorsionModel>(task.graph->torsions.size());
  engine::AnnealedEnsemble annealed =
      engine::anneal({std::make_shared<engine::NativeEnergy>(task.system, nullptr),
                      engine::moving_particles(task.system), task.graph, model},
                     task.starts, options, {out.seed, 0});
  const auto coordinates = engine::slow_coordinates(*task.graph);
  fill_torsions(coordinates,
                engine::values_of_frames(*task.graph, coordinates, annealed.positions.view()),
                out.molecule, annealed);
  std::vector<std::size_t> kept;
  for (std::size_t f = 0; f < annealed.n_frames(); ++f)
    if (kept.size() < task.n_frames &&
        engine::has_configuration(task.configuration, annealed.positions.chain(f)))
      kept.push_back(f);
  annealed.keep(kept);
  annealed.facts.method = "annealed importance sampling from " + model->name();
  out.ensemble = static_cast<engine::ConformerEnsemble&&>(annealed);
}

}  // namespace

std::vector<double> log_model_density(const engine::TorsionGraph& graph,
                                      const engine::TorsionModel& model,
                                      engine::ConstCoordinates frames) {
  const std::size_t r = graph.torsions.size();
  std::vector<double> torsions(r), result;
  std::vector<int> signs(graph.inversions.size());
  std::vector<std::uint8_t> known(r);
  engine::VonMisesMixture mixture;
  for (std::size_t f = 0; f < frames.n_chains; ++f) {
    engine::torsion_angles(graph, frames.chain(f), torsions);
    engine::inversion_signs(graph, frames.chain(f), signs);
    std::fill(known.begin(), known.end(), std::uint8_t{0});
    double log_q = 0.0;
    for (std::size_t t = 0; t < r; ++t) {
      model.density(t, {torsions, known, signs}, mixture);
      log_q += mixture.log_density(torsions[t]);
      known[t] = 1;
    }
    result.push_back(log_q);
  }
  return result;
}

bool sample_boltzmann(const BoltzmannTask& task, const ConformerSettings& settings,
                      IsomerConformers& out) {
  bool timed_out = false;
  if (settings.sampler == "annealing")
    anneal(task, settings, out);
  else
    timed_out = exchange(task, settings, out);
  engine::ConformerEnsemble& ensemble = out.ensemble;
  ensemble.converged.assign(ensemble.n_frames(), false);
  if (task.model)
    ensemble.log_q = log_model_density(*task.graph, *task.model, ensemble.positions.view());
  return timed_out;
}

}  // namespace saltus::tools
