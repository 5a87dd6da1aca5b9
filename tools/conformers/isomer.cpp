#include "tools/conformers/isomer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <string>

#include "engine/conformers/degeneracy.h"
#include "engine/conformers/relaxation.h"
#include "engine/conformers/selection.h"
#include "engine/conformers/slow_coordinates.h"
#include "engine/core/counted.h"
#include "engine/core/text.h"
#include "engine/torsions/torsion_graph.h"
#include "forcefields/chem/conformer_input.h"
#include "forcefields/chem/embedding.h"
#include "forcefields/chem/torsion_graph_of.h"
#include "tools/conformers/boltzmann.h"
#include "tools/conformers/force_field.h"
#include "tools/conformers/generate.h"
#include "tools/conformers/shortfall.h"
#include "tools/conformers/torsion_models.h"

namespace saltus::tools {

using engine::MoleculeFailure;
using engine::MoleculeStatus;
using forcefields::ChemMolecule;

namespace {

using Clock = std::chrono::steady_clock;

std::size_t default_count(ConformerMode mode, const forcefields::Flexibility& flexibility) {
  constexpr std::size_t kDraws = 200;
  if (mode == ConformerMode::kBoltzmann) return kDraws;
  const std::size_t freedom = flexibility.n_rotors + 2 * flexibility.n_flexible_rings;
  if (freedom == 0) return 5;
  if (freedom <= 3) return 20;
  if (freedom <= 7) return 50;
  return freedom <= 12 ? 150 : 300;
}

/// Work on one stereoisomer.
class Work {
 public:
  Work(const IsomerTask& task, const ConformerSettings& settings, ConformerOutcome& outcome,
       IsomerConformers& conformers)
      : task_(task),
        molecule_(task.molecule),
        settings_(settings),
        outcome_(outcome),
        conformers_(conformers),
        configuration_(forcefields::configuration_of(task.molecule)) {}

  void run();

 private:
  const std::shared_ptr<const engine::TorsionGraph>& graph() {
    if (!graph_)
      graph_ = std::make_shared<engine::TorsionGraph>(forcefields::torsion_graph_of(molecule_));
    return graph_;
  }
  std::size_t n_wanted() const {
    return settings_.n_conformers.value_or(
        default_count(settings_.mode, forcefields::flexibility_of(molecule_)));
  }
  /// Distance geometry, after the input's own coordinates if there are any.
  engine::CoordinateBatch embed(std::size_t n, Clock::time_point end);
  /// @param n_built  how many there are
  void report_building(std::size_t n_built, std::size_t n_wrong, bool timed_out,
                       bool configuration_is_to_blame);
  void embed_and_relax(const engine::EnergyFunction* energy);
  void generate(const engine::EnergyFunction& energy);
  void boltzmann(const ConformerField& field);
  /// Starts of chains: all of the same handedness, which no chain ever changes.
  engine::CoordinateBatch boltzmann_starts(const engine::EnergyFunction& energy);
  /// Takes out what failed, was not reached or changed its configuration.
  void relax(const engine::EnergyFunction& energy);
  void select();
  /// @param comparison  by which those kept were told apart
  void count_degeneracies(const engine::ShapeComparison& comparison);
  void report_shortfall(const engine::Selection& selection);
  void report_sampling();
  /// A better status than the one there is is not given.
  void lower_status(MoleculeStatus status) {
    if (outcome_.status == MoleculeStatus::kOk) outcome_.status = status;
  }
  /// Adds a sentence to the record's message, once.
  void note(const std::string& text);
  /// The same about this isomer, of which there may be several.
  void note_on_isomer(const std::string& text) {
    const bool several = conformers_.name.find("_iso") != std::string::npos ||
                         conformers_.name.find("_frag") != std::string::npos;
    if (!text.empty()) note((several ? conformers_.name + ": " : "") + text);
  }

  const IsomerTask& task_;
  const ChemMolecule& molecule_;
  const ConformerSettings& settings_;
  ConformerOutcome& outcome_;
  IsomerConformers& conformers_;
  engine::Configuration configuration_;
  std::shared_ptr<const engine::TorsionGraph> graph_;
  ShortfallFacts shortfall_;
};

void Work::note(const std::string& text) {
  if (text.empty() || outcome_.message.find(text) != std::string::npos) return;
  outcome_.message += (outcome_.message.empty() ? "" : "; ") + text;
}

engine::CoordinateBatch Work::embed(std::size_t n, Clock::time_point end) {
  const std::size_t n_given = molecule_.positions_nm.empty() ? 0 : 1;
  forcefields::Embedding embedding;
  if (n > n_given) {
    forcefields::EmbeddingOptions options;
    options.n_conformers = n - n_given;
    options.seed = conformers_.seed;
    options.thorough = task_.thorough;
    options.deadline = end;
    embedding = forcefields::embed(molecule_, configuration_, options);
  }
  const std::size_t n_embedded = embedding.positions.n_chains();
  shortfall_.n_wrong = embedding.n_wrong_configuration;
  shortfall_.timed_out = embedding.timed_out;
  const std::size_t n_tried = n_given + n_embedded + shortfall_.n_wrong;
  shortfall_.n_not_built = embedding.timed_out || n_tried >= n ? 0 : n - n_tried;
  report_building(n_given + n_embedded, embedding.n_wrong_configuration, embedding.timed_out,
                  embedding.configuration_is_to_blame);
  if (n_given == 0) return std::move(embedding.positions);
  engine::CoordinateBatch all(n_given + n_embedded, molecule_.n_atoms());
  std::copy(molecule_.positions_nm.begin(), molecule_.positions_nm.end(), all.values().begin());
  std::copy(embedding.positions.values().begin(), embedding.positions.values().end(),
            all.values().begin() + static_cast<std::ptrdiff_t>(molecule_.positions_nm.size()));
  return all;
}

void Work::report_building(std::size_t n_built, std::size_t n_wrong, bool timed_out,
                           bool configuration_is_to_blame) {
  outcome_.n_embedded += n_built;
  outcome_.n_stereo_rejected += n_wrong;
  if (n_built > 0) {
    if (timed_out) outcome_.status = MoleculeStatus::kPartialTimeout;
    return;
  }
  if (timed_out)
    throw MoleculeFailure(MoleculeStatus::kTimeout,
                          "no conformer was built in time; see --timeout");
  if (configuration_is_to_blame || n_wrong > 0)
    throw MoleculeFailure(MoleculeStatus::kEmbedFailed,
                          "no conformer with the specified configuration was built, though other "
                          "configurations could be; check the stereo centres and double bonds");
  throw MoleculeFailure(MoleculeStatus::kEmbedFailed, "no conformer could be built");
}

void Work::relax(const engine::EnergyFunction& energy) {
  engine::RelaxationOptions options = settings_.relaxation;
  options.deadline = task_.end;
  const engine::Relaxation relaxed =
      engine::relax_conformers(energy, conformers_.ensemble.positions, options);
  conformers_.ensemble.energies = relaxed.energies_kJ_mol;
  std::vector<std::size_t> good;
  std::size_t n_changed = 0;
  for (std::size_t c = 0; c < relaxed.ends.size(); ++c) {
    conformers_.ensemble.converged[c] = relaxed.ends[c] == engine::Relaxed::kConverged;
    const bool relaxing =
        conformers_.ensemble.converged[c] || (settings_.mode != ConformerMode::kMinima &&
                                              relaxed.ends[c] == engine::Relaxed::kNotConverged);
    if (!relaxing) continue;
    if (engine::has_configuration(configuration_, conformers_.ensemble.positions.chain(c)))
      good.push_back(c);
    else
      ++n_changed;
  }
  outcome_.n_stereo_rejected += n_changed;
  const std::size_t n_before = relaxed.ends.size();
  shortfall_.n_wrong += n_changed;
  shortfall_.n_not_relaxed = n_before - good.size() - n_changed;
  shortfall_.timed_out = shortfall_.timed_out || relaxed.timed_out;
  conformers_.ensemble.keep(good);
  if (relaxed.timed_out && good.empty())
    throw MoleculeFailure(MoleculeStatus::kTimeout,
                          "no conformer was minimised in time; see --timeout");
  if (relaxed.timed_out) outcome_.status = MoleculeStatus::kPartialTimeout;
  if (good.empty() && n_changed > 0)
    throw MoleculeFailure(MoleculeStatus::kEmbedFailed,
                          "minimisation changed the configuration of " + std::to_string(n_changed) +
                              " of " + engine::counted(n_before, "conformer") +
                              ", and none is left; --minimize none keeps them as built");
  if (good.empty())
    throw MoleculeFailure(
        MoleculeStatus::kEmbedFailed,
        n_before == 1 ? "the only conformer could not be minimised"
                      : "none of " + std::to_string(n_before) + " conformers could be minimised");
}

void Work::select() {
  constexpr std::size_t kMaxSymmetries = 5000;
  const engine::ShapeComparison comparison =
      forcefields::shape_comparison(molecule_, forcefields::shape_atoms(molecule_), kMaxSymmetries);
  const std::vector<double> energies =
      settings_.minimise ? conformers_.ensemble.energies : std::vector<double>();
  engine::Selection selection = engine::select_conformers(
      conformers_.ensemble.positions.view(), energies, comparison, settings_.selection);
  if (!settings_.sort_by_energy) std::sort(selection.kept.begin(), selection.kept.end());
  conformers_.ensemble.keep(selection.kept);
  if (settings_.minimise) count_degeneracies(comparison);
  report_shortfall(selection);
}

void Work::count_degeneracies(const engine::ShapeComparison& comparison) {
  constexpr std::size_t kMaxMaps = 1000, kMinAtoms = 3;
  // A minimum is told apart by its energy, too, so that hydrogens count; a shape is not.
  const bool hydrogens = settings_.mode == ConformerMode::kMinima;
  std::vector<std::size_t> atoms = forcefields::shape_atoms(molecule_);
  std::vector<std::vector<std::uint32_t>> maps = comparison.maps();
  if (atoms.size() < kMinAtoms && molecule_.n_atoms() > atoms.size()) {
    atoms.resize(molecule_.n_atoms());
    std::iota(atoms.begin(), atoms.end(), std::size_t{0});
    maps = engine::find_automorphisms(forcefields::shape_graph(molecule_, atoms), kMaxMaps).maps;
  }
  if (maps.size() >= kMaxMaps) return;
  engine::DegeneracyOptions options;
  const double rmsd_nm = settings_.selection.rmsd_nm;
  const bool pruned = rmsd_nm > 0.0;
  if (pruned) options.symmetry_nm = std::min(options.symmetry_nm, rmsd_nm);
  options.copy_nm = pruned ? rmsd_nm : options.symmetry_nm;
  options.energy_tolerance =
      std::min(options.energy_tolerance, settings_.selection.energy_tolerance);
  conformers_.ensemble.degeneracies =
      engine::degeneracies(conformers_.ensemble.positions.view(), conformers_.ensemble.energies,
                           engine::molecule_symmetry(*graph(), atoms, maps, hydrogens), options);
}

void Work::report_shortfall(const engine::Selection& selection) {
  shortfall_.n_wanted = n_wanted();
  shortfall_.n_kept = selection.kept.size();
  shortfall_.n_duplicates = selection.n_duplicates;
  const bool cut_by_user = selection.n_beyond_count > 0;
  if (!cut_by_user && more_are_possible(shortfall_)) lower_status(MoleculeStatus::kPartial);
  note_on_isomer(shortfall_text(shortfall_, selection, settings_));
}

void Work::embed_and_relax(const engine::EnergyFunction* energy) {
  // The rest is for relaxing what was built.
  constexpr double kEmbeddingShare = 0.6;
  conformers_.ensemble.positions =
      embed(n_wanted(), energy ? share_of_time(task_.end, kEmbeddingShare) : task_.end);
  const std::size_t n = conformers_.ensemble.n_frames();
  conformers_.ensemble.energies.assign(n, std::numeric_limits<double>::quiet_NaN());
  conformers_.ensemble.converged.assign(n, false);
  if (energy != nullptr) relax(*energy);
}

void Work::generate(const engine::EnergyFunction& energy) {
  GenerationOptions options;
  options.n_conformers = n_wanted();
  options.energy_window = settings_.selection.energy_window;
  options.force_tolerance = settings_.relaxation.force_tolerance;
  options.seed = conformers_.seed;
  options.thorough = task_.thorough;
  options.deadline = task_.end;
  options.graph = graph();
  if (settings_.network) options.model = torsion_model_for(settings_.network, *options.graph);
  GeneratedConformers made = generate_conformers(molecule_, configuration_, energy, options);
  report_building(made.energies.size(), made.n_wrong_configuration, made.timed_out,
                  made.configuration_is_to_blame);
  shortfall_ = made.counts;
  shortfall_.timed_out = made.timed_out;
  conformers_.ensemble = static_cast<engine::ConformerEnsemble&&>(made);
  conformers_.ensemble.facts.method =
      "ETKDGv3 seeds, torsions from " +
      (options.model ? options.model->name() : std::string("crystal-derived (ETKDG) preferences")) +
      ", diverse set, L-BFGS";
}

engine::CoordinateBatch Work::boltzmann_starts(const engine::EnergyFunction& energy) {
  // Rings keep their shapes for long, so each chain begins with one of its own.
  constexpr std::size_t kStarts = 4, kStartsOfRings = 16;
  constexpr double kEmbeddingShare = 0.3;
  const bool has_rings = forcefields::flexibility_of(molecule_).n_flexible_rings > 0;
  conformers_.ensemble.positions =
      embed(has_rings ? kStartsOfRings : kStarts, share_of_time(task_.end, kEmbeddingShare));
  conformers_.ensemble.converged.assign(conformers_.ensemble.n_frames(), false);
  relax(energy);
  if (!has_rings || settings_.stereo == StereoPolicy::kKeep)
    return std::move(conformers_.ensemble.positions);
  std::vector<std::size_t> alike;
  const auto handedness = [&](std::size_t c) {
    return engine::ring_handedness(*graph(), conformers_.ensemble.positions.view().chain(c));
  };
  for (std::size_t c = 0; c < conformers_.ensemble.n_frames(); ++c)
    if (handedness(c) == handedness(0)) alike.push_back(c);
  return engine::conformers_at(conformers_.ensemble.positions, alike);
}

void Work::boltzmann(const ConformerField& field) {
  BoltzmannTask task;
  task.starts = boltzmann_starts(*field.energy);
  task.system = *field.system;
  task.model = torsion_model_for(settings_.network, *graph());
  task.graph = graph();
  task.configuration = configuration_;
  task.n_frames = n_wanted();
  task.end = task_.end;
  if (sample_boltzmann(task, settings_, conformers_))
    outcome_.status = MoleculeStatus::kPartialTimeout;
  report_sampling();
}

void Work::report_sampling() {
  // A population of one half is then off by a tenth.
  constexpr double kMinEffective = 25.0;
  const double n = conformers_.ensemble.facts.n_effective;
  if (n >= kMinEffective) return;
  lower_status(MoleculeStatus::kPoorlySampled);
  note_on_isomer("only " + engine::fixed_text(n, 1) +
                 " effective samples, so that populations are off by up to " +
                 engine::fixed_text(0.5 / std::sqrt(std::max(n, 1.0)), 2) +
                 (conformers_.ensemble.facts.slowest.empty()
                      ? ""
                      : ": " + conformers_.ensemble.facts.slowest + " changes rarely") +
                 "; a larger -n samples longer");
}

void Work::run() {
  outcome_.n_requested += n_wanted();
  if (!settings_.minimise) {
    embed_and_relax(nullptr);
    return select();
  }
  const ConformerField field = make_conformer_field(molecule_, settings_);
  conformers_.force_field = field.name;
  if (settings_.mode == ConformerMode::kBoltzmann) {
    boltzmann(field);
  } else {
    if (settings_.mode == ConformerMode::kEnsemble && molecule_.positions_nm.empty())
      generate(*field.energy);
    else
      embed_and_relax(field.energy.get());
    select();
  }
  note(field.note);
  if (field.name.empty()) note(note_on_cumulenes(molecule_));
}

}  // namespace

void make_isomer_conformers(const IsomerTask& task, const ConformerSettings& settings,
                            ConformerOutcome& outcome, IsomerConformers& conformers) {
  Work(task, settings, outcome, conformers).run();
}

}  // namespace saltus::tools
