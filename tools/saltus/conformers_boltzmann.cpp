#include "tools/saltus/conformers_boltzmann.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "engine/conformers/ensemble_sampler.h"
#include "engine/conformers/selection.h"
#include "engine/conformers/torsion_statistics.h"
#include "engine/lanes/native_energy.h"
#include "engine/torsions/annealing.h"
#include "engine/torsions/torsion_geometry.h"
#include "engine/torsions/torsion_histogram.h"

namespace saltus::tools {

using engine::MoleculeFailure;
using engine::MoleculeStatus;

namespace {

void fill_torsions(const BoltzmannTask& task, const std::vector<double>& torsions,
                   const std::vector<std::size_t>& kept, IsomerConformers& out) {
  const std::size_t r = task.graph->torsions.size();
  for (std::size_t t = 0; t < r; ++t) {
    const auto& ends = task.graph->torsions[t].ends;
    out.torsion_atoms.push_back({ends[0].reference, ends[0].atom, ends[1].atom, ends[1].reference});
    out.torsions.emplace_back();
    for (const std::size_t f : kept) out.torsions.back().push_back(torsions[f * r + t]);
  }
}

/// Frames as evenly spread as whole numbers allow.
std::vector<std::size_t> spread(std::size_t n_frames, std::size_t n_wanted) {
  std::vector<std::size_t> kept;
  const std::size_t n = std::min(n_frames, n_wanted);
  for (std::size_t i = 0; i < n; ++i) kept.push_back((i + 1) * n_frames / n - 1);
  return kept;
}

void keep_frames(const engine::CoordinateBatch& positions, const std::vector<double>& energies,
                 const std::vector<std::size_t>& kept, IsomerConformers& out) {
  out.positions = engine::conformers_at(positions, kept);
  for (const std::size_t f : kept) out.energies.push_back(energies[f]);
  out.converged.assign(kept.size(), false);
}

engine::EnsembleOptions exchange_options(const BoltzmannTask& task,
                                         const ConformerSettings& settings, std::uint64_t seed) {
  constexpr std::size_t kFewestSweeps = 500, kSweepsPerFrame = 4;
  engine::EnsembleOptions options;
  options.temperature_K = settings.temperature_K;
  options.hottest_K = 4.0 * settings.temperature_K;
  options.n_sweeps = std::max(kFewestSweeps, kSweepsPerFrame * task.n_frames / options.n_ladders);
  options.n_warm_up = options.n_sweeps / 3;
  options.seed = seed;
  options.deadline = task.end;
  return options;
}

bool exchange(const BoltzmannTask& task, const ConformerSettings& settings, IsomerConformers& out) {
  const engine::MoleculeEnsemble ensemble =
      engine::sample_ensemble(task.system, task.graph, task.model, task.starts, task.configuration,
                              exchange_options(task, settings, out.seed));
  if (ensemble.energies.empty())
    throw MoleculeFailure(MoleculeStatus::kTimeout, "no frame was drawn in time; see --timeout");
  const auto torsions = engine::quartets_of_frames(*task.graph, ensemble.positions.view());
  const auto kept = spread(ensemble.energies.size(), task.n_frames);
  keep_frames(ensemble.positions, ensemble.energies, kept, out);
  fill_torsions(task, torsions, kept, out);
  std::map<std::size_t, double> last_energies;  // of each ladder
  for (std::size_t i = 0; i < kept.size(); ++i) {
    const auto [last, first] = last_energies.emplace(ensemble.ladders[kept[i]], out.energies[i]);
    out.accepted.push_back(first || last->second != out.energies[i]);
    last->second = out.energies[i];
  }
  EnsembleFacts& facts = out.facts;
  facts.method = "replica exchange, HMC and torsion resets from " +
                 (task.model ? task.model->name() : std::string("histograms"));
  facts.energy_evaluations = ensemble.n_energy_evaluations;
  const auto effective = engine::effective_torsion_samples(*task.graph, torsions, ensemble.ladders);
  facts.n_effective = effective.empty() ? static_cast<double>(ensemble.energies.size())
                                        : *std::min_element(effective.begin(), effective.end());
  for (const auto& move : ensemble.acceptances)
    if (move.n_tried > 0)
      facts.acceptances.emplace_back(
          move.name, static_cast<double>(move.n_accepted) / static_cast<double>(move.n_tried));
  return ensemble.timed_out;
}

void anneal(const BoltzmannTask& task, const ConformerSettings& settings, IsomerConformers& out) {
  engine::AnnealingOptions options;
  options.temperature_K = settings.temperature_K;
  options.n_particles =
      std::max<std::size_t>(1, task.n_frames / options.n_islands) * options.n_islands;
  const auto model = task.model
                         ? task.model
                         : std::make_shared<engine::UniformTorsions>(task.graph->torsions.size());
  const engine::AnnealedEnsemble ensemble =
      engine::anneal(std::make_shared<engine::NativeEnergy>(task.system, nullptr),
                     engine::moving_particles(task.system), task.graph, model, task.starts, options,
                     {out.seed, 0});
  std::vector<std::size_t> kept;
  for (std::size_t f = 0; f < ensemble.energies.size(); ++f)
    if (engine::has_configuration(task.configuration, ensemble.positions.chain(f)))
      kept.push_back(f);
  keep_frames(ensemble.positions, ensemble.energies, kept, out);
  fill_torsions(task, engine::quartets_of_frames(*task.graph, ensemble.positions.view()), kept,
                out);
  for (const std::size_t f : kept) out.log_weights.push_back(ensemble.log_weights[f]);
  EnsembleFacts& facts = out.facts;
  facts.method = "annealed importance sampling from " + model->name();
  facts.energy_evaluations = ensemble.energy_evaluations;
  facts.n_effective = ensemble.effective_families;
  facts.free_energy = ensemble.free_energy;
  facts.free_energy_error = ensemble.free_energy_error;
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
  out.facts.temperature_K = settings.temperature_K;
  bool timed_out = false;
  if (settings.sampler == "annealing")
    anneal(task, settings, out);
  else
    timed_out = exchange(task, settings, out);
  if (task.model) out.log_q = log_model_density(*task.graph, *task.model, out.positions.view());
  return timed_out;
}

}  // namespace saltus::tools
