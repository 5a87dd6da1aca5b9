#include "tools/saltus/conformers_molecule.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <memory>

#include "engine/conformers/relaxation.h"
#include "engine/conformers/selection.h"
#include "engine/core/random.h"
#include "engine/lanes/native_energy.h"
#include "forcefields/chem/conformer_input.h"
#include "forcefields/chem/embedding.h"
#include "forcefields/chem/molecule_reader.h"
#include "forcefields/chem/stereoisomers.h"
#include "tools/saltus/conformers_seed.h"

namespace saltus::tools {

using engine::MoleculeFailure;
using engine::MoleculeStatus;
using forcefields::ChemMolecule;

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// The point of time at which a share of what is left until `end` is used up.
Clock::time_point share_of_time(Clock::time_point end, double share) {
  const auto now = Clock::now();
  return now + std::chrono::duration_cast<Clock::duration>(share * (end - now));
}

std::size_t default_count(const forcefields::Flexibility& flexibility) {
  const std::size_t freedom = flexibility.n_rotors + 2 * flexibility.n_flexible_rings;
  if (freedom == 0) return 5;
  if (freedom <= 3) return 20;
  if (freedom <= 7) return 50;
  return freedom <= 12 ? 150 : 300;
}

/// Work on one record.
class Work {
 public:
  Work(const ConformerRecord& record, const ConformerSettings& settings)
      : record_(record),
        settings_(settings),
        deadline_(Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                     std::chrono::duration<double>(settings.timeout_s))) {}

  void run(ConformerOutcome& outcome) {
    outcome_ = &outcome;
    const std::vector<ChemMolecule> parts = parts_of(read());
    for (std::size_t p = 0; p < parts.size(); ++p)
      work_on_part(parts[p], parts.size() > 1 ? "_frag" + std::to_string(p + 1) : "");
  }

 private:
  ChemMolecule read() const;
  std::vector<ChemMolecule> parts_of(const ChemMolecule& molecule);
  std::vector<ChemMolecule> isomers_of(const ChemMolecule& molecule);
  void work_on_part(const ChemMolecule& part, const std::string& suffix);
  /// @param thorough  whether there is no other isomer to turn to
  /// @param share     of the time that is left
  void work_on_isomer(const ChemMolecule& isomer, const std::string& name, bool thorough,
                      double share);
  void check_size(const ChemMolecule& molecule) const;
  std::unique_ptr<engine::NativeEnergy> make_energy(const ChemMolecule& molecule) const;
  forcefields::Embedding embed(const ChemMolecule& molecule,
                               const engine::Configuration& configuration,
                               forcefields::EmbeddingOptions options);
  /// Takes out what failed, was not reached or changed its configuration.
  void relax(const engine::NativeEnergy& energy, const engine::Configuration& configuration,
             Clock::time_point end, IsomerConformers& conformers);
  void select(const ChemMolecule& molecule, IsomerConformers& conformers) const;
  void note(const std::string& text) {
    outcome_->message += (outcome_->message.empty() ? "" : "; ") + text;
  }

  const ConformerRecord& record_;
  const ConformerSettings& settings_;
  Clock::time_point deadline_;
  ConformerOutcome* outcome_ = nullptr;
};

/// Keeps some conformers, in the given order.
void keep(const std::vector<std::size_t>& which, IsomerConformers& conformers) {
  IsomerConformers kept;
  kept.positions = engine::CoordinateBatch(which.size(), conformers.positions.n_atoms());
  for (std::size_t i = 0; i < which.size(); ++i) {
    const auto from = conformers.positions.chain(which[i]);
    std::copy(from.begin(), from.end(), kept.positions.chain(i).begin());
    kept.energies.push_back(conformers.energies[which[i]]);
    kept.converged.push_back(conformers.converged[which[i]]);
  }
  conformers.positions = std::move(kept.positions);
  conformers.energies = std::move(kept.energies);
  conformers.converged = std::move(kept.converged);
}

ChemMolecule Work::read() const {
  if (record_.failure) throw MoleculeFailure(*record_.failure);
  if (record_.molecule) return forcefields::without_hydrogens(*record_.molecule);
  return forcefields::parse_listed_smiles(record_.smiles, record_.where, settings_.most_atoms);
}

std::vector<ChemMolecule> Work::parts_of(const ChemMolecule& molecule) {
  outcome_->smiles = forcefields::canonical_smiles(molecule);
  std::vector<ChemMolecule> parts = forcefields::fragments_of(molecule);
  if (parts.size() == 1) return parts;
  if (settings_.fragments == FragmentPolicy::kFail)
    throw MoleculeFailure(MoleculeStatus::kDisconnected,
                          std::to_string(parts.size()) +
                              " molecules that are not bonded to each other; --fragments largest "
                              "takes the largest, --fragments all each of them");
  if (settings_.fragments == FragmentPolicy::kAll) return parts;
  note("the largest of " + std::to_string(parts.size()) + " molecules is used");
  return {parts[forcefields::largest_of(parts)]};
}

void Work::check_size(const ChemMolecule& molecule) const {
  if (molecule.n_atoms() > settings_.most_atoms)
    throw MoleculeFailure(MoleculeStatus::kTooLarge, std::to_string(molecule.n_atoms()) +
                                                         " atoms, at most " +
                                                         std::to_string(settings_.most_atoms) +
                                                         " are allowed; see --max-atoms");
  const std::size_t n_rotors = forcefields::flexibility_of(molecule).n_rotors;
  if (n_rotors > settings_.most_rotors)
    throw MoleculeFailure(MoleculeStatus::kTooLarge, std::to_string(n_rotors) +
                                                         " rotatable bonds, at most " +
                                                         std::to_string(settings_.most_rotors) +
                                                         " are allowed; see --max-rotors");
}

std::vector<ChemMolecule> Work::isomers_of(const ChemMolecule& molecule) {
  const auto freedom = forcefields::stereo_freedom(molecule);
  if (freedom.n_open() == 0) return {molecule};
  const std::string open = std::to_string(freedom.n_centres) + " stereo centres and " +
                           std::to_string(freedom.n_double_bonds) +
                           " double bonds are not specified";
  if (settings_.stereo == StereoPolicy::kFail)
    throw MoleculeFailure(MoleculeStatus::kStereoUnspecified,
                          open + "; specify them, or choose --stereo enumerate, random or keep");
  note(open);
  if (settings_.stereo == StereoPolicy::kKeep) return {molecule};
  // More than are wanted: some may be impossible to build.
  constexpr std::size_t kSpare = 4;
  forcefields::StereoisomerOptions options;
  options.most = kSpare * settings_.most_isomers;
  options.random_order = settings_.stereo == StereoPolicy::kRandom;
  options.seed =
      molecule_seed(settings_.seed, record_.number, forcefields::canonical_smiles(molecule));
  return forcefields::stereoisomers(molecule, options);
}

void Work::work_on_part(const ChemMolecule& part, const std::string& suffix) {
  check_size(forcefields::with_hydrogens(part));
  const std::vector<ChemMolecule> candidates = isomers_of(part);
  const bool random = settings_.stereo == StereoPolicy::kRandom;
  const std::size_t wanted = random ? 1 : std::min(settings_.most_isomers, candidates.size());
  std::optional<MoleculeFailure> failure;
  std::size_t n_made = 0, n_failed = 0;
  for (std::size_t i = 0; i < candidates.size() && n_made < wanted; ++i) {
    const std::string isomer =
        candidates.size() > 1 && !random ? "_iso" + std::to_string(i + 1) : "";
    try {
      work_on_isomer(candidates[i], record_.name + suffix + isomer, candidates.size() == 1,
                     1.0 / static_cast<double>(wanted - n_made));
      ++n_made;
    } catch (const MoleculeFailure& error) {
      if (!failure) failure = error;
      ++n_failed;
      const bool hopeless = error.status() == MoleculeStatus::kNoParameters;
      if (hopeless || Clock::now() > deadline_) break;
    }
  }
  if (n_made == 0 && failure) {
    const bool chosen_by_us = candidates.size() > 1;
    if (!chosen_by_us || failure->status() == MoleculeStatus::kNoParameters)
      throw MoleculeFailure(*failure);
    // Cages decide by themselves about centres that look free.
    work_on_isomer(part, record_.name + suffix, true, 1.0);
    note("no combination could be built, so they were left to chance");
  } else if (n_failed > 0) {
    note(std::to_string(n_failed) + " stereoisomers could not be made (" +
         engine::status_word(failure->status()) + ")");
  }
}

std::unique_ptr<engine::NativeEnergy> Work::make_energy(const ChemMolecule& molecule) const {
  if (!settings_.minimise) return nullptr;
  try {
    return std::make_unique<engine::NativeEnergy>(
        forcefields::mmff_system(molecule, settings_.mmff), nullptr, engine::Precision::kDouble);
  } catch (const engine::InputError& error) {
    throw MoleculeFailure(MoleculeStatus::kNoParameters, error.what());
  }
}

forcefields::Embedding Work::embed(const ChemMolecule& molecule,
                                   const engine::Configuration& configuration,
                                   forcefields::EmbeddingOptions options) {
  options.n_conformers =
      settings_.n_conformers.value_or(default_count(forcefields::flexibility_of(molecule)));
  outcome_->n_requested += options.n_conformers;
  forcefields::Embedding embedding = forcefields::embed(molecule, configuration, options);
  outcome_->n_embedded += embedding.positions.n_chains();
  outcome_->n_stereo_rejected += embedding.n_wrong_configuration;
  if (embedding.positions.n_chains() > 0) {
    if (embedding.timed_out) outcome_->status = MoleculeStatus::kPartialTimeout;
    return embedding;
  }
  if (embedding.timed_out)
    throw MoleculeFailure(MoleculeStatus::kTimeout,
                          "no conformer was built in time; see --timeout");
  if (embedding.configuration_is_to_blame || embedding.n_wrong_configuration > 0)
    throw MoleculeFailure(MoleculeStatus::kStereoImpossible,
                          "no conformer has the configuration that is specified, others would be "
                          "possible; check its stereo centres and double bonds");
  throw MoleculeFailure(MoleculeStatus::kEmbedFailed, "no conformer could be built");
}

void Work::relax(const engine::NativeEnergy& energy, const engine::Configuration& configuration,
                 Clock::time_point end, IsomerConformers& conformers) {
  engine::RelaxationOptions options;
  options.force_tolerance = settings_.force_tolerance;
  options.deadline = end;
  const engine::Relaxation relaxed =
      engine::relax_conformers(energy, conformers.positions, options);
  conformers.energies = relaxed.energies_kJ_mol;
  std::vector<std::size_t> good;
  std::size_t n_changed = 0;
  for (std::size_t c = 0; c < relaxed.ends.size(); ++c) {
    conformers.converged[c] = relaxed.ends[c] == engine::Relaxed::kConverged;
    const bool relaxing =
        conformers.converged[c] || (settings_.mode == ConformerMode::kEnsemble &&
                                    relaxed.ends[c] == engine::Relaxed::kNotConverged);
    if (!relaxing) continue;
    if (engine::has_configuration(configuration, conformers.positions.chain(c)))
      good.push_back(c);
    else
      ++n_changed;
  }
  outcome_->n_stereo_rejected += n_changed;
  const std::size_t n_before = relaxed.ends.size();
  keep(good, conformers);
  if (relaxed.timed_out && good.empty())
    throw MoleculeFailure(MoleculeStatus::kTimeout,
                          "no conformer was relaxed in time; see --timeout");
  if (relaxed.timed_out) outcome_->status = MoleculeStatus::kPartialTimeout;
  if (good.empty() && n_changed > 0)
    throw MoleculeFailure(MoleculeStatus::kStereoImpossible,
                          "relaxing changed the configuration of " + std::to_string(n_changed) +
                              " of " + std::to_string(n_before) +
                              " conformers, and none is left; --minimize none keeps them as built");
  if (good.empty())
    throw MoleculeFailure(MoleculeStatus::kEmbedFailed,
                          "none of " + std::to_string(n_before) + " conformers could be relaxed");
}

void Work::select(const ChemMolecule& molecule, IsomerConformers& conformers) const {
  constexpr std::size_t kMostSymmetries = 5000;
  const std::vector<std::size_t> atoms = forcefields::shape_atoms(molecule);
  const engine::ShapeComparison comparison(
      atoms,
      engine::find_automorphisms(forcefields::shape_graph(molecule, atoms), kMostSymmetries).maps);
  engine::SelectionOptions options;
  options.rmsd_nm = settings_.rmsd_nm;
  options.most = settings_.most_kept;
  if (settings_.minimise) {
    options.energy_window = settings_.energy_window;
    options.energy_tolerance = settings_.energy_tolerance;
  }
  const std::vector<double> energies =
      settings_.minimise ? conformers.energies : std::vector<double>();
  keep(engine::select_conformers(conformers.positions.view(), energies, comparison, options).kept,
       conformers);
}

void Work::work_on_isomer(const ChemMolecule& isomer, const std::string& name, bool thorough,
                          double share) {
  const ChemMolecule molecule = forcefields::with_hydrogens(isomer);
  const engine::Configuration configuration = forcefields::configuration_of(molecule);
  const auto energy = make_energy(molecule);
  const Clock::time_point end = share_of_time(deadline_, share);
  // The rest is for relaxing what was built.
  constexpr double kEmbeddingShare = 0.6;
  IsomerConformers conformers;
  conformers.name = name;
  conformers.smiles = forcefields::canonical_smiles(molecule);
  conformers.seed = molecule_seed(settings_.seed, record_.number, conformers.smiles);
  conformers.molecule = forcefields::molecule_table(molecule);
  forcefields::EmbeddingOptions options;
  options.seed = conformers.seed;
  options.thorough = thorough;
  options.deadline = energy ? share_of_time(end, kEmbeddingShare) : end;
  conformers.positions = embed(molecule, configuration, options).positions;
  const std::size_t n = conformers.positions.n_chains();
  conformers.energies.assign(n, std::numeric_limits<double>::quiet_NaN());
  conformers.converged.assign(n, false);
  if (energy) relax(*energy, configuration, end, conformers);
  select(molecule, conformers);
  for (std::size_t c = 0; c < conformers.positions.n_chains(); ++c)
    conformers.smiles_3d.push_back(
        forcefields::canonical_smiles_of(molecule, conformers.positions.chain(c)));
  outcome_->n_kept += conformers.positions.n_chains();
  outcome_->isomers.push_back(std::move(conformers));
}

}  // namespace

std::string ConformerSettings::force_field_text() const {
  if (!minimise) return "none";
  char dielectric[32];
  std::snprintf(dielectric, sizeof dielectric, "%g", mmff.dielectric);
  return std::string(mmff.variant == forcefields::MmffVariant::kMmff94s ? "MMFF94s" : "MMFF94") +
         ", dielectric " + dielectric + (mmff.distance_dependent_dielectric ? "r" : "");
}

ConformerOutcome make_conformers(const ConformerRecord& record, const ConformerSettings& settings) {
  const auto start = Clock::now();
  ConformerOutcome outcome;
  const auto fail = [&](MoleculeStatus status, std::string message) {
    outcome.status = status;
    // The place has a column of its own.
    const std::string place = record.where + ": ";
    if (message.compare(0, place.size(), place) == 0) message.erase(0, place.size());
    outcome.message = message;
  };
  try {
    Work(record, settings).run(outcome);
  } catch (const MoleculeFailure& failure) {
    fail(failure.status(), failure.what());
  } catch (const std::exception& error) {
    fail(MoleculeStatus::kInternal, error.what());
  }
  outcome.seconds = seconds_since(start);
  return outcome;
}

}  // namespace saltus::tools
