#include "tools/saltus/decks/compare_deck.h"

#include <set>

#include "io/deck/deck_reader.h"

namespace saltus::tools {

namespace {

using io::Bounds;
using io::DeckTable;
using io::PathRule;

constexpr std::int64_t kSchema = 1;

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
  // An absent key is not zero: what the run has recorded counts then.
  run.training_energy_evaluations =
      table
          .optional_real({"training_energy_evaluations",
                          "of preparation and training, in place of what the run has recorded"},
                         Bounds::at_least(0.0))
          .value_or(run.training_energy_evaluations);
  run.training_cpu_seconds =
      table.optional_real({"training_cpu_seconds", "likewise"}, Bounds::at_least(0.0))
          .value_or(run.training_cpu_seconds);
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
  tica.lag_frames =
      table.count({"lag", "stored frames from one end of a pair to the other"}, tica.lag_frames, 1);
  tica.max_frames =
      table.count({"max_frames", "that are fitted to, of all chains"}, tica.max_frames, 100);
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
  states.basins.n_bins = table.count({"bins", "of each angle"}, states.basins.n_bins, 8);
  states.basins.smoothing_rad =
      table.quantity({"smoothing", "of the counts, standard deviation"}, "deg",
                     states.basins.smoothing_rad, Bounds::positive());
  states.basins.barrier_kT = table.real({"barrier", "kT; basins behind lower ones are one state"},
                                        states.basins.barrier_kT, Bounds::at_least(0.0));
  return states;
}

ComparedDistancesDeck read_distances(DeckTable table) {
  ComparedDistancesDeck distances;
  distances.n_frames =
      table.count({"frames", "of each sample; optimal transport takes minutes for 10000"},
                  distances.n_frames, 10);
  distances.n_curve_frames = table.count({"curve_frames", "the same for distances along a run"},
                                         distances.n_curve_frames, 10);
  distances.n_curve_points =
      table.count({"curve_points", "parts of a run, each twice the one before; 0: no curves"},
                  distances.n_curve_points);
  distances.n_floors = table.count(
      {"floors", "pairs of samples of the reference that are averaged"}, distances.n_floors, 1);
  return distances;
}

CompareDeck read_deck(DeckTable& root) {
  CompareDeck deck;
  const auto shown = root.describing() ? std::optional<std::int64_t>(kSchema) : std::nullopt;
  root.integer({"schema", "version of the deck's layout"}, shown, kSchema, kSchema);
  deck.title = root.string({"title", "of the page"}, "Comparison");
  deck.threads = root.count({"threads", "0: all processors"}, deck.threads);
  deck.tica = read_tica(root.table({"tica", "Slow coordinates, by TICA."}));
  deck.states = read_states(root.table({"states", "Torsion states: basins of the reference."}));
  deck.distances =
      read_distances(root.table({"distances", "Wasserstein distances to the reference."}));
  DeckTable output = root.table({"output", "Where compare.html and compare.json go."});
  deck.directory =
      output.path({"directory", "is made if it does not exist"}, std::nullopt, PathRule::kAny);
  deck.overwrite = output.boolean({"overwrite", "replace an earlier comparison"}, deck.overwrite);
  std::set<std::string> names;
  for (DeckTable& table : root.tables({"peptide", "A molecule, its reference and its runs."}, 1)) {
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
  io::DeckReader reader(io::load_deck(path, overrides));
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
