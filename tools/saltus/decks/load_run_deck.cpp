#include "tools/saltus/decks/load_run_deck.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "io/deck/deck_reader.h"
#include "io/deck/quantity.h"
#include "tools/saltus/decks/deck_kind.h"
#include "tools/saltus/decks/move_kinds.h"
#include "tools/saltus/decks/ranges.h"
#include "tools/saltus/decks/sections.h"
#include "tools/saltus/decks/whole_deck.h"

namespace saltus::tools {
namespace {

using io::Bounds;
using io::DeckTable;

std::vector<double> read_temperatures(DeckTable& table) {
  const bool ladder = table.has("temperatures");
  if (ladder && table.has("temperature")) {
    table.error("temperature", "give either temperature or temperatures, not both");
  }
  std::vector<double> temperatures;
  if (!ladder || table.has("temperature")) {
    const double one =
        table.quantity({"temperature", "of all chains"}, "K", std::nullopt, kTemperatures);
    temperatures = {one};
  }
  if (table.applies("temperatures", ladder, "replica exchange")) {
    temperatures = table.quantity_list(
        {"temperatures", "levels of a ladder, ascending, instead of temperature"}, "K",
        std::vector<double>{}, kTemperatures, 2);
    if (!table.failed("temperatures")) check_ascending(table, "temperatures", temperatures);
  }
  return temperatures;
}

std::optional<double> read_pressure(DeckTable& table) {
  const std::optional<double> pressure = table.optional_quantity(
      {"pressure", "of all chains, whose boxes then change; without it they stay"}, "bar",
      Bounds::between(1e-6 * engine::kKJPerBarNm3, 1e7 * engine::kKJPerBarNm3)
          .usually(engine::kKJPerBarNm3));
  if (!pressure) return std::nullopt;
  return *pressure / engine::kKJPerBarNm3;
}

WarmUpDeck read_warm_up(DeckTable table) {
  WarmUpDeck warm_up;
  warm_up.steps = table.count({"steps", "discarded before the run"}, warm_up.steps, 0, kMostSteps);
  warm_up.tune = table.boolean({"tune", "find step sizes in these steps"}, warm_up.steps > 0);
  if (warm_up.tune && warm_up.steps == 0 && !table.failed("steps")) {
    table.error("tune", "needs warm_up.steps of at least 1");
  }
  return warm_up;
}

ChainsDeck read_chains(DeckTable table) {
  ChainsDeck chains;
  chains.count = table.count({"count", "chains, or ladders when there are temperatures"},
                             chains.count, 1, kMostAtOnce);
  chains.start = table.choice<ChainStart>({"start", "where chains begin"},
                                          {{"minimised", ChainStart::kMinimised},
                                           {"input", ChainStart::kInput},
                                           {"pilot", ChainStart::kPilot}},
                                          chains.start);
  return chains;
}

RunSectionDeck read_run_section(DeckTable table) {
  RunSectionDeck run;
  run.steps =
      table.count({"steps", "each applies every [[move]] in turn"}, run.steps, 0, kMostSteps);
  run.frame_period = table.count({"frame_period", "steps between frames; 0 never"},
                                 run.frame_period, 0, kMostSteps);
  run.checkpoint_period =
      table.count({"checkpoint_period", "steps between checkpoints; 0: at the end"},
                  run.checkpoint_period, 0, kMostSteps);
  run.energy_check_period =
      table.count({"energy_check_period", "steps between checks of carried energies; 0 never"},
                  run.energy_check_period, 0, kMostSteps);
  run.energy_tolerance =
      table.real({"energy_tolerance", "of these checks, relative to max(1, |U|)"},
                 run.energy_tolerance, Bounds::between(1e-15, 1.0));
  return run;
}

std::vector<TorsionSelector> read_torsions(DeckTable table) {
  std::vector<TorsionSelector> torsions;
  for (const auto& [name, texts] : table.named_string_lists(0)) {
    if (table.failed(name)) continue;
    check_four_atoms(table, name, texts.size());
    torsions.push_back({name, read_atoms(table, name, texts)});
  }
  return torsions;
}

// has_map: whether a move has one, also where that could not be read.
ObservablesDeck read_observables(DeckTable table, bool has_map) {
  ObservablesDeck observables;
  observables.backbone_torsions = table.boolean({"backbone_torsions", "every phi and psi there is"},
                                                observables.backbone_torsions);
  if (table.applies("map_work", has_map, "a move that has a map between temperatures"))
    observables.map_work = table.boolean(
        {"map_work",
         "work of the map to both neighbouring temperatures, for free energies; a frame costs two "
         "evaluations for each pair of levels"},
        observables.map_work);
  observables.torsions = read_torsions(table.table(
      {"torsions", "More of them by name: chi = [\"2:N\", \"2:CA\", \"2:CB\", \"2:CG\"]"}));
  return observables;
}

OutputDeck read_output(DeckTable table) {
  OutputDeck output;
  output.directory = table.string({"directory", "relative to the current folder"}, std::nullopt);
  output.trajectory = table.string({"trajectory", "HDF5 file in the directory"}, output.trajectory);
  output.overwrite = table.boolean({"overwrite", "replace files that exist"}, output.overwrite);
  output.velocities = table.boolean({"velocities", "write velocities too"}, output.velocities);
  for (const char* name : {"directory", "trajectory"}) {
    const std::string& text =
        name == std::string("directory") ? output.directory : output.trajectory;
    if (text.empty() && table.has(name) && !table.failed(name)) {
      table.error(name, "expected a name, got an empty string");
    }
  }
  const std::filesystem::path file = output.trajectory;
  if (!output.trajectory.empty() && !table.failed("trajectory") &&
      (file.has_parent_path() || file.extension() != ".h5" || file.stem().empty())) {
    table.error("trajectory", "expected a file name ending in .h5, without folders, got \"" +
                                  output.trajectory + '"');
  }
  return output;
}

ComparisonDeck read_comparison(DeckTable table, bool pressure) {
  ComparisonDeck comparison;
  comparison.openmm_dynamics = table.boolean(
      {"openmm_dynamics", "plain dynamics by OpenMM, as a baseline"}, comparison.openmm_dynamics);
  if (comparison.openmm_dynamics && pressure)
    table.error("openmm_dynamics",
                "plain dynamics run at constant volume, another ensemble than that of "
                "ensemble.pressure; leave one of the two out");
  const auto quantity = [&](const char* name, const char* what, const char* unit, double& value,
                            Bounds bounds) {
    if (table.applies(name, comparison.openmm_dynamics || table.failed("openmm_dynamics"),
                      "openmm_dynamics = true")) {
      value = table.quantity({name, what}, unit, value, bounds);
    }
  };
  if (table.applies("platform", comparison.openmm_dynamics || table.failed("openmm_dynamics"),
                    "openmm_dynamics = true")) {
    std::string& platform = comparison.dynamics.platform.name;
    platform = table.string({"platform", "of OpenMM: Reference, CPU, or fastest"}, platform);
  }
  quantity("length", "of the trajectory", "ps", comparison.length_ps, kDurations);
  quantity("time_step", "integration step", "fs", comparison.dynamics.time_step_ps, kTimeSteps);
  quantity("friction", "collision rate", "/ps", comparison.dynamics.friction_per_ps, kFrictions);
  quantity("hydrogen_mass", "heavier hydrogens allow longer steps", "amu",
           comparison.hydrogen_mass_dalton, kHydrogenMasses);
  quantity("frame_period", "between frames", "ps", comparison.frame_period_ps, kDurations);
  if (comparison.openmm_dynamics) {
    check_multiple(table, "frame_period", comparison.frame_period_ps, "time_step",
                   comparison.dynamics.time_step_ps);
    check_multiple(table, "length", comparison.length_ps, "frame_period",
                   comparison.frame_period_ps);
  }
  return comparison;
}

// Whether the molecule comes with bond orders; nothing when the deck does not say where from.
std::optional<bool> has_bond_orders(const SystemDeck& system) {
  if (system.mmff) return true;
  if (system.force_field.empty() && system.topology.empty() && system.system_xml.empty())
    return std::nullopt;
  return false;
}

// What the ensemble has is of no use without a move that needs it.
void require_move(DeckTable& ensemble, const char* key, const std::string& words,
                  bool engine::MoveRequirements::*need, const std::vector<MoveDeck>& moves) {
  const auto fits = [&](const MoveKind& kind) { return kind.requirements.*need; };
  if (any_move(moves, [&](const MoveDeck& move) { return fits(*move.kind); })) return;
  ensemble.error(key, words + " needs a [[move]] of kind " + kinds_in_quotes(fits));
}

// Levels that nothing connects are no ladder, and boxes that nothing changes have no pressure.
void check_ensemble(DeckTable& ensemble, const RunDeck& deck) {
  using Needs = engine::MoveRequirements;
  if (deck.has_ladder())
    require_move(ensemble, "temperatures", "a ladder", &Needs::several_temperatures, deck.moves);
  if (deck.pressure_bar)
    require_move(ensemble, "pressure", "a pressure", &Needs::pressure, deck.moves);
}

LoadedRunDeck read_document(io::DeckDocument document) {
  io::DeckReader reader(std::move(document));
  DeckTable root = reader.root();
  LoadedRunDeck loaded;
  loaded.deck = read_run_deck(root);
  reader.finish([](DeckTable& again) { read_run_deck(again); });
  loaded.resolved_toml = reader.resolved_toml();
  loaded.digest = reader.digest();
  loaded.values = reader.resolved_values();
  loaded.places = reader.places();
  loaded.notes = reader.notes();
  return loaded;
}

}  // namespace

bool is_multiple(double value_ps, double of_ps) {
  constexpr double kWholeNumberTolerance = 1e-6;
  const double ratio = value_ps / of_ps;
  return ratio > 0.5 && std::abs(ratio - std::round(ratio)) <= kWholeNumberTolerance * ratio;
}

void check_multiple(DeckTable& table, const std::string& name, double value_ps,
                    const std::string& of_name, double of_ps) {
  if (table.failed(name) || table.failed(of_name)) return;
  if (is_multiple(value_ps, of_ps)) return;
  table.error(name, "expected a multiple of " + of_name + " (" + io::format_quantity(of_ps, "ps") +
                        "), got " + io::format_quantity(value_ps, "ps"));
}

void check_ascending(DeckTable& table, const std::string& name,
                     const std::vector<double>& temperatures_K) {
  for (std::size_t i = 1; i < temperatures_K.size(); ++i) {
    if (temperatures_K[i] > temperatures_K[i - 1]) continue;
    table.entry_error(name, i,
                      "expected more than the temperature before, " +
                          io::format_quantity(temperatures_K[i - 1], "K") + ", got " +
                          io::format_quantity(temperatures_K[i], "K"));
  }
}

RunDeck read_run_deck(DeckTable& root) {
  RunDeck deck;
  read_schema(root, kRunDeckSchema);
  deck.title = root.string({"title", "goes into output files"}, deck.title);
  deck.seed = root.count({"seed", "of all random numbers"}, deck.seed, 0, kMostSeed);
  DeckTable system = root.table({"system", "The molecule and its force field."});
  deck.system = read_system(system);
  deck.energy = read_energy(root.table({"energy", "What computes energies and forces."}));
  deck.external = read_external(root);

  DeckTable ensemble = root.table({"ensemble", "What is sampled."});
  deck.temperatures_K = read_temperatures(ensemble);
  deck.pressure_bar = read_pressure(ensemble);
  const bool known = !ensemble.failed("temperature") && !ensemble.failed("temperatures");
  const bool single = known && deck.temperatures_K.size() == 1;
  DeckTable warm_up = root.table({"warm_up", "Steps that are discarded."});
  DeckTable chains = root.table({"chains", "Number of chains and their start."});
  deck.chains = read_chains(chains);
  deck.warm_up = read_warm_up(warm_up);

  MoveContext context;
  if (known) context.ladder = deck.has_ladder();
  if (!ensemble.failed("pressure")) context.pressure = deck.pressure_bar.has_value();
  if (!warm_up.failed("tune") && !warm_up.failed("steps")) context.tune = deck.warm_up.tune;
  if (!system.failed("coordinates")) context.bond_orders = has_bond_orders(deck.system);
  context.external = &deck.external;
  context.has_proposals = root.has("proposal");
  LearningContext learning;
  learning.proposals = read_proposal_names(root);
  for (const ProposalTable& proposal : learning.proposals)
    if (!proposal.name.empty()) context.proposals.push_back(proposal.name);
  MoveList moves = read_moves(root, context);
  deck.moves = std::move(moves.moves);
  if (known && moves.complete) check_ensemble(ensemble, deck);
  if (single) learning.temperature_K = deck.temperatures_K[0];
  learning.moves_known = moves.complete;
  learning.start_known = !chains.failed("start");
  read_learning(root, learning, deck);

  deck.run = read_run_section(root.table({"run", "Length of the run and output intervals."}));
  const bool has_map =
      !moves.complete || any_move(deck.moves, [](const MoveDeck& move) { return move.has_map; });
  deck.observables = read_observables(root.table({"observables", "Observables."}), has_map);
  deck.output = read_output(root.table({"output", "Where results go."}));
  deck.comparison =
      read_comparison(root.table({"comparison", "Another method for the same ensemble."}),
                      deck.pressure_bar.has_value());
  return deck;
}

LoadedRunDeck load_run_deck(const std::filesystem::path& path,
                            const std::vector<std::string>& overrides) {
  io::DeckDocument document = io::load_deck(path, overrides);
  require_deck_of("run", path, document);
  LoadedRunDeck loaded = read_document(std::move(document));
  loaded.file = path;
  return loaded;
}

LoadedRunDeck parse_run_deck(std::string_view text, const std::string& name,
                             const std::filesystem::path& directory,
                             const std::vector<std::string>& overrides) {
  return read_document(io::parse_deck(text, name, directory, overrides));
}

std::string default_run_deck() {
  return "# Every key of a run deck with its default and, in brackets, when it is used.\n"
         "# Keys commented out with \"#\" are off. Values with a dimension are strings with a "
         "unit; bare\n"
         "# numbers are in nm, ps, amu, kJ/mol, K, e and rad.\n\n" +
         io::default_deck([](DeckTable& root) { read_run_deck(root); });
}

}  // namespace saltus::tools
