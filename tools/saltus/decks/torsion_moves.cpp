#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "engine/moves/driven_torsion.h"
#include "engine/moves/torsion_walk.h"
#include "engine/rings/ring_flip.h"
#include "engine/torsions/nitrogen_inversion.h"
#include "engine/torsions/torsion_reset.h"
#include "tools/saltus/decks/move_row.h"
#include "tools/saltus/decks/move_rows.h"
#include "tools/saltus/decks/ranges.h"
#include "tools/saltus/decks/sections.h"

namespace saltus::tools {
namespace {

using engine::InputError;
using io::Bounds;
using io::DeckTable;

MoveKind torsion_walk() {
  using Options = engine::TorsionWalkOptions;
  MoveKind kind =
      row("torsion_walk", "Metropolis over turns about single bonds; exact", "a torsion walk");
  kind.requirements = of_proposals();
  kind.tuned = step_in(&Options::width_rad, {"rad", 0.0, kMaxTurn_rad, kMinTurn_rad, 0.4, {}});
  kind.read = [](DeckTable& table, const MoveContext&, MoveDeck& move) {
    Options options;
    options.width_rad = table.quantity({"width", "standard deviation of the angle"}, "deg",
                                       options.width_rad, kTurns);
    options.half_turns = table.real(
        {"half_turns", "part of the turns that are by 180 degrees more, as from trans to cis"},
        options.half_turns, Bounds::between(0.0, 1.0));
    move.options = options;
  };
  kind.check = [](const MoveDeck&, const MoveIngredients& from) {
    if (engine::rotatable_bonds(from.topology).empty())
      throw InputError("torsion_walk: the molecule has no rotatable bond; leave this move out");
  };
  kind.propose = [](const MoveDeck& move, const MoveIngredients& from) -> ProposalPointer {
    return std::make_shared<engine::TorsionWalk>(engine::rotatable_bonds(from.topology),
                                                 move.as<Options>());
  };
  return kind;
}

constexpr std::size_t kAtomsOfTorsion = 4;

/// What a deck says of driven torsions.
struct DrivenTorsions {
  std::vector<AtomSelector> atoms;  ///< four for each torsion
  engine::DrivenTorsionOptions protocol;
};

void read_driven_torsions(DeckTable& table, DrivenTorsions& options) {
  using engine::TorsionChange;
  const auto texts = table.string_list(
      {"atoms",
       "four for each torsion, such as [\"1:C\", \"2:N\", \"2:CA\", \"2:C\"]; one torsion is "
       "drawn each time, and the smaller side of its middle bond turns"},
      std::nullopt, kAtomsOfTorsion);
  if (!table.failed("atoms") && !table.describing()) {
    if (texts.size() % kAtomsOfTorsion != 0)
      table.error("atoms", "expected four atoms for each torsion, got " +
                               std::to_string(texts.size()) + " atoms");
    options.atoms = read_atoms(table, "atoms", texts);
  }
  engine::DrivenTorsionOptions& protocol = options.protocol;
  protocol.change = table.choice<TorsionChange>(
      {"change", "of the torsion; uniform: to anywhere, half_turn: by 180 degrees, walk: normal"},
      {{"uniform", TorsionChange::kUniform},
       {"half_turn", TorsionChange::kHalfTurn},
       {"walk", TorsionChange::kWalk}},
      protocol.change);
  if (table.applies("width", protocol.change == TorsionChange::kWalk, "change = \"walk\""))
    protocol.width_rad = table.quantity({"width", "standard deviation of the change"}, "deg",
                                        protocol.width_rad, kTurns);
  protocol.stiffness =
      table.quantity({"stiffness", "of the spring that takes the torsion along; 0: none"},
                     "kJ/mol/rad^2", protocol.stiffness, kForceConstantsFromZero);
  protocol.steps.time_step_ps = table.quantity({"time_step", "of the dynamics"}, "fs",
                                               protocol.steps.time_step_ps, kTimeSteps);
}

/// The same options with each number of steps.
std::vector<ProtocolDeck> read_lengths(DeckTable& table, DrivenTorsions options) {
  std::size_t& n_steps = options.protocol.steps.n_steps;
  std::vector<ProtocolDeck> protocols;
  for (const std::size_t length :
       table.counts({"steps",
                     "of dynamics, each with its part of the turn; of a list, such as [200, 1000], "
                     "warm-up chooses what accepts most turns per energy evaluation"},
                    n_steps, 1, kMostInnerSteps, kMostAlternatives)) {
    n_steps = length;
    protocols.push_back({std::to_string(length) + (length == 1 ? " step" : " steps"), options});
  }
  return protocols;
}

/// Turned by a single step.
MoveDeck turned_at_once(const MoveDeck& move) {
  DrivenTorsions options = move.as<DrivenTorsions>();
  options.protocol.steps.n_steps = 1;
  MoveDeck result = move;
  result.protocols.clear();
  result.options = options;
  return result;
}

MoveKind driven_torsion() {
  MoveKind kind = row("driven_torsion",
                      "turns a bond in small steps while everything else, solvent and constraints, "
                      "follows by dynamics; exact",
                      "a driven torsion");
  kind.seldom_accepted = true;
  kind.driven = DrivenKind{
      turned_at_once,
      [](const engine::Move& move, const engine::ChainBatch& chains, const engine::StepKey& key) {
        return dynamic_cast<const engine::DrivenTorsion&>(move).turns_far(chains, key);
      }};
  kind.read = [](DeckTable& table, const MoveContext& context, MoveDeck& move) {
    DrivenTorsions options;
    read_driven_torsions(table, options);
    take_protocols(table, "steps", context, read_lengths(table, std::move(options)), move);
  };
  kind.build = [](const MoveDeck& move, const MoveIngredients& from) -> MovePointer {
    const auto& options = move.as<DrivenTorsions>();
    std::vector<engine::RotatableTorsion> torsions;
    for (std::size_t first = 0; first < options.atoms.size(); first += kAtomsOfTorsion) {
      std::array<std::size_t, kAtomsOfTorsion> atoms{};
      for (std::size_t i = 0; i < kAtomsOfTorsion; ++i)
        atoms[i] = from.atom(options.atoms[first + i], "driven_torsion: atoms");
      torsions.push_back(engine::rotatable_torsion(from.topology, atoms));
    }
    return std::make_shared<engine::DrivenTorsion>(
        std::move(torsions), engine::moving_particles(from.system), options.protocol);
  };
  // Making one costs nothing and says all that may be wrong.
  kind.check = [build = kind.build](const MoveDeck& move, const MoveIngredients& from) {
    build(move, from);
  };
  return kind;
}

MoveKind torsion_reset() {
  struct Options {
    std::string densities = kNetworkTorsions;
    engine::TorsionResetOptions reset;
  };
  MoveKind kind = row("torsion_reset", "Metropolis over torsions drawn from densities; exact",
                      "a torsion reset");
  kind.requirements = of_proposals();
  kind.bond_orders = kind.seldom_accepted = true;
  kind.read = [](DeckTable& table, const MoveContext&, MoveDeck& move) {
    Options options;
    options.reset.n_torsions = table.count({"torsions", "reset together: one and others near it"},
                                           options.reset.n_torsions, 1, kMostParts);
    Bounds share = Bounds::between(0.0, 1.0);
    share.lowest_excluded = true;
    options.reset.uniform = table.real({"uniform", "share of each density that is uniform"},
                                       options.reset.uniform, share);
    const std::vector<std::string> words = {kNetworkTorsions, kCrystalTorsions, kUniformTorsions};
    options.densities = table
                            .path({"densities",
                                   "default: the network within Saltus; crystal: as in crystals; "
                                   "uniform; or the file of a torsion network"},
                                  options.densities, io::PathRule::kExistingFile, words)
                            .string();
    if (std::find(words.begin(), words.end(), options.densities) == words.end())
      move.files.emplace_back("densities", options.densities);
    if (options.densities == kNetworkTorsions)
      move.ready_models = {"the torsion network within Saltus"};
    else if (!move.files.empty())
      move.ready_models = {options.densities};
    move.options = options;
  };
  kind.check = [](const MoveDeck& move, const MoveIngredients& from) {
    const auto& options = move.as<Options>();
    const std::size_t wanted = options.reset.n_torsions,
                      there = from.torsion_graph()->torsions.size();
    if (wanted > there)
      throw InputError("torsion_reset: the molecule has " + std::to_string(there) +
                       " torsions that can be turned, but torsions is " + std::to_string(wanted) +
                       "; reset fewer, or leave this move out");
    from.torsion_densities(options.densities);
  };
  kind.propose = [](const MoveDeck& move, const MoveIngredients& from) -> ProposalPointer {
    const auto& options = move.as<Options>();
    const TorsionDensities densities = from.torsion_densities(options.densities);
    engine::TorsionResetOptions reset = options.reset;
    reset.model_temperature_K = densities.temperature_K;
    return std::make_shared<engine::TorsionReset>(from.torsion_graph(), densities.model, reset,
                                                  from.pool);
  };
  return kind;
}

MoveKind nitrogen_inversion() {
  MoveKind kind = row("nitrogen_inversion", "Metropolis over inversions of nitrogens; exact",
                      "a nitrogen inversion");
  kind.requirements = of_proposals();
  kind.bond_orders = kind.seldom_accepted = true;
  kind.check = [](const MoveDeck&, const MoveIngredients& from) {
    if (!engine::NitrogenInversion::applies(*from.torsion_graph()))
      throw InputError(
          "nitrogen_inversion: the molecule has no nitrogen that can invert; leave this "
          "move out");
  };
  kind.propose = [](const MoveDeck&, const MoveIngredients& from) -> ProposalPointer {
    return std::make_shared<engine::NitrogenInversion>(from.torsion_graph());
  };
  return kind;
}

MoveKind ring_flip() {
  MoveKind kind = row("ring_flip",
                      "Metropolis over changes of rings between their puckers, which are looked "
                      "for first; exact",
                      "a ring flip");
  kind.requirements = of_proposals();
  kind.bond_orders = kind.seldom_accepted = true;
  kind.read = [](DeckTable& table, const MoveContext&, MoveDeck& move) {
    RingRequest request;
    request.n_kicks = table.count(
        {"kicks", "deformed copies of each ring system that are minimised to find its puckers"},
        request.n_kicks, 1, kMostInnerSteps);
    request.energy_window =
        table.quantity({"window", "energy above the lowest pucker, up to which others count"},
                       "kJ/mol", request.energy_window, kEnergies);
    move.options = request;
  };
  kind.check = [](const MoveDeck& move, const MoveIngredients& from) {
    if (from.ring_states(move.as<RingRequest>()).systems.empty())
      throw InputError(
          "ring_flip: the molecule has no ring of which two puckers were found; more kicks or a "
          "wider window may find them, or leave this move out");
  };
  kind.propose = [](const MoveDeck& move, const MoveIngredients& from) -> ProposalPointer {
    return std::make_shared<engine::RingFlip>(from.ring_states(move.as<RingRequest>()).systems);
  };
  return kind;
}

}  // namespace

std::vector<MoveKind> torsion_moves() {
  return {torsion_walk(), driven_torsion(), torsion_reset(), nitrogen_inversion(), ring_flip()};
}

}  // namespace saltus::tools
