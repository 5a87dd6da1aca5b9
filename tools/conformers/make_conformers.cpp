#include "tools/conformers/make_conformers.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/elapsed.h"
#include "forcefields/chem/conformer_input.h"
#include "forcefields/chem/molecule_reader.h"
#include "forcefields/chem/stereoisomers.h"
#include "forcefields/mmff/mmff_system.h"
#include "tools/conformers/alignment.h"
#include "tools/conformers/core.h"
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

/// One molecule on its way through the stages.
struct MoleculeJob {
  const NamedMolecule& named;
  const ConformerSettings& settings;
  ConformerOutcome& outcome;
  Clock::time_point deadline;

  void note(const std::string& text) {
    if (("; " + outcome.message + "; ").find("; " + text + "; ") != std::string::npos) return;
    outcome.message += (outcome.message.empty() ? "" : "; ") + text;
  }
  std::uint64_t seed_of(const std::string& smiles) const {
    return molecule_seed(settings.seed, named.number, smiles);
  }
};

/// How many stereoisomers of one part entered the stages and left them.
struct IsomerCounts {
  std::uint64_t n_possible = 0;  ///< that the open configurations lead to
  std::size_t n_screened = 0;    ///< candidates that were looked at
  std::size_t n_reached = 0;     ///< candidates up to the last one that was worked on
  std::size_t n_wanted = 0, n_made = 0, n_failed = 0;
  std::optional<MoleculeFailure> first_failure;
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

ChemMolecule read(const MoleculeJob& job) {
  if (job.named.failure) throw MoleculeFailure(*job.named.failure);
  if (job.named.molecule) {
    ChemMolecule given = given_molecule(job.named, job.settings);
    if (job.settings.use_input_3d) return given;
    if (job.settings.mmff.charges != forcefields::PartialCharges::kGiven)
      return forcefields::without_hydrogens(given);
    // Hydrogens keep their charges; only the coordinates are made anew.
    given.positions_nm.clear();
    return given;
  }
  return forcefields::parse_listed_smiles(job.named.smiles, job.named.where,
                                          job.settings.max_atoms);
}

/// The molecules of a record that conformers are made of.
std::vector<ChemMolecule> split(const ChemMolecule& molecule, MoleculeJob& job) {
  job.outcome.smiles = forcefields::canonical_smiles(molecule);
  std::vector<ChemMolecule> parts = forcefields::fragments_of(molecule);
  if (parts.size() == 1) return parts;
  if (job.settings.fragments == FragmentPolicy::kFail)
    throw MoleculeFailure(MoleculeStatus::kDisconnected,
                          std::to_string(parts.size()) +
                              " molecules that are not bonded to each other; --fragments largest "
                              "takes the largest, --fragments all each of them");
  if (job.settings.fragments == FragmentPolicy::kAll) return parts;
  job.note("the largest of " + std::to_string(parts.size()) + " molecules is used");
  return {parts[forcefields::largest_of(parts)]};
}

void check_size(const ChemMolecule& molecule, const ConformerSettings& settings) {
  if (molecule.n_atoms() > settings.max_atoms)
    throw MoleculeFailure(MoleculeStatus::kTooLarge,
                          std::to_string(molecule.n_atoms()) + " atoms, at most " +
                              std::to_string(settings.max_atoms) + " are allowed; see --max-atoms");
  const std::size_t n_rotors = forcefields::flexibility_of(molecule).n_rotors;
  if (n_rotors > settings.max_rotors)
    throw MoleculeFailure(MoleculeStatus::kTooLarge, std::to_string(n_rotors) +
                                                         " rotatable bonds, at most " +
                                                         std::to_string(settings.max_rotors) +
                                                         " are allowed; see --max-rotors");
}

/// One molecule for each combination of what is not specified, as the policy for stereo says.
std::vector<ChemMolecule> enumerate(const ChemMolecule& molecule, MoleculeJob& job,
                                    IsomerCounts& counts) {
  const auto freedom = forcefields::stereo_freedom(molecule);
  if (!freedom.contradiction.empty() && molecule.positions_nm.empty())
    throw MoleculeFailure(MoleculeStatus::kStereoImpossible, freedom.contradiction);
  counts.n_possible += freedom.n_isomers;
  job.outcome.n_possible_isomers += freedom.n_isomers;
  job.outcome.more_isomers_possible = job.outcome.more_isomers_possible || !freedom.exact;
  if (freedom.n_open() == 0) return {molecule};
  const std::string open = open_text(freedom) + " not specified";
  if (job.settings.stereo == StereoPolicy::kFail)
    throw MoleculeFailure(MoleculeStatus::kStereoUnspecified,
                          open + "; specify them, or choose --stereo enumerate, random or keep");
  job.note(open);
  if (job.settings.stereo == StereoPolicy::kKeep) return {molecule};
  // More than are wanted: some may be impossible to build.
  constexpr std::size_t kSpare = 4;
  forcefields::StereoisomerOptions options = job.settings.isomers;
  options.max_isomers *= kSpare;
  options.random_order = job.settings.stereo == StereoPolicy::kRandom;
  options.seed = job.seed_of(forcefields::canonical_smiles(molecule));
  return forcefields::stereoisomers(molecule, options);
}

/// Isomers of all molecules that groups of stereo centres stand for.
std::vector<ChemMolecule> list_candidates(const ChemMolecule& molecule, MoleculeJob& job,
                                          IsomerCounts& counts) {
  const GroupAlternatives groups = group_alternatives(
      molecule, job.settings, job.seed_of(forcefields::canonical_smiles(molecule)));
  if (!groups.note.empty()) job.note(groups.note);
  std::vector<std::vector<ChemMolecule>> lists;
  std::uint64_t n_listed = 0;
  for (const ChemMolecule& alternative : groups.molecules) {
    lists.push_back(enumerate(alternative, job, counts));
    n_listed += lists.back().size();
  }
  std::vector<ChemMolecule> candidates = in_turn(lists);
  // Different choices may be one molecule.
  if (n_listed == counts.n_possible) {
    job.outcome.n_possible_isomers -= counts.n_possible - candidates.size();
    counts.n_possible = candidates.size();
  }
  job.outcome.more_isomers_possible = job.outcome.more_isomers_possible || groups.cut;
  return candidates;
}

/// The numbers of those candidates that are worth the work.
std::vector<std::size_t> screen(const ChemMolecule& part,
                                const std::vector<ChemMolecule>& candidates, MoleculeJob& job,
                                IsomerCounts& counts) {
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < candidates.size(); ++i) all.push_back(i);
  counts.n_screened = candidates.size();
  // A core is another measure of strain.
  const bool rings = job.settings.minimise && !job.settings.core && candidates.size() > 1 &&
                     forcefields::isomers_may_be_strained(part);
  if (!rings) return all;
  constexpr double kShare = 0.3;
  const ScreenedIsomers result = screen_isomers(candidates, counts.n_wanted, job.settings,
                                                share_of_time(job.deadline, kShare));
  if (!result.note().empty()) job.note(result.note());
  counts.n_screened = result.n_looked_at;
  return result.kept;
}

/// Those of the force field, as far as it knows the molecule.
std::vector<double> charges_of(const ChemMolecule& molecule,
                               const forcefields::MmffOptions& options) {
  try {
    return forcefields::mmff_charges(molecule, options);
  } catch (const engine::InputError&) {
    return {};
  }
}

/// The candidates that the core allows.
std::vector<ChemMolecule> keep_core(std::vector<ChemMolecule> candidates, MoleculeJob& job,
                                    IsomerCounts& counts) {
  const std::size_t n_before = candidates.size();
  IsomersWithCore fitting = isomers_with_core(std::move(candidates), job.named, job.settings);
  if (!fitting.note.empty()) job.note(fitting.note);
  const std::size_t n_left_out = n_before - fitting.molecules.size();
  counts.n_possible -= std::min<std::uint64_t>(counts.n_possible, n_left_out);
  job.outcome.n_possible_isomers -=
      std::min<std::uint64_t>(job.outcome.n_possible_isomers, n_left_out);
  return std::move(fitting.molecules);
}

/// @param thorough  whether there is no other isomer to turn to
/// @param share     of the time that is left
void make_isomer(const ChemMolecule& isomer, IsomerConformers conformers, bool thorough,
                 double share, MoleculeJob& job) {
  IsomerTask task;
  task.molecule = forcefields::with_hydrogens(isomer);
  task.thorough = thorough;
  const forcefields::FoundCore core = core_of(task.molecule, job.named, job.settings);
  task.held = core.held;
  if (core.n_ways > 1)
    job.note("the core is there in " + std::to_string(core.n_ways) +
             " different ways, the first of which is held");
  task.end = share_of_time(job.deadline, share);
  conformers.smiles = forcefields::canonical_smiles(task.molecule);
  conformers.seed = job.seed_of(conformers.smiles);
  conformers.molecule = forcefields::molecule_table(task.molecule);
  if (job.settings.partial_charges)
    conformers.partial_charges = charges_of(task.molecule, job.settings.mmff);
  make_isomer_conformers(task, job.settings, job.outcome, conformers);
  const std::string note = align_conformers(task.molecule, task.held, job.settings, conformers);
  if (!note.empty()) job.note(note);
  const engine::ConformerEnsemble& ensemble = conformers.ensemble;
  for (std::size_t c = 0; c < ensemble.n_frames(); ++c)
    conformers.smiles_3d.push_back(
        forcefields::canonical_smiles_of(task.molecule, ensemble.positions.chain(c)));
  job.outcome.n_kept += ensemble.n_frames();
  job.outcome.isomers.push_back(std::move(conformers));
}

/// @param start  name and part; isomers get a suffix
void make_isomers(const std::vector<ChemMolecule>& candidates,
                  const std::vector<std::size_t>& worthy, const IsomerConformers& start,
                  MoleculeJob& job, IsomerCounts& counts) {
  const bool numbered = candidates.size() > 1 && job.settings.stereo != StereoPolicy::kRandom;
  for (std::size_t w = 0; w < worthy.size() && counts.n_made < counts.n_wanted; ++w) {
    const std::size_t i = worthy[w];
    counts.n_reached = i + 1;
    IsomerConformers named = start;
    if (numbered) named.name += "_iso" + std::to_string(i + 1);
    const std::size_t n_left = std::min(counts.n_wanted - counts.n_made, worthy.size() - w);
    try {
      make_isomer(candidates[i], std::move(named), worthy.size() == 1,
                  1.0 / static_cast<double>(n_left), job);
      ++counts.n_made;
    } catch (const MoleculeFailure& error) {
      if (!counts.first_failure) counts.first_failure = error;
      ++counts.n_failed;
      const bool hopeless = error.status() == MoleculeStatus::kNoParameters;
      if (hopeless || Clock::now() > job.deadline) break;
    }
  }
}

/// When no isomer could be made: the part as it is, whose open centres each conformer decides
/// about.
/// @throws MoleculeFailure  the first one, when that is no way out
void make_undecided(const ChemMolecule& part, bool chosen_by_us, const IsomerConformers& start,
                    MoleculeJob& job, const IsomerCounts& counts) {
  if (counts.n_made > 0 || !counts.first_failure) return;
  if (!chosen_by_us || counts.first_failure->status() == MoleculeStatus::kNoParameters)
    throw MoleculeFailure(*counts.first_failure);
  // Cages decide by themselves about centres that look free.
  make_isomer(part, start, true, 1.0, job);
  job.note("no combination could be built, so each conformer has a random one");
}

/// What happened to the isomers that were not made.
void report_isomers(MoleculeJob& job, const IsomerCounts& counts) {
  if (counts.n_made > 0 && counts.n_failed > 0)
    job.note(std::to_string(counts.n_failed) +
             (counts.n_failed == 1 ? " stereoisomer" : " stereoisomers") + " could not be made (" +
             engine::status_word(counts.first_failure->status()) + ")");
  // Those that were looked at and left out are not cut off.
  const std::size_t n_looked_at =
      counts.n_made < counts.n_wanted ? counts.n_screened : counts.n_reached;
  if (job.settings.stereo != StereoPolicy::kEnumerate || n_looked_at >= counts.n_possible) return;
  job.outcome.isomers_cut = true;
  job.note(std::to_string(counts.n_made) + " of " +
           (job.outcome.more_isomers_possible ? "more than " : "") +
           std::to_string(counts.n_possible) +
           " stereoisomers are made, the others are left out; see --max-isomers");
}

void run_stages_of_part(const ChemMolecule& part, const IsomerConformers& start, MoleculeJob& job) {
  IsomerCounts counts;
  check_size(forcefields::with_hydrogens(part), job.settings);
  const std::vector<ChemMolecule> candidates =
      keep_core(list_candidates(part, job, counts), job, counts);
  counts.n_wanted = job.settings.stereo == StereoPolicy::kRandom
                        ? 1
                        : std::min(job.settings.isomers.max_isomers, candidates.size());
  const std::vector<std::size_t> worthy = screen(part, candidates, job, counts);
  make_isomers(candidates, worthy, start, job, counts);
  make_undecided(part, candidates.size() > 1, start, job, counts);
  report_isomers(job, counts);
}

void run_stages(MoleculeJob& job) {
  const ChemMolecule molecule = read(job);
  for (const std::string& remark : molecule.remarks) job.note(remark);
  for (const std::string& text : forcefields::stereo_notes(molecule)) job.note(text);
  const std::vector<ChemMolecule> parts = split(molecule, job);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    IsomerConformers start;
    start.name = job.named.name + (parts.size() > 1 ? "_frag" + std::to_string(i + 1) : "");
    start.part = i;
    run_stages_of_part(parts[i], start, job);
  }
}

}  // namespace

ConformerOutcome make_conformers(const NamedMolecule& named, const ConformerSettings& settings) {
  check_core(settings);
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
    const std::chrono::duration<double> timeout(settings.timeout_s);
    MoleculeJob job{named, settings, outcome,
                    start + std::chrono::duration_cast<Clock::duration>(timeout)};
    run_stages(job);
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
