#include "tools/conformers/make_conformers.h"

#include <algorithm>
#include <chrono>
#include <limits>

#include "engine/core/elapsed.h"
#include "engine/core/text.h"
#include "engine/core/units.h"
#include "forcefields/chem/conformer_input.h"
#include "forcefields/chem/molecule_reader.h"
#include "forcefields/chem/stereoisomers.h"
#include "tools/conformers/groups.h"
#include "tools/conformers/isomer.h"
#include "tools/conformers/molecule_seed.h"
#include "tools/conformers/screen.h"

namespace saltus::tools {

using engine::MoleculeFailure;
using engine::MoleculeStatus;
using forcefields::ChemMolecule;

namespace {

using Clock = std::chrono::steady_clock;

/// Work on one record.
class Work {
 public:
  Work(const NamedMolecule& named, const ConformerSettings& settings)
      : named_(named),
        settings_(settings),
        deadline_(Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                     std::chrono::duration<double>(settings.timeout_s))) {}

  void run(ConformerOutcome& outcome) {
    outcome_ = &outcome;
    const ChemMolecule molecule = read();
    for (const std::string& remark : molecule.remarks) note(remark);
    for (const std::string& text : forcefields::stereo_notes(molecule)) note(text);
    const std::vector<ChemMolecule> parts = parts_of(molecule);
    for (part_ = 0; part_ < parts.size(); ++part_)
      work_on_part(parts[part_], parts.size() > 1 ? "_frag" + std::to_string(part_ + 1) : "");
  }

 private:
  ChemMolecule read() const;
  std::vector<ChemMolecule> parts_of(const ChemMolecule& molecule);
  std::vector<ChemMolecule> isomers_of(const ChemMolecule& molecule);
  std::vector<ChemMolecule> candidates_of(const ChemMolecule& molecule);
  void count_isomers(const forcefields::StereoFreedom& freedom);
  /// The numbers of those candidates that are worth the work.
  std::vector<std::size_t> screened(const ChemMolecule& part,
                                    const std::vector<ChemMolecule>& candidates,
                                    std::size_t wanted);
  void note_cut(std::size_t n_looked_at, std::size_t n_made);
  void work_on_part(const ChemMolecule& part, const std::string& suffix);
  /// @param thorough  whether there is no other isomer to turn to
  /// @param share     of the time that is left
  void work_on_isomer(const ChemMolecule& isomer, const std::string& name, bool thorough,
                      double share);
  void check_size(const ChemMolecule& molecule) const;
  void note(const std::string& text) {
    if (("; " + outcome_->message + "; ").find("; " + text + "; ") != std::string::npos) return;
    outcome_->message += (outcome_->message.empty() ? "" : "; ") + text;
  }

  const NamedMolecule& named_;
  const ConformerSettings& settings_;
  Clock::time_point deadline_;
  ConformerOutcome* outcome_ = nullptr;
  std::size_t part_ = 0;
  std::uint64_t n_possible_ = 0;  ///< isomers of the part
  std::size_t n_screened_ = 0;    ///< candidates that were looked at
};

/// "1 stereo centre and 2 double bonds are"
std::string open_text(const forcefields::StereoFreedom& freedom) {
  const auto count = [](std::size_t n, const char* what) {
    return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
  };
  std::string text;
  if (freedom.n_centres > 0) text = count(freedom.n_centres, "stereo centre");
  if (freedom.n_double_bonds > 0)
    text += (text.empty() ? "" : " and ") + count(freedom.n_double_bonds, "double bond");
  return text + (freedom.n_open() == 1 ? " is" : " are");
}

ChemMolecule Work::read() const {
  if (named_.failure) throw MoleculeFailure(*named_.failure);
  if (named_.molecule && settings_.use_input_3d) return *named_.molecule;
  if (named_.molecule) return forcefields::without_hydrogens(*named_.molecule);
  return forcefields::parse_listed_smiles(named_.smiles, named_.where, settings_.max_atoms);
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
  if (molecule.n_atoms() > settings_.max_atoms)
    throw MoleculeFailure(MoleculeStatus::kTooLarge, std::to_string(molecule.n_atoms()) +
                                                         " atoms, at most " +
                                                         std::to_string(settings_.max_atoms) +
                                                         " are allowed; see --max-atoms");
  const std::size_t n_rotors = forcefields::flexibility_of(molecule).n_rotors;
  if (n_rotors > settings_.max_rotors)
    throw MoleculeFailure(MoleculeStatus::kTooLarge, std::to_string(n_rotors) +
                                                         " rotatable bonds, at most " +
                                                         std::to_string(settings_.max_rotors) +
                                                         " are allowed; see --max-rotors");
}

void Work::count_isomers(const forcefields::StereoFreedom& freedom) {
  n_possible_ += freedom.n_isomers;
  outcome_->n_possible_isomers += freedom.n_isomers;
  outcome_->more_isomers_possible = outcome_->more_isomers_possible || !freedom.exact;
}

std::vector<ChemMolecule> Work::isomers_of(const ChemMolecule& molecule) {
  const auto freedom = forcefields::stereo_freedom(molecule);
  if (!freedom.contradiction.empty() && molecule.positions_nm.empty())
    throw MoleculeFailure(MoleculeStatus::kStereoImpossible, freedom.contradiction);
  count_isomers(freedom);
  if (freedom.n_open() == 0) return {molecule};
  const std::string open = open_text(freedom) + " not specified";
  if (settings_.stereo == StereoPolicy::kFail)
    throw MoleculeFailure(MoleculeStatus::kStereoUnspecified,
                          open + "; specify them, or choose --stereo enumerate, random or keep");
  note(open);
  if (settings_.stereo == StereoPolicy::kKeep) return {molecule};
  // More than are wanted: some may be impossible to build.
  constexpr std::size_t kSpare = 4;
  forcefields::StereoisomerOptions options = settings_.isomers;
  options.max_isomers *= kSpare;
  options.random_order = settings_.stereo == StereoPolicy::kRandom;
  options.seed =
      molecule_seed(settings_.seed, named_.number, forcefields::canonical_smiles(molecule));
  return forcefields::stereoisomers(molecule, options);
}

/// Isomers of all molecules that groups of stereo centres stand for.
std::vector<ChemMolecule> Work::candidates_of(const ChemMolecule& molecule) {
  const GroupAlternatives groups = group_alternatives(
      molecule, settings_,
      molecule_seed(settings_.seed, named_.number, forcefields::canonical_smiles(molecule)));
  if (!groups.note.empty()) note(groups.note);
  std::vector<std::vector<ChemMolecule>> lists;
  std::uint64_t n_listed = 0;
  for (const ChemMolecule& alternative : groups.molecules) {
    lists.push_back(isomers_of(alternative));
    n_listed += lists.back().size();
  }
  std::vector<ChemMolecule> candidates = in_turn(lists);
  // Different choices may be one molecule.
  if (n_listed == n_possible_) {
    outcome_->n_possible_isomers -= n_possible_ - candidates.size();
    n_possible_ = candidates.size();
  }
  outcome_->more_isomers_possible = outcome_->more_isomers_possible || groups.cut;
  return candidates;
}

std::vector<std::size_t> Work::screened(const ChemMolecule& part,
                                        const std::vector<ChemMolecule>& candidates,
                                        std::size_t wanted) {
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < candidates.size(); ++i) all.push_back(i);
  n_screened_ = candidates.size();
  const bool rings =
      settings_.minimise && candidates.size() > 1 && forcefields::isomers_may_be_strained(part);
  if (!rings) return all;
  constexpr double kShare = 0.3;
  const ScreenedIsomers result =
      screen_isomers(candidates, wanted, settings_, share_of_time(deadline_, kShare));
  if (!result.note().empty()) note(result.note());
  n_screened_ = result.n_looked_at;
  return result.kept;
}

void Work::note_cut(std::size_t n_looked_at, std::size_t n_made) {
  if (settings_.stereo != StereoPolicy::kEnumerate || n_looked_at >= n_possible_) return;
  outcome_->isomers_cut = true;
  note(std::to_string(n_made) + " of " + (outcome_->more_isomers_possible ? "more than " : "") +
       std::to_string(n_possible_) +
       " stereoisomers are made, the others are left out; see --max-isomers");
}

void Work::work_on_part(const ChemMolecule& part, const std::string& suffix) {
  n_possible_ = 0;
  check_size(forcefields::with_hydrogens(part));
  const std::vector<ChemMolecule> candidates = candidates_of(part);
  const bool random = settings_.stereo == StereoPolicy::kRandom;
  const std::size_t wanted =
      random ? 1 : std::min(settings_.isomers.max_isomers, candidates.size());
  const std::vector<std::size_t> worthy = screened(part, candidates, wanted);
  std::optional<MoleculeFailure> failure;
  std::size_t n_made = 0, n_failed = 0, n_looked_at = 0;
  for (std::size_t w = 0; w < worthy.size() && n_made < wanted; ++w) {
    const std::size_t i = worthy[w];
    n_looked_at = i + 1;
    const std::string isomer =
        candidates.size() > 1 && !random ? "_iso" + std::to_string(i + 1) : "";
    try {
      work_on_isomer(candidates[i], named_.name + suffix + isomer, worthy.size() == 1,
                     1.0 / static_cast<double>(std::min(wanted - n_made, worthy.size() - w)));
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
    work_on_isomer(part, named_.name + suffix, true, 1.0);
    note("no combination could be built, so each conformer has a random one");
  } else if (n_failed > 0) {
    note(std::to_string(n_failed) + (n_failed == 1 ? " stereoisomer" : " stereoisomers") +
         " could not be made (" + engine::status_word(failure->status()) + ")");
  }
  // Those that were looked at and left out are not cut off.
  note_cut(n_made < wanted ? n_screened_ : n_looked_at, n_made);
}

void Work::work_on_isomer(const ChemMolecule& isomer, const std::string& name, bool thorough,
                          double share) {
  IsomerTask task;
  task.molecule = forcefields::with_hydrogens(isomer);
  task.thorough = thorough;
  task.end = share_of_time(deadline_, share);
  IsomerConformers conformers;
  conformers.name = name;
  conformers.part = part_;
  conformers.smiles = forcefields::canonical_smiles(task.molecule);
  conformers.seed = molecule_seed(settings_.seed, named_.number, conformers.smiles);
  conformers.molecule = forcefields::molecule_table(task.molecule);
  make_isomer_conformers(task, settings_, *outcome_, conformers);
  const engine::ConformerEnsemble& ensemble = conformers.ensemble;
  for (std::size_t c = 0; c < ensemble.n_frames(); ++c)
    conformers.smiles_3d.push_back(
        forcefields::canonical_smiles_of(task.molecule, ensemble.positions.chain(c)));
  outcome_->n_kept += ensemble.n_frames();
  outcome_->isomers.push_back(std::move(conformers));
}

}  // namespace

ConformerOutcome make_conformers(const NamedMolecule& named, const ConformerSettings& settings) {
  const auto start = Clock::now();
  ConformerOutcome outcome;
  const auto fail = [&](MoleculeStatus status, std::string message) {
    outcome.status = status;
    // The place has a column of its own.
    const std::string place = named.where + ": ";
    if (message.compare(0, place.size(), place) == 0) message.erase(0, place.size());
    outcome.message = message;
  };
  try {
    Work(named, settings).run(outcome);
  } catch (const MoleculeFailure& failure) {
    fail(failure.status(), failure.what());
  } catch (const std::exception& error) {
    fail(MoleculeStatus::kInternal, error.what());
  }
  outcome.seconds = engine::seconds_since(start);
  return outcome;
}

ConformerOutcome make_conformers(const std::string& smiles, const ConformerSettings& settings) {
  NamedMolecule named;
  named.smiles = smiles;
  return make_conformers(named, settings);
}

}  // namespace saltus::tools
