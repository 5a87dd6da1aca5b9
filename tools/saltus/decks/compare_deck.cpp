#include "tools/saltus/decks/compare_deck.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "engine/core/error.h"
#include "io/deck/deck_reader.h"
#include "mlsamplers/peptides/peptide_sequence.h"
#include "tools/saltus/decks/deck_kind.h"
#include "tools/saltus/decks/ranges.h"
#include "tools/saltus/decks/sections.h"
#include "tools/saltus/decks/whole_deck.h"

namespace saltus::tools {

namespace {

using io::Bounds;
using io::DeckTable;
using io::PathRule;

constexpr std::int64_t kSchema = 1;

void read_training_costs(DeckTable& table, ComparedRunDeck& run) {
  // An absent key is not zero: what the run has recorded counts then.
  run.training_energy_evaluations =
      table
          .optional_real({"training_energy_evaluations",
                          "of preparation and training, in place of what the run has recorded"},
                         Bounds::between(0.0, 1e18).usually(1e8))
          .value_or(run.training_energy_evaluations);
  run.training_cpu_seconds = table
                                 .optional_real({"training_cpu_seconds", "likewise"},
                                                Bounds::between(0.0, 1e9).usually(1e3))
                                 .value_or(run.training_cpu_seconds);
}

ComparedRunDeck read_run(DeckTable& table) {
  ComparedRunDeck run;
  run.name = table.string({"name", "of this run, as tables show it"}, std::nullopt);
  run.role = table.choice<ComparedRole>(
      {"role", "what it stands for; speed-ups are counted from both kinds of dynamics"},
      {{"run", ComparedRole::kRun},
       {"openmm_dynamics", ComparedRole::kOpenMMDynamics},
       {"plain_dynamics", ComparedRole::kPlainDynamics}},
      run.role);
  run.trajectory = table.path({"trajectory", "of a finished run, its checkpoint beside it"},
                              std::nullopt, PathRule::kExistingFile);
  read_training_costs(table, run);
  return run;
}

ComparedPeptideDeck read_peptide(DeckTable& table) {
  ComparedPeptideDeck peptide;
  peptide.name = table.string({"name", "of the molecule"}, std::nullopt);
  peptide.reference =
      table.path({"reference", "trajectory of a long exact run, such as replica exchange"},
                 std::nullopt, PathRule::kExistingFile);
  peptide.tica_trajectory = table.path(
      {"tica_trajectory", "what TICA is fitted to, such as plain dynamics; \"\": the reference"},
      "", PathRule::kExistingFile);
  std::set<std::string> names;
  for (DeckTable& run_table : table.tables({"run", "Finished runs of the molecule."}, 1)) {
    peptide.runs.push_back(read_run(run_table));
    if (!names.insert(peptide.runs.back().name).second && !run_table.failed("name"))
      run_table.error("name", "another run of this peptide has the name; choose a different one");
  }
  return peptide;
}

ComparedTicaDeck read_tica(DeckTable table) {
  ComparedTicaDeck tica;
  tica.lag_frames = table.count({"lag", "stored frames from one end of a pair to the other"},
                                tica.lag_frames, 1, kMostInnerSteps);
  tica.max_frames = table.count({"max_frames", "that are fitted to, of all chains"},
                                tica.max_frames, 100, kMostAtOnce);
  tica.koopman =
      table.boolean({"koopman", "weights for chains that are not in equilibrium"}, tica.koopman);
  tica.distances = table.boolean(
      {"distances", "of heavy atoms three or more bonds apart, as features"}, tica.distances);
  tica.side_chains =
      table.boolean({"side_chains", "torsions beside phi and psi, as features"}, tica.side_chains);
  return tica;
}

ComparedStatesDeck read_states(DeckTable table) {
  ComparedStatesDeck states;
  states.min_population =
      table.real({"min_population", "in the reference; smaller basins are no states"},
                 states.min_population, Bounds::inside(0.0, 1.0));
  states.side_chains =
      table.boolean({"side_chains", "states of side-chain torsions, too"}, states.side_chains);
  states.basins.n_bins =
      table.count({"bins", "of each angle"}, states.basins.n_bins, 8, kMostParts);
  states.basins.smoothing_rad = table.quantity({"smoothing", "of the counts, standard deviation"},
                                               "deg", states.basins.smoothing_rad, kTurns);
  states.basins.barrier_kT = table.real({"barrier", "kT; basins behind lower ones are one state"},
                                        states.basins.barrier_kT, Bounds::between(0.0, 1e3));
  return states;
}

ComparedDistancesDeck read_distances(DeckTable table) {
  ComparedDistancesDeck distances;
  distances.n_frames =
      table.count({"frames", "of each sample; optimal transport takes minutes for 10000"},
                  distances.n_frames, 10, kMostAtOnce);
  distances.n_curve_frames = table.count({"curve_frames", "the same for distances along a run"},
                                         distances.n_curve_frames, 10, kMostAtOnce);
  distances.n_curve_points =
      table.count({"curve_points", "parts of a run, each twice the one before; 0: no curves"},
                  distances.n_curve_points, 0, 64);
  distances.n_floors =
      table.count({"floors", "pairs of samples of the reference that are averaged"},
                  distances.n_floors, 1, kMostParts);
  return distances;
}

/// A name that a folder can have, too.
bool is_folder_name(const std::string& name) {
  return !name.empty() && name != "." && name != ".." &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.';
         });
}

/// Why a peptide cannot be built; empty when it can.
std::string why_not_built(const std::string& sequence) {
  try {
    const std::vector<std::string> templates = mlsamplers::parse_sequence(sequence);
    mlsamplers::require_extended(templates);
    mlsamplers::build_peptide(templates);
  } catch (const engine::InputError& error) {
    return error.what();
  }
  return "";
}

std::vector<MadePeptideDeck> read_made_peptides(DeckTable& table) {
  std::vector<MadePeptideDeck> peptides;
  std::set<std::string> names;
  const auto add = [&](const char* key, std::size_t entry, const MadePeptideDeck& peptide) {
    if (!names.insert(peptide.name).second)
      table.entry_error(key, entry,
                        "another one is called '" + peptide.name +
                            "', and folders have these names; leave one out");
    peptides.push_back(peptide);
  };
  const std::vector<std::string> sequences = table.string_list(
      {"sequences", "built and run: \"ADK\", \"ACE-ALA-NME\""}, std::vector<std::string>());
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    const std::string why = why_not_built(sequences[i]);
    if (!why.empty()) table.entry_error("sequences", i, why);
    add("sequences", i, {sequences[i], sequences[i], {}});
  }
  const std::vector<std::filesystem::path> files = table.path_list(
      {"coordinates", "files of molecules that are run, too"}, PathRule::kExistingFile);
  for (std::size_t i = 0; i < files.size(); ++i)
    add("coordinates", i, {files[i].stem().string(), "", files[i]});
  return peptides;
}

MadeRunDeck read_made_run(DeckTable& table) {
  MadeRunDeck made;
  made.run.name = table.string({"name", "of this run, in tables and as a folder"}, std::nullopt);
  if (!table.describing() && !table.failed("name")) {
    if (!is_folder_name(made.run.name))
      table.error("name", "a folder gets this name; use letters, digits, '_', '-' and '.'");
    else if (made.run.name == "reference" || made.run.name == "openmm_dynamics")
      table.error("name", "this name is taken; choose a different one");
  }
  made.run.role = table.choice<ComparedRole>(
      {"role", "what it stands for; OpenMM's dynamics has its own table"},
      {{"run", ComparedRole::kRun}, {"plain_dynamics", ComparedRole::kPlainDynamics}},
      made.run.role);
  made.deck = table.path({"deck", "of saltus run; molecule and folder are set for each peptide"},
                         std::nullopt, PathRule::kExistingFile);
  read_training_costs(table, made.run);
  return made;
}

std::vector<MadeRunDeck> read_made_runs(DeckTable& root) {
  std::vector<MadeRunDeck> runs;
  std::set<std::string> names;
  for (DeckTable& table : root.tables({"run", "A run that is made of every one of them."}, 1)) {
    runs.push_back(read_made_run(table));
    if (!names.insert(runs.back().run.name).second && !table.failed("name"))
      table.error("name", "another run has the name; choose a different one");
  }
  return runs;
}

ComparedOpenMMDeck read_openmm(DeckTable table) {
  ComparedOpenMMDeck deck;
  deck.length_ps =
      table.quantity({"length", "of the trajectory"}, "ns", deck.length_ps, kDurations);
  deck.equilibration_ps = table.quantity({"equilibration", "before it, neither stored nor counted"},
                                         "ns", deck.equilibration_ps, kDurationsFromZero);
  deck.dynamics.time_step_ps = table.quantity({"time_step", "integration step"}, "fs",
                                              deck.dynamics.time_step_ps, kTimeSteps);
  deck.dynamics.friction_per_ps = table.quantity({"friction", "collision rate"}, "/ps",
                                                 deck.dynamics.friction_per_ps, kFrictions);
  deck.hydrogen_mass_dalton =
      table.quantity({"hydrogen_mass", "heavier hydrogens allow longer steps"}, "amu",
                     deck.hydrogen_mass_dalton, kHydrogenMasses);
  deck.frame_period_ps =
      table.quantity({"frame_period", "between frames"}, "ps", deck.frame_period_ps, kDurations);
  std::string& platform = deck.dynamics.platform.name;
  platform = table.string({"platform", "of OpenMM: Reference, CPU, or fastest"}, platform);
  check_multiple(table, "frame_period", deck.frame_period_ps, "time_step",
                 deck.dynamics.time_step_ps);
  check_multiple(table, "length", deck.length_ps, "frame_period", deck.frame_period_ps);
  constexpr double kMinFrames = 10.0;
  if (!table.failed("length") && !table.failed("frame_period") &&
      deck.length_ps < (kMinFrames - 0.5) * deck.frame_period_ps)
    table.error("length", "expected at least 10 times frame_period; fewer frames say nothing");
  if (deck.equilibration_ps > 0.0)
    check_multiple(table, "equilibration", deck.equilibration_ps, "time_step",
                   deck.dynamics.time_step_ps);
  return deck;
}

bool has_run(const MadePeptidesDeck& made, const std::string& name) {
  return (made.openmm_dynamics && name == kOpenMMRunName) ||
         std::any_of(made.runs.begin(), made.runs.end(),
                     [&](const MadeRunDeck& run) { return run.run.name == name; });
}

/// @param makes  out: whether there are molecules to run, right or wrong ones
MadePeptidesDeck read_made(DeckTable& root, bool& makes) {
  MadePeptidesDeck made;
  DeckTable table = root.table({"peptides",
                                "Molecules that are run before they are compared; runs that are "
                                "there are used again."});
  made.peptides = read_made_peptides(table);
  constexpr const char* kWhen = "peptides.sequences or peptides.coordinates";
  makes = !made.peptides.empty() || table.failed("sequences") || table.failed("coordinates");
  if (table.applies("folder", makes, "sequences or coordinates"))
    made.folder = table.path({"folder", "of a folder for each molecule, with one for each run"},
                             std::nullopt, PathRule::kAny);
  if (table.applies("reference_deck", makes, "sequences or coordinates"))
    made.reference_deck = table.path(
        {"reference_deck", "of saltus run: long, exact; molecule and folder are set for each"},
        std::nullopt, PathRule::kExistingFile);
  if (table.applies("tica_run", makes, "sequences or coordinates"))
    made.tica_run =
        table.string({"tica_run", "name of the run TICA is fitted to; \"\": the reference"}, "");
  if (root.applies("run", makes, kWhen)) made.runs = read_made_runs(root);
  const bool has_openmm = root.describing() || root.has("openmm_dynamics");
  if (root.applies("openmm_dynamics", makes, kWhen) && has_openmm)
    made.openmm_dynamics = read_openmm(root.table({"openmm_dynamics",
                                                   "OpenMM's Langevin dynamics of every one of "
                                                   "them; without this table there is none."}));
  if (!made.tica_run.empty() && !has_run(made, made.tica_run))
    table.error("tica_run",
                "no [[run]] has this name, and it is not \"" + std::string(kOpenMMRunName) + "\"");
  return made;
}

CompareDeck read_deck(DeckTable& root) {
  CompareDeck deck;
  const auto shown = root.describing() ? std::optional<std::int64_t>(kSchema) : std::nullopt;
  root.integer({"schema", "version of the deck's layout"}, shown, kSchema, kSchema);
  deck.title = root.string({"title", "of the page"}, "Comparison");
  deck.threads = read_threads(root, "0: all processors", deck.threads);
  deck.tica = read_tica(root.table({"tica", "Slow coordinates, by TICA."}));
  deck.states = read_states(root.table({"states", "Torsion states: basins of the reference."}));
  deck.distances =
      read_distances(root.table({"distances", "Wasserstein distances to the reference."}));
  DeckTable output = root.table({"output", "Where compare.html and compare.json go."});
  deck.directory =
      output.path({"directory", "is made if it does not exist"}, std::nullopt, PathRule::kAny);
  deck.overwrite = output.boolean(
      {"overwrite", "replace an earlier comparison, and runs that another deck made"},
      deck.overwrite);
  bool makes = false;
  deck.made = read_made(root, makes);
  std::set<std::string> names;
  for (const MadePeptideDeck& made : deck.made.peptides) names.insert(made.name);
  for (DeckTable& table :
       root.tables({"peptide", "A molecule that has been run: its reference and its runs."},
                   makes ? 0u : 1u)) {
    deck.peptides.push_back(read_peptide(table));
    if (!names.insert(deck.peptides.back().name).second && !table.failed("name"))
      table.error("name", "another peptide has the name; choose a different one");
  }
  return deck;
}

}  // namespace

std::string to_string(ComparedRole role) {
  switch (role) {
    case ComparedRole::kOpenMMDynamics:
      return "OpenMM dynamics";
    case ComparedRole::kPlainDynamics:
      return "plain dynamics";
    case ComparedRole::kRun:
      break;
  }
  return "run";
}

LoadedCompareDeck load_compare_deck(const std::filesystem::path& path,
                                    const std::vector<std::string>& overrides) {
  io::DeckDocument document = io::load_deck(path, overrides);
  require_deck_of("compare", path, document);
  io::DeckReader reader(std::move(document));
  DeckTable root = reader.root();
  LoadedCompareDeck loaded;
  loaded.file = path;
  loaded.deck = read_deck(root);
  reader.finish();
  loaded.resolved_toml = reader.resolved_toml();
  return loaded;
}

std::string default_compare_deck() {
  return "# Every key of a deck of 'saltus compare', with its default.\n\n" +
         io::default_deck([](DeckTable& root) { read_deck(root); });
}

}  // namespace saltus::tools
