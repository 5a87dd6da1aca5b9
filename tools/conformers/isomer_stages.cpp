#include "tools/conformers/isomer_stages.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "engine/conformers/degeneracy.h"
#include "engine/conformers/held_atoms.h"
#include "engine/conformers/molecule_status.h"
#include "engine/conformers/relaxation.h"
#include "engine/conformers/selection.h"
#include "engine/core/counted.h"
#include "forcefields/chem/conformer_input.h"
#include "forcefields/chem/embedding.h"
#include "forcefields/chem/torsion_graph_of.h"
#include "tools/conformers/shortfall.h"

namespace saltus::tools {

using engine::MoleculeFailure;
using engine::MoleculeStatus;

namespace {

std::size_t default_count(ConformerMode mode, const forcefields::Flexibility& flexibility) {
  constexpr std::size_t kDraws = 200;
  if (mode == ConformerMode::kBoltzmann) return kDraws;
  const std::size_t freedom = flexibility.n_rotors + 2 * flexibility.n_flexible_rings;
  if (freedom == 0) return 5;
  if (freedom <= 3) return 20;
  if (freedom <= 7) return 50;
  return freedom <= 12 ? 150 : 300;
}

/// Takes out what failed or was not reached. @returns  whether time ran out
bool minimise(IsomerJob& job, const engine::EnergyFunction& energy) {
  engine::ConformerEnsemble& ensemble = job.ensemble();
  engine::RelaxationOptions options = job.settings.relaxation;
  options.deadline = job.task.end;
  options.frozen_atoms = job.task.held.atoms;
  const engine::Relaxation relaxed = engine::relax_conformers(energy, ensemble.positions, options);
  ensemble.energies = relaxed.energies_kJ_mol;
  std::vector<std::size_t> good;
  for (std::size_t c = 0; c < relaxed.ends.size(); ++c) {
    ensemble.converged[c] = relaxed.ends[c] == engine::Relaxed::kConverged;
    if (ensemble.converged[c] || (job.settings.mode != ConformerMode::kMinima &&
                                  relaxed.ends[c] == engine::Relaxed::kNotConverged))
      good.push_back(c);
  }
  job.counts.n_not_relaxed = relaxed.ends.size() - good.size();
  job.counts.timed_out = job.counts.timed_out || relaxed.timed_out;
  ensemble.keep(good);
  return relaxed.timed_out;
}

/// Takes out what has another configuration. @returns  how many these were
std::size_t check_configuration(IsomerJob& job) {
  const engine::ConformerEnsemble& ensemble = job.ensemble();
  std::vector<std::size_t> good;
  for (std::size_t c = 0; c < ensemble.n_frames(); ++c)
    if (engine::has_configuration(job.configuration, ensemble.positions.chain(c)))
      good.push_back(c);
  const std::size_t n_changed = ensemble.n_frames() - good.size();
  job.counts.n_wrong += n_changed;
  job.counts.n_rejected += n_changed;
  job.ensemble().keep(good);
  return n_changed;
}

/// Why nothing was built around a core.
std::string no_core_text(const StageCounts& counts) {
  const std::string start = "no conformer could be built around the core: ";
  if (counts.n_misfits > 0)
    return start + "in all of " + std::to_string(counts.n_misfits) +
           " its atoms were more than 0.5 angstrom from their places; the rest may not leave it "
           "that shape";
  if (counts.n_rejected > 0)
    return start + "all of " + std::to_string(counts.n_rejected) +
           " had another configuration; check its coordinates and the stereo centres beside it";
  return start + "its coordinates may not suit the rest, as where a ring lies partly in it";
}

/// Takes out what does not have the core where it was given.
void require_core(IsomerJob& job) {
  if (job.task.held.empty()) return;
  std::vector<std::size_t> good;
  const engine::ConformerEnsemble& ensemble = job.ensemble();
  for (std::size_t c = 0; c < ensemble.n_frames(); ++c)
    if (engine::are_in_place(job.task.held, ensemble.positions.chain(c))) good.push_back(c);
  const std::size_t n_moved = ensemble.n_frames() - good.size();
  if (n_moved == 0) return;
  if (good.empty())
    throw MoleculeFailure(MoleculeStatus::kInternal, "all conformers have moved the core");
  job.counts.n_wrong += n_moved;
  job.note_on_isomer(engine::counted(n_moved, "conformer") + " had moved the core");
  job.ensemble().keep(good);
}

/// @param comparison  by which those kept were told apart
void count_degeneracies(IsomerJob& job, const engine::ShapeComparison& comparison) {
  constexpr std::size_t kMaxMaps = 1000, kMinAtoms = 3;
  const forcefields::ChemMolecule& molecule = job.molecule();
  // A minimum is told apart by its energy, too, so that hydrogens count; a shape is not.
  const bool hydrogens = job.settings.mode == ConformerMode::kMinima;
  std::vector<std::size_t> atoms = forcefields::shape_atoms(molecule);
  std::vector<std::vector<std::uint32_t>> maps = comparison.maps();
  if (atoms.size() < kMinAtoms && molecule.n_atoms() > atoms.size()) {
    atoms.resize(molecule.n_atoms());
    std::iota(atoms.begin(), atoms.end(), std::size_t{0});
    maps = engine::find_automorphisms(forcefields::shape_graph(molecule, atoms), kMaxMaps).maps;
  }
  if (maps.size() >= kMaxMaps) return;
  engine::DegeneracyOptions options;
  const double rmsd_nm = job.settings.selection.rmsd_nm;
  const bool pruned = rmsd_nm > 0.0;
  if (pruned) options.symmetry_nm = std::min(options.symmetry_nm, rmsd_nm);
  options.copy_nm = pruned ? rmsd_nm : options.symmetry_nm;
  options.energy_tolerance =
      std::min(options.energy_tolerance, job.settings.selection.energy_tolerance);
  engine::ConformerEnsemble& ensemble = job.ensemble();
  ensemble.degeneracies = engine::degeneracies(
      ensemble.positions.view(), ensemble.energies,
      engine::molecule_symmetry(*job.graph(), atoms, maps, hydrogens), options);
}

void report_shortfall(IsomerJob& job, const engine::Selection& selection) {
  job.counts.n_kept = selection.kept.size();
  job.counts.n_duplicates = selection.n_duplicates;
  const bool cut_by_user = selection.n_beyond_count > 0;
  if (!cut_by_user && more_are_possible(job.counts)) job.lower_status(MoleculeStatus::kPartial);
  job.note_on_isomer(shortfall_text(job.counts, selection, job.settings));
}

}  // namespace

IsomerJob::IsomerJob(const IsomerTask& given, const ConformerSettings& how, ConformerOutcome& out,
                     IsomerConformers& so_far)
    : task(given),
      settings(how),
      outcome(out),
      conformers(so_far),
      configuration(forcefields::configuration_of(given.molecule)) {
  counts.n_wanted = settings.n_conformers.value_or(
      default_count(settings.mode, forcefields::flexibility_of(given.molecule)));
}

const std::shared_ptr<const engine::TorsionGraph>& IsomerJob::graph() {
  if (!graph_)
    graph_ = std::make_shared<engine::TorsionGraph>(forcefields::torsion_graph_of(molecule()));
  return graph_;
}

void IsomerJob::lower_status(MoleculeStatus status) {
  if (outcome.status == MoleculeStatus::kOk) outcome.status = status;
}

void IsomerJob::note(const std::string& text) {
  if (text.empty() || outcome.message.find(text) != std::string::npos) return;
  outcome.message += (outcome.message.empty() ? "" : "; ") + text;
}

void IsomerJob::note_on_isomer(const std::string& text) {
  const bool several = conformers.name.find("_iso") != std::string::npos ||
                       conformers.name.find("_frag") != std::string::npos;
  if (!text.empty()) note((several ? conformers.name + ": " : "") + text);
}

void embed(IsomerJob& job, std::size_t n, std::chrono::steady_clock::time_point end) {
  const std::vector<double>& given = job.molecule().positions_nm;
  const std::size_t n_given = given.empty() ? 0 : 1;
  forcefields::Embedding embedding;
  if (n > n_given) {
    forcefields::EmbeddingOptions options;
    options.n_conformers = n - n_given;
    options.seed = job.conformers.seed;
    options.thorough = job.task.thorough;
    options.deadline = end;
    options.held = job.task.held;
    embedding = forcefields::embed(job.molecule(), job.configuration, options);
  }
  StageCounts& counts = job.counts;
  counts.n_built = n_given + embedding.positions.n_chains();
  counts.n_wrong = counts.n_rejected = embedding.n_wrong_configuration;
  counts.n_misfits = embedding.n_misfits;
  counts.timed_out = embedding.timed_out;
  const std::size_t n_tried = counts.n_built + counts.n_wrong;
  counts.n_not_built = embedding.timed_out || n_tried >= n ? 0 : n - n_tried;
  require_built(job, embedding.configuration_is_to_blame);
  engine::ConformerEnsemble& ensemble = job.ensemble();
  ensemble.positions = engine::CoordinateBatch(counts.n_built, job.molecule().n_atoms());
  const std::vector<double>& built = embedding.positions.values();
  std::copy(built.begin(), built.end(),
            std::copy(given.begin(), given.end(), ensemble.positions.values().begin()));
  // Adding hydrogens has rounded what was given.
  if (n_given > 0) engine::set_in_place(job.task.held, ensemble.positions.chain(0));
  ensemble.energies.assign(counts.n_built, std::numeric_limits<double>::quiet_NaN());
  ensemble.converged.assign(counts.n_built, false);
}

void require_built(IsomerJob& job, bool configuration_is_to_blame) {
  if (job.counts.n_built > 0) {
    if (job.counts.timed_out) job.outcome.status = MoleculeStatus::kPartialTimeout;
    return;
  }
  if (job.counts.timed_out)
    throw MoleculeFailure(MoleculeStatus::kTimeout,
                          "no conformer was built in time; see --timeout");
  if (!job.task.held.empty())
    throw MoleculeFailure(MoleculeStatus::kEmbedFailed, no_core_text(job.counts));
  if (configuration_is_to_blame || job.counts.n_rejected > 0)
    throw MoleculeFailure(MoleculeStatus::kEmbedFailed,
                          "no conformer with the specified configuration was built, though other "
                          "configurations could be; check the stereo centres and double bonds");
  throw MoleculeFailure(MoleculeStatus::kEmbedFailed, "no conformer could be built");
}

void relax(IsomerJob& job, const engine::EnergyFunction& energy) {
  const std::size_t n_before = job.ensemble().n_frames();
  const bool timed_out = minimise(job, energy);
  const std::size_t n_changed = check_configuration(job);
  const bool none_left = job.ensemble().n_frames() == 0;
  if (timed_out && none_left)
    throw MoleculeFailure(MoleculeStatus::kTimeout,
                          "no conformer was minimised in time; see --timeout");
  if (timed_out) job.outcome.status = MoleculeStatus::kPartialTimeout;
  if (none_left && n_changed > 0)
    throw MoleculeFailure(MoleculeStatus::kEmbedFailed,
                          "minimisation changed the configuration of " + std::to_string(n_changed) +
                              " of " + engine::counted(n_before, "conformer") +
                              ", and none is left; --minimize none keeps them as built");
  if (none_left)
    throw MoleculeFailure(
        MoleculeStatus::kEmbedFailed,
        n_before == 1 ? "the only conformer could not be minimised"
                      : "none of " + std::to_string(n_before) + " conformers could be minimised");
}

void select(IsomerJob& job) {
  require_core(job);
  constexpr std::size_t kMaxSymmetries = 5000;
  const forcefields::ChemMolecule& molecule = job.molecule();
  const engine::ShapeComparison comparison =
      forcefields::shape_comparison(molecule, forcefields::shape_atoms(molecule), kMaxSymmetries);
  engine::ConformerEnsemble& ensemble = job.ensemble();
  const std::vector<double> energies =
      job.settings.minimise ? ensemble.energies : std::vector<double>();
  engine::Selection selection = engine::select_conformers(ensemble.positions.view(), energies,
                                                          comparison, job.settings.selection);
  if (!job.settings.sort_by_energy) std::sort(selection.kept.begin(), selection.kept.end());
  ensemble.keep(selection.kept);
  // A core is not mirrored or turned, so that no minimum stands for others.
  if (job.settings.minimise && job.task.held.empty()) count_degeneracies(job, comparison);
  report_shortfall(job, selection);
}

}  // namespace saltus::tools
