#include "tools/saltus/conformers_isomer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <string>

#include "engine/conformers/relaxation.h"
#include "engine/conformers/selection.h"
#include "engine/lanes/native_energy.h"
#include "forcefields/chem/conformer_input.h"
#include "forcefields/chem/embedding.h"
#include "forcefields/chem/torsion_graph_of.h"
#include "tools/saltus/conformers_boltzmann.h"
#include "tools/saltus/conformers_generate.h"
#include "tools/saltus/torsion_models.h"

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

/// Keeps some conformers, in the given order.
void keep(const std::vector<std::size_t>& which, IsomerConformers& conformers) {
  IsomerConformers kept;
  kept.positions = engine::conformers_at(conformers.positions, which);
  for (const std::size_t c : which) {
    kept.energies.push_back(conformers.energies[c]);
    kept.converged.push_back(conformers.converged[c]);
  }
  conformers.positions = std::move(kept.positions);
  conformers.energies = std::move(kept.energies);
  conformers.converged = std::move(kept.converged);
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
  engine::System make_system() const;
  std::size_t n_wanted() const {
    return settings_.n_conformers.value_or(
        default_count(settings_.mode, forcefields::flexibility_of(molecule_)));
  }
  /// Distance geometry, behind the input's own coordinates if there are any.
  engine::CoordinateBatch embed(std::size_t n, Clock::time_point end);
  /// @param n_built  how many there are
  void report_building(std::size_t n_built, std::size_t n_wrong, bool timed_out,
                       bool configuration_is_to_blame);
  void embed_and_relax(const engine::NativeEnergy* energy);
  void generate(const engine::NativeEnergy& energy);
  void boltzmann(const engine::System& system, const engine::NativeEnergy& energy);
  /// Takes out what failed, was not reached or changed its configuration.
  void relax(const engine::NativeEnergy& energy);
  void select();
  const IsomerTask& task_;
  const ChemMolecule& molecule_;
  const ConformerSettings& settings_;
  ConformerOutcome& outcome_;
  IsomerConformers& conformers_;
  engine::Configuration configuration_;
};

engine::System Work::make_system() const {
  try {
    return forcefields::mmff_system(molecule_, settings_.mmff);
  } catch (const engine::InputError& error) {
    throw MoleculeFailure(MoleculeStatus::kNoParameters, error.what());
  }
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
                          "no conformer was built with the configuration that is specified, with "
                          "others there would be some; check its stereo centres and double bonds");
  throw MoleculeFailure(MoleculeStatus::kEmbedFailed, "no conformer could be built");
}

void Work::relax(const engine::NativeEnergy& energy) {
  engine::RelaxationOptions options;
  options.force_tolerance = settings_.force_tolerance;
  options.deadline = task_.end;
  const engine::Relaxation relaxed =
      engine::relax_conformers(energy, conformers_.positions, options);
  conformers_.energies = relaxed.energies_kJ_mol;
  std::vector<std::size_t> good;
  std::size_t n_changed = 0;
  for (std::size_t c = 0; c < relaxed.ends.size(); ++c) {
    conformers_.converged[c] = relaxed.ends[c] == engine::Relaxed::kConverged;
    const bool relaxing =
        conformers_.converged[c] || (settings_.mode != ConformerMode::kMinima &&
                                     relaxed.ends[c] == engine::Relaxed::kNotConverged);
    if (!relaxing) continue;
    if (engine::has_configuration(configuration_, conformers_.positions.chain(c)))
      good.push_back(c);
    else
      ++n_changed;
  }
  outcome_.n_stereo_rejected += n_changed;
  const std::size_t n_before = relaxed.ends.size();
  keep(good, conformers_);
  if (relaxed.timed_out && good.empty())
    throw MoleculeFailure(MoleculeStatus::kTimeout,
                          "no conformer was relaxed in time; see --timeout");
  if (relaxed.timed_out) outcome_.status = MoleculeStatus::kPartialTimeout;
  if (good.empty() && n_changed > 0)
    throw MoleculeFailure(MoleculeStatus::kEmbedFailed,
                          "relaxing changed the configuration of " + std::to_string(n_changed) +
                              " of " + std::to_string(n_before) +
                              " conformers, and none is left; --minimize none keeps them as built");
  if (good.empty())
    throw MoleculeFailure(MoleculeStatus::kEmbedFailed,
                          "none of " + std::to_string(n_before) + " conformers could be relaxed");
}

void Work::select() {
  constexpr std::size_t kMostSymmetries = 5000;
  const std::vector<std::size_t> atoms = forcefields::shape_atoms(molecule_);
  const engine::ShapeComparison comparison(
      atoms,
      engine::find_automorphisms(forcefields::shape_graph(molecule_, atoms), kMostSymmetries).maps);
  engine::SelectionOptions options;
  options.rmsd_nm = settings_.rmsd_nm;
  options.most = settings_.most_kept;
  if (settings_.minimise) {
    options.energy_window = settings_.energy_window;
    options.energy_tolerance = settings_.energy_tolerance;
  }
  const std::vector<double> energies =
      settings_.minimise ? conformers_.energies : std::vector<double>();
  std::vector<std::size_t> kept =
      engine::select_conformers(conformers_.positions.view(), energies, comparison, options).kept;
  if (!settings_.sort_by_energy) std::sort(kept.begin(), kept.end());
  keep(kept, conformers_);
}

void Work::embed_and_relax(const engine::NativeEnergy* energy) {
  // The rest is for relaxing what was built.
  constexpr double kEmbeddingShare = 0.6;
  conformers_.positions =
      embed(n_wanted(), energy ? share_of_time(task_.end, kEmbeddingShare) : task_.end);
  const std::size_t n = conformers_.positions.n_chains();
  conformers_.energies.assign(n, std::numeric_limits<double>::quiet_NaN());
  conformers_.converged.assign(n, false);
  if (energy != nullptr) relax(*energy);
}

void Work::generate(const engine::NativeEnergy& energy) {
  GenerationOptions options;
  options.n_conformers = n_wanted();
  options.energy_window = settings_.energy_window;
  options.force_tolerance = settings_.force_tolerance;
  options.seed = conformers_.seed;
  options.thorough = task_.thorough;
  options.deadline = task_.end;
  if (settings_.network) {
    options.graph =
        std::make_shared<engine::TorsionGraph>(forcefields::torsion_graph_of(molecule_));
    options.model = torsion_model_for(settings_.network, *options.graph);
  }
  GeneratedConformers made = generate_conformers(molecule_, configuration_, energy, options);
  report_building(made.energies.size(), made.n_wrong_configuration, made.timed_out,
                  made.configuration_is_to_blame);
  conformers_.positions = std::move(made.positions);
  conformers_.energies = std::move(made.energies);
  conformers_.converged = std::move(made.converged);
  conformers_.facts.method = std::string("ETKDGv3 seeds, torsions ") +
                             (options.model ? "from " + options.model->name() : "as in crystals") +
                             ", diverse set, L-BFGS";
}

void Work::boltzmann(const engine::System& system, const engine::NativeEnergy& energy) {
  constexpr std::size_t kStarts = 4;
  constexpr double kEmbeddingShare = 0.3;
  conformers_.positions = embed(kStarts, share_of_time(task_.end, kEmbeddingShare));
  conformers_.converged.assign(conformers_.positions.n_chains(), false);
  relax(energy);
  BoltzmannTask task;
  task.system = system;
  auto graph = std::make_shared<engine::TorsionGraph>(forcefields::torsion_graph_of(molecule_));
  task.model = torsion_model_for(settings_.network, *graph);
  task.graph = std::move(graph);
  task.configuration = configuration_;
  task.starts = std::move(conformers_.positions);
  task.n_frames = n_wanted();
  task.end = task_.end;
  conformers_.energies.clear();
  conformers_.converged.clear();
  if (sample_boltzmann(task, settings_, conformers_))
    outcome_.status = MoleculeStatus::kPartialTimeout;
}

void Work::run() {
  outcome_.n_requested += n_wanted();
  if (!settings_.minimise) {
    embed_and_relax(nullptr);
    return select();
  }
  const engine::System system = make_system();
  const engine::NativeEnergy energy(system, nullptr, engine::Precision::kDouble);
  if (settings_.mode == ConformerMode::kBoltzmann) return boltzmann(system, energy);
  if (settings_.mode == ConformerMode::kEnsemble && molecule_.positions_nm.empty())
    generate(energy);
  else
    embed_and_relax(&energy);
  select();
}

}  // namespace

void make_isomer_conformers(const IsomerTask& task, const ConformerSettings& settings,
                            ConformerOutcome& outcome, IsomerConformers& conformers) {
  Work(task, settings, outcome, conformers).run();
}

}  // namespace saltus::tools
