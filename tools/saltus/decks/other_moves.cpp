#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/text.h"
#include "engine/moves/exploration.h"
#include "engine/moves/multiple_try.h"
#include "engine/moves/nonequilibrium.h"
#include "engine/moves/replica_exchange.h"
#include "engine/system/internal_coordinates.h"
#include "tools/saltus/decks/move_row.h"
#include "tools/saltus/decks/move_rows.h"
#include "tools/saltus/decks/ranges.h"
#include "tools/saltus/decks/sections.h"

namespace saltus::tools {
namespace {

using io::Bounds;
using io::DeckTable;

MoveKind learned_leap() {
  MoveKind kind =
      row("learned_leap",
          "Metropolis over the learned leap of [leap] or a [[proposal]]; exact at one temperature",
          "a learned leap");
  kind.requirements = of_proposals();
  kind.requirements.free_molecule = kind.requirements.one_temperature = true;
  kind.learned = kind.leaps = kind.seldom_accepted = true;
  kind.check = [](const MoveDeck&, const MoveIngredients& from) {
    engine::build_z_matrix(from.topology);
  };
  kind.read = [](DeckTable& table, const MoveContext& context, MoveDeck& move) {
    move.proposal = read_proposal_of_move(table, context);
  };
  kind.propose = [](const MoveDeck& move, const MoveIngredients& from) {
    return from.learned({LearnedKind::kLeap, move.proposal, {}, {}});
  };
  return kind;
}

/// As texts call a peptide model.
std::string name_of_peptide_model(const std::string& model) {
  return model == kShippedPeptideModel ? "the peptide model within Saltus" : model;
}

void read_blocks(DeckTable& table, mlsamplers::PeptideLeapOptions& leap) {
  const auto weight = [&](const char* name, const char* what, double& value) {
    value = table.real({name, what}, value, kWeightsFromZero);
  };
  weight("residues", "how often whole residues, up to a common factor", leap.residues);
  weight("side_chains", "how often side chains", leap.side_chains);
  weight("links", "how often psi and the next phi", leap.links);
  weight("whole", "how often short peptides as a whole", leap.whole);
  weight("crankshafts",
         "how often psi and the next phi turned against each other; of three amino acids or more",
         leap.crankshafts);
  leap.crankshaft_widths = table.quantity_list(
      {"crankshaft_widths", "standard deviations of these turns, each as often"}, "rad",
      leap.crankshaft_widths, kTurns, 1);
  leap.crankshaft_uniform =
      table.real({"crankshaft_uniform", "part of these turns that is by any angle"},
                 leap.crankshaft_uniform, Bounds::inside(0.0, 1.0));
  leap.crankshaft_side_chains_kept =
      table.real({"crankshaft_side_chains_kept", "part of these turns that keep side chains"},
                 leap.crankshaft_side_chains_kept, Bounds::between(0.0, 1.0));
  weight("proline_flips",
         "how often peptide bonds before proline turned between cis and trans; relative to all "
         "other leaps together, where there is one",
         leap.proline_flips);
  weight("peptide_bond_flips", "the same of other peptide bonds, few of which are cis",
         leap.peptide_bond_flips);
  weight("ring_flips",
         "how often proline's ring changed from one pucker to another; relative as proline_flips, "
         "where there is one",
         leap.ring_flips);
  if (!(leap.residues + leap.side_chains + leap.links + leap.whole + leap.crankshafts > 0.0))
    table.table_error(
        "one of residues, side_chains, links, whole and crankshafts must be positive");
}

void read_carries(DeckTable& table, mlsamplers::PeptideLeapOptions& leap) {
  // Anew, a part of the way, and all of it.
  mlsamplers::CarryChoice redrawn = leap.carries.at(0), carried = leap.carries.at(1),
                          transported = leap.carries.at(2);
  const auto weight = [&](const char* name, const char* what, double& value) {
    value = table.real({name, what}, value, kWeightsFromZero);
  };
  weight("redrawn", "how often fast coordinates are drawn anew", redrawn.weight);
  weight("carried", "how often they are carried in part", carried.weight);
  carried.carry = table.real({"carry", "that part"}, carried.carry, Bounds::inside(0.0, 1.0));
  weight("transported", "how often they are moved along", transported.weight);
  leap.carries.clear();
  for (const mlsamplers::CarryChoice& choice : {redrawn, carried, transported})
    if (choice.weight > 0.0) leap.carries.push_back(choice);
  if (leap.carries.empty())
    table.table_error("one of redrawn, carried and transported must be positive");
}

MoveKind peptide_leap() {
  MoveKind kind = row("peptide_leap",
                      "Metropolis over leaps of a peptide's residues, side chains, links and "
                      "crankshafts, by a model for any peptide; exact",
                      "a peptide leap");
  kind.requirements = of_proposals();
  kind.requirements.free_molecule = true;
  kind.leaps = kind.seldom_accepted = true;
  kind.read = [](DeckTable& table, const MoveContext&, MoveDeck& move) {
    LearnedRequest request;
    request.kind = LearnedKind::kPeptideLeap;
    mlsamplers::PeptideLeapOptions& leap = request.peptide;
    request.name = table
                       .path({"model", "\"default\": within Saltus; or a file of saltus train"},
                             std::nullopt, io::PathRule::kExistingFile, {kShippedPeptideModel})
                       .string();
    read_blocks(table, leap);
    read_carries(table, leap);
    if (!request.name.empty() && request.name != kShippedPeptideModel)
      move.files.emplace_back("model", request.name);
    move.ready_models = {name_of_peptide_model(request.name)};
    move.moves_peptides = true;
    move.options = request;
  };
  kind.check = [](const MoveDeck& move, const MoveIngredients& from) {
    from.learned(move.as<LearnedRequest>());
  };
  kind.propose = [](const MoveDeck& move, const MoveIngredients& from) {
    return from.learned(move.as<LearnedRequest>());
  };
  return kind;
}

MoveKind timewarp() {
  MoveKind kind = row("timewarp",
                      "Metropolis over the Timewarp flow of [leap] or a [[proposal]]; exact at one "
                      "temperature and for the handedness it starts with",
                      "a Timewarp flow");
  kind.requirements = of_proposals();
  kind.requirements.one_temperature = true;
  kind.learned = kind.timewarp = kind.leaps = kind.seldom_accepted = true;
  kind.read = [](DeckTable& table, const MoveContext& context, MoveDeck& move) {
    move.proposal = read_proposal_of_move(table, context);
  };
  kind.propose = [](const MoveDeck& move, const MoveIngredients& from) {
    return from.learned({LearnedKind::kTimewarp, move.proposal, {}, {}});
  };
  return kind;
}

MoveKind biased_exploration() {
  struct Options {
    double largest_rise = 300.0;
  };
  MoveKind kind = row(
      "biased_exploration",
      "goes wherever its proposal leads unless the energy rises too much; finds basins, samples "
      "nothing; biased",
      "biased exploration");
  kind.parts = MoveParts::kProposal;
  kind.seldom_accepted = true;
  kind.read = [](DeckTable& table, const MoveContext&, MoveDeck& move) {
    Options options;
    options.largest_rise = table.quantity({"largest_rise", "of the energy in one step"}, "kJ/mol",
                                          options.largest_rise, kEnergies);
    move.options = options;
  };
  kind.build = [](const MoveDeck& move, const MoveIngredients& from) -> MovePointer {
    return std::make_shared<engine::BiasedExploration>(build_proposal(move.parts.at(0), from),
                                                       move.as<Options>().largest_rise);
  };
  return kind;
}

MoveKind multiple_try() {
  struct Options {
    std::size_t n_tries = 8;
  };
  MoveKind kind =
      row("multiple_try", "Metropolis over one of several tries, chosen by weight; exact",
          "multiple-try Metropolis");
  kind.parts = MoveParts::kProposal;
  kind.seldom_accepted = true;
  kind.read = [](DeckTable& table, const MoveContext&, MoveDeck& move) {
    Options options;
    options.n_tries = table.count({"tries", "drawn for each chain, one of them chosen by weight"},
                                  options.n_tries, 2, kMostParts);
    move.options = options;
  };
  kind.build = [](const MoveDeck& move, const MoveIngredients& from) -> MovePointer {
    return std::make_shared<engine::MultipleTry>(build_proposal(move.parts.at(0), from),
                                                 move.as<Options>().n_tries);
  };
  return kind;
}

/// What a deck says of a nonequilibrium candidate.
struct Softening {
  std::size_t n_rungs = 4;
  double softest = 0.8;
  engine::NonequilibriumOptions protocol;
};

/// Every number of rungs with every softest share.
std::vector<ProtocolDeck> read_softenings(DeckTable& table) {
  Softening options;
  const auto rungs = table.counts(
      {"rungs",
       "steps from the energy as it is to the softest; of a list, such as [4, 16], warm-up chooses "
       "what accepts most per energy evaluation"},
      options.n_rungs, 1, kMostInnerSteps, kMostAlternatives);
  const auto shares = table.reals(
      {"softest",
       "share of interactions between atoms that the last rung keeps; may be a list like rungs"},
      options.softest, Bounds::fraction_below_one(), kMostAlternatives);
  options.protocol.n_trajectories =
      table.count({"trajectories", "at each rung, while softening and while restoring"},
                  options.protocol.n_trajectories, 1, kMostInnerSteps);
  options.protocol.hmc = read_trajectories(table, "leapfrog step");
  std::vector<ProtocolDeck> protocols;
  for (const std::size_t n : rungs)
    for (const double share : shares) {
      options.n_rungs = n;
      options.softest = share;
      protocols.push_back(
          {std::to_string(n) + (n == 1 ? " rung to " : " rungs to ") + engine::shortest_text(share),
           options});
    }
  return protocols;
}

MoveKind nonequilibrium() {
  MoveKind kind = row("nonequilibrium",
                      "a proposal at softened interactions, with hybrid Monte Carlo while they are "
                      "softened and restored; exact",
                      "a nonequilibrium candidate");
  kind.parts = MoveParts::kProposal;
  kind.seldom_accepted = true;
  kind.driven = DrivenKind{[](const MoveDeck& move) { return move.parts.at(0); }};
  kind.read = [](DeckTable& table, const MoveContext& context, MoveDeck& move) {
    take_protocols(table, "rungs", context, read_softenings(table), move);
  };
  kind.build = [](const MoveDeck& move, const MoveIngredients& from) -> MovePointer {
    const auto& options = move.as<Softening>();
    return std::make_shared<engine::NonequilibriumCandidate>(
        build_proposal(move.parts.at(0), from),
        engine::softened_energies(from.system, options.n_rungs, options.softest, from.pool),
        engine::moving_particles(from.system), options.protocol);
  };
  return kind;
}

/// Reads which map carries configurations along: at most one of three keys.
MapRequest read_map(DeckTable& table, const MoveContext& context) {
  const std::string model =
      table
          .path({"model",
                 "peptide model that carries configurations to their new temperature, \"default\" "
                 "or a file; without a map they are exchanged as they are"},
                "", io::PathRule::kExistingFile, {kShippedPeptideModel})
          .string();
  bool harmonic = false;
  std::vector<std::filesystem::path> flows;
  // Only where they are there: without them a deck means what it always did.
  const std::string when = "rigid molecules at constant volume";
  if (table.applies("flow", table.has("flow"), when))
    harmonic = table.choice<bool>({"flow",
                                   "instead of model: scales motions of a crystal's molecules "
                                   "about the minimised coordinates"},
                                  {{"harmonic", true}}, true);
  if (table.applies("flows", table.has("flows"), when))
    flows = table.path_list(
        {"flows",
         "instead of model: rigid-body flows, a file for each pair of neighbouring temperatures"},
        io::PathRule::kExistingFile, table.describing() ? 0 : 1);
  std::vector<std::string> given;
  for (const char* name : {"model", "flow", "flows"})
    if (table.has(name)) given.emplace_back(name);
  for (std::size_t i = 1; i < given.size(); ++i)
    table.error(given[i], "give either " + given[0] + " or " + given[i] + ", not both");
  MapRequest request;
  if (!model.empty()) request = {MapKind::kPeptideModel, {model}};
  if (harmonic) request = {MapKind::kHarmonic, {}};
  if (!flows.empty()) request = {MapKind::kRigidFlows, {}};
  for (const std::filesystem::path& flow : flows) request.names.push_back(flow.string());
  if (harmonic) require_constant_box(table, "flow", context);
  if (!flows.empty()) require_constant_box(table, "flows", context);
  return request;
}

std::shared_ptr<const engine::TemperatureMap> map_of(const MoveDeck& move,
                                                     const MoveIngredients& from) {
  const auto& request = move.as<MapRequest>();
  return request.kind == MapKind::kNone ? nullptr : from.temperature_map(request);
}

MoveKind replica_exchange() {
  MoveKind kind =
      row("replica_exchange", "swaps between neighbouring temperatures of a ladder; exact",
          "replica exchange");
  kind.requirements.several_temperatures = true;
  kind.read = [](DeckTable& table, const MoveContext& context, MoveDeck& move) {
    const MapRequest request = read_map(table, context);
    const bool peptides = request.kind == MapKind::kPeptideModel;
    move.has_map = request.kind != MapKind::kNone;
    if (peptides) {
      move.requirements = of_proposals();
      move.requirements.free_molecule = true;
      move.moves_peptides = true;
    }
    move.requirements.rigid_molecules =
        request.kind == MapKind::kHarmonic || request.kind == MapKind::kRigidFlows;
    for (const std::string& name : request.names) {
      move.ready_models.push_back(peptides ? name_of_peptide_model(name) : name);
      if (name != kShippedPeptideModel) move.files.emplace_back(peptides ? "model" : "flows", name);
    }
    move.options = request;
  };
  kind.check = [](const MoveDeck& move, const MoveIngredients& from) {
    // A minimum is not looked for before the run begins.
    if (move.as<MapRequest>().kind == MapKind::kHarmonic)
      bodies_of(from);
    else
      map_of(move, from);
  };
  kind.build = [](const MoveDeck& move, const MoveIngredients& from) -> MovePointer {
    return std::make_shared<engine::ReplicaExchange>(from.ladder_size, map_of(move, from));
  };
  kind.map = map_of;
  return kind;
}

MoveKind mixture() {
  MoveKind kind = row("mixture", "one of its parts, drawn at random in each step", "a mixture");
  kind.parts = MoveParts::kMoves;
  return kind;
}

}  // namespace

std::vector<MoveKind> other_moves() {
  return {learned_leap(),   peptide_leap(),     timewarp(),           multiple_try(),
          nonequilibrium(), replica_exchange(), biased_exploration(), mixture()};
}

}  // namespace saltus::tools
