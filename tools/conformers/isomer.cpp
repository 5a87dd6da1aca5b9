#include "tools/conformers/isomer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/conformers/slow_coordinates.h"
#include "engine/core/text.h"
#include "forcefields/chem/conformer_input.h"
#include "tools/conformers/boltzmann.h"
#include "tools/conformers/force_field.h"
#include "tools/conformers/generate.h"
#include "tools/conformers/isomer_stages.h"
#include "tools/conformers/ring_library.h"
#include "tools/conformers/torsion_models.h"

namespace saltus::tools {

using engine::MoleculeStatus;

namespace {

/// Shapes of the molecule's flexible rings; none where a core is held, which would move with them.
std::unique_ptr<const RingLibrary> ring_library(IsomerJob& job) {
  constexpr double kShare = 0.35;
  if (!job.task.held.empty()) return nullptr;
  RingSearchOptions options;
  options.n_wanted = job.counts.n_wanted;
  options.energy_window = job.settings.selection.energy_window;
  options.seed = job.conformers.seed;
  options.thorough = job.task.thorough;
  options.deadline = share_of_time(job.task.end, kShare);
  return std::make_unique<RingLibrary>(job.molecule(), *job.graph(), job.configuration,
                                       job.settings, options);
}

/// Different shapes from a pool, in place of embed() and relax().
void draw_shapes(IsomerJob& job, const engine::EnergyFunction& energy) {
  GenerationOptions options;
  options.n_conformers = job.counts.n_wanted;
  options.energy_window = job.settings.selection.energy_window;
  options.rmsd_nm = job.settings.selection.rmsd_nm;
  options.force_tolerance = job.settings.relaxation.force_tolerance;
  options.seed = job.conformers.seed;
  options.thorough = job.task.thorough;
  options.deadline = job.task.end;
  options.held = job.task.held;
  options.graph = job.graph();
  options.model = torsion_model_for(job.settings.network, *options.graph);
  const auto rings = ring_library(job);
  options.rings = rings.get();
  GeneratedConformers made =
      generate_conformers(job.molecule(), job.configuration, energy, options);
  job.counts = made.counts;
  require_built(job, made.configuration_is_to_blame);
  job.ensemble() = static_cast<engine::ConformerEnsemble&&>(made);
  job.ensemble().facts.method =
      std::string("ETKDGv3 seeds, ") +
      (!rings || rings->empty() ? "" : "a search for shapes of rings, ") + "torsions from " +
      (options.model ? options.model->name() : std::string("crystal-derived (ETKDG) preferences")) +
      ", diverse set, L-BFGS";
}

/// Distance geometry, half of it with the shapes of rings in the place of its own.
void embed_with_rings(IsomerJob& job, const RingLibrary* rings,
                      std::chrono::steady_clock::time_point end) {
  constexpr std::size_t kTimes = 8;  // each combination of shapes, with other torsions
  const std::size_t n = job.counts.n_wanted;
  if (rings == nullptr) return embed(job, n, end);
  const std::size_t n_shapes = std::min(n / 2, rings->n_shapes());
  const std::size_t n_times = n_shapes == 0 ? 0 : std::min(kTimes, n / 2 / n_shapes);
  embed(job, n - n_shapes * n_times, end);
  rings->describe(job.counts);
  if (n_shapes == 0) return;
  engine::ConformerEnsemble& ensemble = job.ensemble();
  ensemble.positions =
      joined(ensemble.positions, rings->combined(ensemble.positions, n_shapes, n_times).positions);
  job.counts.n_built = ensemble.positions.n_chains();
  ensemble.energies.resize(job.counts.n_built, std::numeric_limits<double>::quiet_NaN());
  ensemble.converged.resize(job.counts.n_built, false);
}

/// Starts of chains: all of the same handedness, which no chain ever changes.
void embed_starts(IsomerJob& job, const engine::EnergyFunction& energy) {
  // Rings keep their shapes for long, so each chain begins with one of its own.
  constexpr std::size_t kStarts = 4, kStartsOfRings = 16;
  constexpr double kEmbeddingShare = 0.3;
  const bool has_rings = forcefields::flexibility_of(job.molecule()).n_flexible_rings > 0;
  embed(job, has_rings ? kStartsOfRings : kStarts, share_of_time(job.task.end, kEmbeddingShare));
  relax(job, energy);
  if (!has_rings || job.settings.stereo == StereoPolicy::kKeep) return;
  std::vector<std::size_t> alike;
  const auto handedness = [&](std::size_t c) {
    return engine::ring_handedness(*job.graph(), job.ensemble().positions.view().chain(c));
  };
  for (std::size_t c = 0; c < job.ensemble().n_frames(); ++c)
    if (handedness(c) == handedness(0)) alike.push_back(c);
  job.ensemble().keep(alike);
}

/// Draws, in place of the starts.
void sample(IsomerJob& job, const ConformerField& field) {
  BoltzmannTask task;
  task.starts = std::move(job.ensemble().positions);
  task.system = *field.system;
  task.model = torsion_model_for(job.settings.network, *job.graph());
  task.graph = job.graph();
  task.configuration = job.configuration;
  task.n_frames = job.counts.n_wanted;
  task.end = job.task.end;
  if (sample_boltzmann(task, job.settings, job.conformers))
    job.outcome.status = MoleculeStatus::kPartialTimeout;
}

void report_sampling(IsomerJob& job) {
  for (const std::string& ring : job.ensemble().facts.rings_without_moves)
    job.note_on_isomer(ring + ", so that only hot levels change it");
  // A population of one half is then off by a tenth.
  constexpr double kMinEffective = 25.0;
  const engine::EnsembleFacts& facts = job.ensemble().facts;
  const double n = facts.n_effective;
  if (n >= kMinEffective) return;
  job.lower_status(MoleculeStatus::kPoorlySampled);
  job.note_on_isomer("only " + engine::fixed_text(n, 1) +
                     " effective samples, so that populations are off by up to " +
                     engine::fixed_text(0.5 / std::sqrt(std::max(n, 1.0)), 2) +
                     (facts.slowest.empty() ? "" : ": " + facts.slowest + " changes rarely") +
                     "; a larger -n samples longer");
}

void run_stages(IsomerJob& job) {
  // The rest is for relaxing what was built.
  constexpr double kEmbeddingShare = 0.6;
  if (!job.settings.minimise) {
    embed(job, job.counts.n_wanted, job.task.end);
    return select(job);
  }
  const ConformerField field = make_conformer_field(job.molecule(), job.settings);
  job.conformers.force_field = field.name;
  if (job.settings.mode == ConformerMode::kBoltzmann) {
    embed_starts(job, *field.energy);
    sample(job, field);
    report_sampling(job);
  } else if (job.settings.mode == ConformerMode::kEnsemble && job.molecule().positions_nm.empty()) {
    draw_shapes(job, *field.energy);
    select(job);
  } else {
    embed_with_rings(job, ring_library(job).get(), share_of_time(job.task.end, kEmbeddingShare));
    relax(job, *field.energy);
    select(job);
  }
  job.note(field.note);
  if (field.name.empty()) job.note(note_on_cumulenes(job.molecule()));
}

void add_counts(const StageCounts& counts, ConformerOutcome& outcome) {
  outcome.n_requested += counts.n_wanted;
  outcome.n_embedded += counts.n_built;
  outcome.n_stereo_rejected += counts.n_rejected;
}

}  // namespace

void make_isomer_conformers(const IsomerTask& task, const ConformerSettings& settings,
                            ConformerOutcome& outcome, IsomerConformers& conformers) {
  IsomerJob job(task, settings, outcome, conformers);
  try {
    run_stages(job);
  } catch (...) {  // what was built and lost counts all the same
    add_counts(job.counts, outcome);
    throw;
  }
  add_counts(job.counts, outcome);
}

}  // namespace saltus::tools
