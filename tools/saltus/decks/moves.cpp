#include <string>
#include <utility>

#include "io/deck/deck_table.h"
#include "tools/saltus/decks/move_kinds.h"
#include "tools/saltus/decks/ranges.h"
#include "tools/saltus/decks/sections.h"

namespace saltus::tools {
namespace {

using io::Bounds;
using io::DeckKey;
using io::DeckTable;

/// Where a move stands in a deck: a step applies it, a mixture draws it, another move proposes
/// by it.
enum class Place { kStep, kMixture, kProposal };

MoveList read_move_list(DeckTable& parent, DeckKey key, Place place, const MoveContext& context);

void check_against_temperatures(DeckTable& table, const MoveKind& kind,
                                const MoveContext& context) {
  if (!context.ladder) return;
  const std::string words = kind.words;
  if (kind.requirements.several_temperatures && !*context.ladder) {
    table.error("kind", words +
                            " needs a ladder; give ensemble.temperatures, such as "
                            "[\"310 K\", \"400 K\"]");
  }
  if (kind.requirements.one_temperature && *context.ladder) {
    table.error("kind", words +
                            " is made for one temperature; give ensemble.temperature "
                            "instead of ensemble.temperatures");
  }
}

void check_against_pressure(DeckTable& table, const MoveKind& kind, const MoveContext& context) {
  if (!kind.requirements.pressure || context.pressure.value_or(true)) return;
  table.error("kind", std::string(kind.words) +
                          " needs a pressure; give ensemble.pressure, such as \"1 bar\", or leave "
                          "this move out");
}

// A move that keeps where a molecule is and how it is turned would not move a tied one.
void check_against_ties(DeckTable& table, const MoveKind& kind, const ExternalDeck& external) {
  if (!kind.requirements.free_molecule) return;
  std::string tie = external.field ? "[field] acts on it in one direction" : "";
  for (std::size_t i = 0; i < external.restraints.size() && tie.empty(); ++i)
    if (external.restraints[i].kind == RestraintKind::kPosition)
      tie = "restraint[" + std::to_string(i) + "] holds atoms in their places";
  if (!tie.empty())
    table.error("kind", std::string(kind.words) +
                            " needs a molecule that may be moved and turned freely, but " + tie +
                            "; leave one of the two out (torsion restraints are fine)");
}

void check_bond_orders(DeckTable& table, const MoveKind& kind, const MoveContext& context) {
  if (!kind.bond_orders || context.bond_orders.value_or(true)) return;
  table.error("kind", std::string(kind.words) +
                          " needs bond orders, which only .sdf and .mol files have; give "
                          "system.coordinates as one of these, with force_field = \"mmff94\" or "
                          "\"mmff94s\", or leave this move out");
}

double read_target_acceptance(DeckTable& table, double usual, const MoveContext& context) {
  if (!table.applies("target_acceptance", context.tune.value_or(true), "warm_up.tune = true")) {
    return 0.0;
  }
  return table.real({"target_acceptance", "acceptance that warm-up tunes the step to"}, usual,
                    Bounds::inside(0.0, 1.0));
}

// What a kind says of itself, and what its table says.
MoveDeck read_own_keys(DeckTable& table, const MoveKind& kind, Place place,
                       const MoveContext& context) {
  MoveDeck move;
  move.section = table.path();
  move.kind = &kind;
  check_against_temperatures(table, kind, context);
  check_against_pressure(table, kind, context);
  if (context.external != nullptr) check_against_ties(table, kind, *context.external);
  check_bond_orders(table, kind, context);
  if (place == Place::kMixture) {
    move.weight =
        table.real({"weight", "relative probability of this part"}, move.weight, kWeights);
  } else if (place == Place::kStep) {
    move.repeat = table.count({"repeat", "applications per step"}, move.repeat, 1, kMostInnerSteps);
  }
  if (kind.read) kind.read(table, context, move);
  // What another move proposes by has no acceptance of its own: its step stays as given.
  if (kind.tuned && place != Place::kProposal) {
    move.target_acceptance = read_target_acceptance(table, kind.tuned->usual_acceptance, context);
  }
  return move;
}

// The one part of a move that is made of a proposal.
MoveList read_proposal(DeckTable& parent, const MoveContext& context) {
  std::vector<DeckKey> kinds;
  for (const MoveKind& kind : move_kinds())
    if (kind.propose) kinds.push_back({kind.name, kind.description});
  MoveList list;
  auto found = parent.table_by_kind({"proposal", "What is proposed."}, "kind", kinds);
  list.complete = found.has_value();
  if (found)
    list.moves.push_back(
        read_own_keys(found->second, move_kind(found->first), Place::kProposal, context));
  return list;
}

MoveDeck read_move(DeckTable& table, const MoveKind& kind, Place place, const MoveContext& context,
                   bool& complete) {
  MoveDeck move = read_own_keys(table, kind, place, context);
  if (kind.parts == MoveParts::kNone) return move;
  MoveList parts = kind.parts == MoveParts::kProposal
                       ? read_proposal(table, context)
                       : read_move_list(table, {"part", "What the mixture chooses from."},
                                        Place::kMixture, context);
  move.parts = std::move(parts.moves);
  complete = complete && parts.complete;
  return move;
}

MoveList read_move_list(DeckTable& parent, DeckKey key, Place place, const MoveContext& context) {
  const bool inside_mixture = place == Place::kMixture;
  std::vector<DeckKey> kinds;
  for (const MoveKind& kind : move_kinds()) {
    const bool nested_mixture = inside_mixture && kind.parts == MoveParts::kMoves;
    // One example of a part is enough for the deck of defaults.
    const bool repeated = inside_mixture && parent.describing() && !kinds.empty();
    if (!nested_mixture && !repeated) kinds.push_back({kind.name, kind.description});
  }
  MoveList list;
  for (auto& [name, table] : parent.tables_by_kind(key, "kind", kinds, inside_mixture ? 2 : 1)) {
    list.moves.push_back(read_move(table, move_kind(name), place, context, list.complete));
  }
  list.complete = list.complete && !parent.failed(key.name);
  return list;
}

}  // namespace

void require_constant_box(DeckTable& table, const std::string& name, const MoveContext& context) {
  if (context.pressure.value_or(false))
    table.error(name,
                "works in one box, but ensemble.pressure changes it; leave one of the two out");
}

void take_protocols(DeckTable& table, const std::string& name, const MoveContext& context,
                    std::vector<ProtocolDeck> protocols, MoveDeck& move) {
  move.options = protocols.at(0).options;
  const bool several = protocols.size() > 1;
  if (several) {
    move.protocols = std::move(protocols);
    if (!context.tune.value_or(true))
      table.error(name,
                  "warm-up chooses from several values, but warm_up.tune = false; give one value");
  }
  if (table.applies("trials", several, "a list of values to choose from"))
    move.n_trials = table.count({"trials",
                                 "drives of each protocol in the warm-up, all chains together, by "
                                 "which one is chosen"},
                                move.n_trials, 2, kMostParts);
}

MoveList read_moves(DeckTable& root, const MoveContext& context) {
  return read_move_list(root, {"move", "One entry per move; a step applies them in this order."},
                        Place::kStep, context);
}

}  // namespace saltus::tools
