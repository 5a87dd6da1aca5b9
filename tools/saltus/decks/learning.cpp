#include <algorithm>
#include <cctype>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "io/deck/quantity.h"
#include "tools/saltus/decks/move_kinds.h"
#include "tools/saltus/decks/ranges.h"
#include "tools/saltus/decks/sections.h"

namespace saltus::tools {
namespace {

namespace fs = std::filesystem;
using io::Bounds;
using io::DeckTable;
using io::PathRule;

// The usual ladder begins at the temperature of the run; 310 K gives 310, 400, 520 and 680 K.
std::vector<double> usual_pilot_temperatures(double temperature_K) {
  const std::vector<double> model = PilotDeck{}.temperatures_K;
  std::vector<double> temperatures = {temperature_K};
  for (std::size_t i = 1; i < model.size(); ++i) {
    temperatures.push_back(std::round(temperature_K * model[i] / model[0]));
  }
  return temperatures;
}

void check_pilot_temperatures(DeckTable& table, const PilotDeck& pilot,
                              std::optional<double> temperature_K) {
  if (table.failed("temperatures")) return;
  const std::vector<double>& levels = pilot.temperatures_K;
  if (temperature_K && !levels.empty() && levels[0] != *temperature_K) {
    table.entry_error("temperatures", 0,
                      "expected ensemble.temperature, " + io::format_quantity(*temperature_K, "K") +
                          ", got " + io::format_quantity(levels[0], "K"));
  }
  check_ascending(table, "temperatures", levels);
}

void read_training(DeckTable& table, LeapDeck& leap) {
  const auto used = [&](const char* name) {
    if (leap.timewarp && !table.describing())
      return table.applies(name, false, "a [[move]] of kind \"learned_leap\"");
    return table.applies(name, leap.train || table.failed("model"), "model = \"train\"");
  };
  const auto count = [&](const char* name, const char* what, std::size_t& value, std::size_t most) {
    if (used(name)) value = table.count({name, what}, value, 1, most);
  };
  const auto real = [&](const char* name, const char* what, double& value, Bounds bounds) {
    if (used(name)) value = table.real({name, what}, value, bounds);
  };
  mlsamplers::LeapTrainingOptions& training = leap.options.training;
  mlsamplers::LeapRefinementOptions& refinement = leap.options.refinement;
  if (used("lag")) {
    training.lag_ps = table.quantity({"lag", "time between the ends of a training pair"}, "ps",
                                     training.lag_ps, kDurations);
  }
  count("components", "of each soft torsion's mixture", training.n_components, kMostParts);
  count("rotor_components", "of each rotor's mixture", training.n_rotor_components, kMostParts);
  count("hidden", "width of the networks' layers", training.n_hidden, kMostFeatures);
  real("uniform_fraction", "part of the proposals that is uniform in soft torsions",
       training.uniform_fraction, Bounds::inside(0.0, 1.0));
  if (used("soft_threshold")) {
    training.soft_threshold_rad =
        table.quantity({"soft_threshold", "circular deviation above which a torsion is soft"},
                       "deg", training.soft_threshold_rad, kTurns);
  }
  count("epochs", "at most; training stops early on held-out data", training.n_epochs,
        kMostInnerSteps);
  count("batch_size", "pairs per gradient", training.batch_size, kMostAtOnce);
  real("learning_rate", "of the optimiser", training.learning_rate, kLearningRates);
  real("weight_decay", "of the optimiser", training.weight_decay, kWeightDecays);
  real("held_out_fraction", "part of the ladders that is kept for checking",
       training.held_out_fraction, Bounds::inside(0.0, 1.0));
  real("smoothness", "penalty on rough regression of the fast coordinates", training.smoothness,
       kSmoothnesses);
  if (used("refinement_rounds")) {
    refinement.n_rounds =
        table.count({"refinement_rounds", "of fitting the model again to its own leaps"},
                    refinement.n_rounds, 0, kMostParts);
  }
  const std::string leaps =
      "of each of " + std::to_string(refinement.n_chains) + " chains in a round";
  count("refinement_leaps", leaps.c_str(), refinement.n_leaps, kMostInnerSteps);
}

PilotDeck read_pilot(DeckTable table, std::optional<double> temperature_K) {
  PilotDeck pilot;
  pilot.temperatures_K = table.quantity_list(
      {"temperatures", "ladder of the pilot, from the run's temperature up"}, "K",
      usual_pilot_temperatures(temperature_K.value_or(pilot.temperatures_K[0])), kTemperatures, 1);
  check_pilot_temperatures(table, pilot, temperature_K);
  pilot.ladders = table.count({"ladders", "independent ladders"}, pilot.ladders, 1, kMostParts);
  pilot.dynamics.time_step_ps = table.quantity({"time_step", "integration step"}, "fs",
                                               pilot.dynamics.time_step_ps, kTimeSteps);
  pilot.hydrogen_mass_dalton =
      table.quantity({"hydrogen_mass", "heavier hydrogens allow longer steps"}, "amu",
                     pilot.hydrogen_mass_dalton, kHydrogenMasses);
  pilot.dynamics.friction_per_ps = table.quantity({"friction", "collision rate"}, "/ps",
                                                  pilot.dynamics.friction_per_ps, kFrictions);
  pilot.exchange_period_ps = table.quantity({"exchange_period", "between swaps of temperatures"},
                                            "ps", pilot.exchange_period_ps, kDurations);
  pilot.frame_period_ps =
      table.quantity({"frame_period", "between frames"}, "ps", pilot.frame_period_ps, kDurations);
  pilot.length_ps = table.quantity({"length", "of each ladder, with equilibration"}, "ps",
                                   pilot.length_ps, kDurations);
  pilot.equilibration_ps = table.quantity({"equilibration", "discarded at the start"}, "ps",
                                          pilot.equilibration_ps, kDurationsFromZero);
  check_multiple(table, "frame_period", pilot.frame_period_ps, "time_step",
                 pilot.dynamics.time_step_ps);
  check_multiple(table, "exchange_period", pilot.exchange_period_ps, "time_step",
                 pilot.dynamics.time_step_ps);
  if (pilot.equilibration_ps >= pilot.length_ps && !table.failed("length") &&
      !table.failed("equilibration")) {
    table.error("equilibration", "expected less than length (" +
                                     io::format_quantity(pilot.length_ps, "ps") + "), got " +
                                     io::format_quantity(pilot.equilibration_ps, "ps"));
  }
  return pilot;
}

LeapDeck read_leap(DeckTable table, bool timewarp) {
  LeapDeck leap;
  if (timewarp) leap.timewarp.emplace();
  leap.model = table.path({"model", "\"train\", or a model file to load"}, std::nullopt,
                          PathRule::kExistingFile, {"train"});
  leap.train = leap.model == fs::path("train");
  if (leap.train) leap.model.clear();
  const bool trains = leap.train || table.failed("model");
  if (table.applies("save", trains, "model = \"train\""))
    leap.save = table.path({"save", "file for the trained model"}, "", PathRule::kAny);
  read_training(table, leap);
  if (table.applies("timewarp", timewarp && trains,
                    timewarp ? "model = \"train\"" : "a [[move]] of kind \"timewarp\"")) {
    const auto options =
        read_timewarp(table.table({"timewarp", "Size and training of a Timewarp flow."}));
    if (timewarp) leap.timewarp = options;
  }
  return leap;
}

void check_lag(DeckTable leap_table, const LeapDeck& leap, DeckTable pilot_table,
               const PilotDeck& pilot) {
  for (const char* name : {"length", "equilibration", "frame_period"}) {
    if (pilot_table.failed(name)) return;
  }
  if (leap_table.failed("lag")) return;
  const double lag_ps = leap.lag_ps();
  const double kept = pilot.length_ps - pilot.equilibration_ps;
  // Of a Timewarp flow it stands in a table of its own.
  const std::string key = leap.timewarp ? "timewarp" : "lag", start = leap.timewarp ? "lag: " : "";
  if (!is_multiple(lag_ps, pilot.frame_period_ps)) {
    leap_table.error(key, start + "expected a multiple of pilot.frame_period (" +
                              io::format_quantity(pilot.frame_period_ps, "ps") + "), got " +
                              io::format_quantity(lag_ps, "ps"));
  } else if (lag_ps >= kept) {
    leap_table.error(key, start + "expected less than what the pilot keeps (" +
                              io::format_quantity(kept, "ps") + "), got " +
                              io::format_quantity(lag_ps, "ps"));
  }
}

// Whether a move draws from it as a Timewarp flow, or as a leap in internal coordinates.
bool is_used_as(const RunDeck& deck, const std::string& name, bool timewarp) {
  return any_move(deck.moves, [&](const MoveDeck& move) {
    return move.kind->learned && move.kind->timewarp == timewarp && move.proposal == name;
  });
}

// One model is of one kind.
bool reads_timewarp(DeckTable& table, const RunDeck& deck, const std::string& name) {
  const bool timewarp = is_used_as(deck, name, true);
  if (timewarp && is_used_as(deck, name, false))
    table.table_error(
        "a \"timewarp\" and a \"learned_leap\" cannot share a model; give each a [[proposal]]");
  return timewarp;
}

bool is_wanted(const RunDeck& deck, const LeapDeck& leap) {
  return any_move(deck.moves, [&](const MoveDeck& move) {
    return move.kind->learned && move.proposal == leap.name;
  });
}

// A model that is trained, and the table it is read from.
struct ReadLeap {
  LeapDeck leap;
  DeckTable table;
};

// Files of trained models must not replace one another.
void check_saves(std::vector<ReadLeap>& leaps) {
  for (std::size_t i = 0; i < leaps.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (!leaps[i].leap.save.empty() && leaps[i].leap.save == leaps[j].leap.save)
        leaps[i].table.error("save", leaps[j].leap.section + " is saved there, too");
}

std::vector<ReadLeap> read_proposals(const LearningContext& context, const RunDeck& deck) {
  // A learned move whose proposal could not be read may use any of them.
  const bool moves_known = context.moves_known && !is_wanted(deck, {});
  std::vector<ReadLeap> result;
  for (const ProposalTable& proposal : context.proposals) {
    DeckTable table = proposal.table;
    ReadLeap next = {read_leap(table, reads_timewarp(table, deck, proposal.name)), table};
    next.leap.name = proposal.name;
    next.leap.section = "proposal[" + std::to_string(result.size()) + ']';
    const bool known = moves_known && !proposal.name.empty();
    if (known && !next.table.describing() && !is_wanted(deck, next.leap))
      next.table.error("name", "no [[move]] uses \"" + proposal.name + '"');
    result.push_back(std::move(next));
  }
  check_saves(result);
  return result;
}

std::vector<ReadLeap> read_leaps(DeckTable& root, const LearningContext& context,
                                 const RunDeck& deck) {
  std::vector<ReadLeap> result = read_proposals(context, deck);
  const io::DeckKey key = {"leap", "The learned leap's model, when there is one only."};
  if (root.has("proposal")) {
    if (root.has(key.name)) {
      read_leap(root.table(key), false);
      root.error(key.name, "give either [leap] or [[proposal]], not both");
    }
    return result;
  }
  const auto learned = [](const MoveKind& kind) { return kind.learned; };
  const bool wanted = is_wanted(deck, {}) || (!context.moves_known && root.has(key.name));
  if (root.applies(key.name, wanted, "a [[move]] of kind " + kinds_in_quotes(learned))) {
    DeckTable table = root.table(key);
    LeapDeck leap = read_leap(table, reads_timewarp(table, deck, ""));
    result.push_back({std::move(leap), table});
  }
  return result;
}

bool is_name(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_';
  });
}

}  // namespace

std::vector<ProposalTable> read_proposal_names(DeckTable& root) {
  std::vector<ProposalTable> result;
  for (DeckTable& table : root.tables(
           {"proposal", "A learned proposal that moves refer to by name, instead of [leap]."})) {
    std::string name = table.string({"name", "by which moves refer to it"}, io::kRequired);
    if (table.describing() || table.failed("name"))
      name.clear();
    else if (!is_name(name))
      table.error("name", "expected letters, digits, - and _, got \"" + name + '"');
    for (std::size_t i = 0; i < result.size(); ++i)
      if (!name.empty() && result[i].name == name)
        table.error("name", "proposal[" + std::to_string(i) + "] is called so, too");
    result.push_back({table.failed("name") ? "" : name, table});
  }
  return result;
}

std::string read_proposal_of_move(DeckTable& table, const MoveContext& context) {
  const io::DeckKey key = {"proposal", "name of a [[proposal]]"};
  if (!table.applies(key.name, context.has_proposals, "[[proposal]]")) return "";
  if (context.proposals.empty()) return table.string(key, io::kRequired);
  // The only one needs no name.
  const auto fallback =
      context.proposals.size() == 1 ? std::optional<std::size_t>(0) : std::nullopt;
  const std::size_t index = table.choice_index(key, context.proposals, fallback);
  return table.failed(key.name) ? "" : context.proposals[index];
}

void read_learning(DeckTable& root, const LearningContext& context, RunDeck& deck) {
  std::vector<ReadLeap> leaps = read_leaps(root, context, deck);
  const bool trains = std::any_of(leaps.begin(), leaps.end(), [](const ReadLeap& read) {
    return read.leap.train || read.table.failed("model");
  });
  const bool starts = deck.chains.start == ChainStart::kPilot || !context.start_known;
  if (root.applies("pilot", trains || starts,
                   "leap.model = \"train\" or chains.start = \"pilot\"")) {
    DeckTable pilot_table = root.table(
        {"pilot", "Plain dynamics with replica exchange that the learned leap is fitted to."});
    deck.pilot = read_pilot(pilot_table, context.temperature_K);
    for (const ReadLeap& read : leaps)
      if (read.leap.train) check_lag(read.table, read.leap, pilot_table, *deck.pilot);
  }
  for (ReadLeap& read : leaps) deck.leaps.push_back(std::move(read.leap));
}

}  // namespace saltus::tools
