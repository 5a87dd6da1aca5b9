#include "tools/saltus/decks/sections.h"

#include <string>
#include <utility>

#include "engine/core/error.h"
#include "engine/tuning/step_size_tuner.h"
#include "io/deck/deck_table.h"

namespace saltus::tools {
namespace {

using io::Bounds;
using io::DeckKey;
using io::DeckTable;

struct KindEntry {
  MoveKind kind;
  DeckKey key;
};

constexpr KindEntry kKinds[] = {
    {MoveKind::kHmc, {"hmc", "hybrid Monte Carlo; exact"}},
    {MoveKind::kGhmc, {"ghmc", "generalised hybrid Monte Carlo, which keeps velocities; exact"}},
    {MoveKind::kLangevin,
     {"langevin", "Langevin dynamics; approximate: errors of order time_step squared"}},
    {MoveKind::kMala, {"mala", "Metropolis-adjusted Langevin step; exact"}},
    {MoveKind::kTorsionWalk, {"torsion_walk", "Metropolis over turns about single bonds; exact"}},
    {MoveKind::kLearnedLeap,
     {"learned_leap", "Metropolis over the learned leap of [leap]; exact at one temperature"}},
    {MoveKind::kReplicaExchange,
     {"replica_exchange", "swaps between neighbouring temperatures of a ladder; exact"}},
    {MoveKind::kMixture, {"mixture", "one of its parts, drawn at random in each step"}},
};

MoveKind kind_named(const std::string& name) {
  for (const KindEntry& entry : kKinds) {
    if (name == entry.key.name) return entry.kind;
  }
  throw engine::InternalError("no move of kind " + name);
}

double read_target_acceptance(DeckTable& table, double usual, const MoveContext& context) {
  if (!table.applies("target_acceptance", context.tune.value_or(true), "warm_up.tune = true")) {
    return 0.0;
  }
  return table.real({"target_acceptance", "acceptance that warm-up tunes the step to"}, usual,
                    Bounds::inside(0.0, 1.0));
}

void read_hamiltonian(DeckTable& table, MoveDeck& move) {
  engine::HamiltonianOptions& options = move.hamiltonian;
  options.time_step_ps = table.quantity({"time_step", "leapfrog step, where warm-up starts"}, "fs",
                                        options.time_step_ps, Bounds::positive());
  options.n_steps = table.count({"steps", "leapfrog steps of a trajectory"}, options.n_steps, 1);
  options.length_jitter = table.real({"length_jitter", "trajectory lengths vary by this fraction"},
                                     options.length_jitter, Bounds::fraction_below_one());
  if (move.kind == MoveKind::kGhmc) {
    options.friction_per_ps =
        table.quantity({"friction", "how fast velocities are renewed"}, "/ps",
                       engine::LangevinOptions{}.friction_per_ps, Bounds::positive());
  }
}

void read_langevin(DeckTable& table, engine::LangevinOptions& options) {
  options.time_step_ps = table.quantity({"time_step", "integration step"}, "fs",
                                        options.time_step_ps, Bounds::positive());
  options.friction_per_ps = table.quantity({"friction", "collision rate"}, "/ps",
                                           options.friction_per_ps, Bounds::at_least(0.0));
  options.n_steps = table.count({"steps", "integration steps"}, options.n_steps, 1);
}

MoveList read_move_list(DeckTable& parent, DeckKey key, bool inside_mixture,
                        const MoveContext& context);

void check_against_temperatures(DeckTable& table, MoveKind kind, const MoveContext& context) {
  if (!context.ladder) return;
  if (kind == MoveKind::kReplicaExchange && !*context.ladder) {
    table.error("kind",
                "replica exchange needs a ladder; give ensemble.temperatures, such as "
                "[\"310 K\", \"400 K\"]");
  }
  if (kind == MoveKind::kLearnedLeap && *context.ladder) {
    table.error("kind",
                "a learned leap is made for one temperature; give ensemble.temperature "
                "instead of ensemble.temperatures");
  }
}

// Leaps keep where a molecule is and how it is turned: with them alone a tied one would not move.
void check_against_ties(DeckTable& table, MoveKind kind, const ExternalDeck& external) {
  if (kind != MoveKind::kLearnedLeap) return;
  std::string tie = external.field ? "[field] acts on it in one direction" : "";
  for (std::size_t i = external.restraints.size(); i-- > 0;)
    if (external.restraints[i].kind == RestraintKind::kPosition)
      tie = "restraint[" + std::to_string(i) + "] holds atoms in their places";
  if (!tie.empty())
    table.error("kind",
                "a learned leap needs a molecule that may be moved and turned freely, but " + tie +
                    "; leave one of the two out (torsion restraints are fine)");
}

MoveDeck read_move(DeckTable& table, MoveKind kind, bool inside_mixture, const MoveContext& context,
                   bool& complete) {
  MoveDeck move;
  move.kind = kind;
  check_against_temperatures(table, kind, context);
  if (context.external != nullptr) check_against_ties(table, kind, *context.external);
  if (inside_mixture) {
    move.weight = table.real({"weight", "relative probability of this part"}, move.weight,
                             Bounds::positive());
  } else {
    move.repeat = table.count({"repeat", "applications per step"}, move.repeat, 1);
  }
  switch (kind) {
    case MoveKind::kHmc:
    case MoveKind::kGhmc:
      read_hamiltonian(table, move);
      move.target_acceptance =
          read_target_acceptance(table, engine::StepSizeTunerOptions{}.target_acceptance, context);
      break;
    case MoveKind::kLangevin:
      read_langevin(table, move.langevin);
      break;
    case MoveKind::kMala:
      move.step_nm = table.quantity({"step", "length for a mass of 1 dalton"}, "nm", move.step_nm,
                                    Bounds::positive());
      move.target_acceptance = read_target_acceptance(table, 0.57, context);
      break;
    case MoveKind::kTorsionWalk:
      move.width_rad = table.quantity({"width", "standard deviation of the angle"}, "deg",
                                      move.width_rad, Bounds::positive());
      move.target_acceptance = read_target_acceptance(table, 0.4, context);
      break;
    case MoveKind::kMixture: {
      MoveList parts =
          read_move_list(table, {"part", "What the mixture chooses from."}, true, context);
      move.parts = std::move(parts.moves);
      complete = complete && parts.complete;
      break;
    }
    case MoveKind::kLearnedLeap:
    case MoveKind::kReplicaExchange:
      break;
  }
  return move;
}

MoveList read_move_list(DeckTable& parent, DeckKey key, bool inside_mixture,
                        const MoveContext& context) {
  std::vector<DeckKey> kinds;
  for (const KindEntry& entry : kKinds) {
    const bool nested_mixture = inside_mixture && entry.kind == MoveKind::kMixture;
    // One example of a part is enough for the deck of defaults.
    const bool repeated = inside_mixture && parent.describing() && !kinds.empty();
    if (!nested_mixture && !repeated) kinds.push_back(entry.key);
  }
  MoveList list;
  for (auto& [name, table] : parent.tables_by_kind(key, "kind", kinds, inside_mixture ? 2 : 1)) {
    list.moves.push_back(
        read_move(table, kind_named(name), inside_mixture, context, list.complete));
  }
  list.complete = list.complete && !parent.failed(key.name);
  return list;
}

}  // namespace

const char* name_of(MoveKind kind) {
  for (const KindEntry& entry : kKinds) {
    if (entry.kind == kind) return entry.key.name;
  }
  throw engine::InternalError("a move kind without a name");
}

MoveList read_moves(DeckTable& root, const MoveContext& context) {
  return read_move_list(root, {"move", "One entry per move; a step applies them in this order."},
                        false, context);
}

}  // namespace saltus::tools
