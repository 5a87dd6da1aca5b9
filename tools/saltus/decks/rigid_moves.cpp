#include <any>
#include <memory>
#include <string>
#include <vector>

#include "engine/rigid/rigid_block.h"
#include "engine/rigid/rigid_draw.h"
#include "engine/rigid/rigid_hamiltonian.h"
#include "engine/rigid/rigid_walk.h"
#include "engine/tuning/step_size_tuner.h"
#include "tools/saltus/decks/move_row.h"
#include "tools/saltus/decks/move_rows.h"
#include "tools/saltus/decks/ranges.h"
#include "tools/saltus/decks/sections.h"

namespace saltus::tools {
namespace {

using io::Bounds;
using io::DeckTable;

/// A factor on steps of 0.02 nm and 0.2 rad: beyond, they are as long as molecules are far apart.
constexpr double kMaxScale = 20.0, kMinScale = 1e-4;
constexpr double kWalkAcceptance = 0.4;

/// What all kinds share.
MoveKind of_rigid_bodies(MoveKind kind) {
  kind.requirements.rigid_molecules = true;
  kind.check = [](const MoveDeck&, const MoveIngredients& from) { bodies_of(from); };
  return kind;
}

/// The keys of random steps.
void read_steps(DeckTable& table, engine::RigidWalkOptions& options) {
  options.translation_nm = table.quantity({"translation", "standard deviation of each coordinate"},
                                          "nm", options.translation_nm, kDisplacements);
  options.rotation_rad =
      table.quantity({"rotation", "standard deviation of the angle about each axis"}, "deg",
                     options.rotation_rad, kTurns);
  options.scale =
      table.real({"scale", "factor on both, where warm-up starts"}, options.scale, kWeights);
}

MoveKind rigid_walk() {
  using Options = engine::RigidWalkOptions;
  MoveKind kind = of_rigid_bodies(
      row("rigid_walk", "Metropolis over moving and turning one rigid molecule; exact",
          "a rigid walk"));
  kind.tuned = step_in(&Options::scale, {"", 0.0, kMaxScale, kMinScale, kWalkAcceptance, {}});
  kind.read = [](DeckTable& table, const MoveContext&, MoveDeck& move) {
    Options options;
    read_steps(table, options);
    move.options = options;
  };
  kind.propose = [](const MoveDeck& move, const MoveIngredients& from) -> ProposalPointer {
    return std::make_shared<engine::RigidWalk>(move.as<Options>(), bodies_of(from));
  };
  return kind;
}

MoveKind rigid_hmc() {
  using Options = engine::HamiltonianOptions;
  MoveKind kind = of_rigid_bodies(
      row("rigid_hmc", "hybrid Monte Carlo of positions and orientations of rigid molecules; exact",
          "hybrid Monte Carlo of rigid molecules"));
  kind.tuned = step_in(&Options::time_step_ps, {"ps",
                                                0.0,
                                                kMaxTimeStep_ps,
                                                kMinTimeStep_ps,
                                                engine::StepSizeTunerOptions{}.target_acceptance,
                                                {}});
  kind.read = [](DeckTable& table, const MoveContext&, MoveDeck& move) {
    move.options = read_trajectories(table, "leapfrog step, where warm-up starts");
  };
  kind.build = [](const MoveDeck& move, const MoveIngredients& from) -> MovePointer {
    return std::make_shared<engine::RigidHamiltonianMonteCarlo>(move.as<Options>(),
                                                                bodies_of(from));
  };
  return kind;
}

MoveKind rigid_flow_walk() {
  MoveKind kind = of_rigid_bodies(
      row("rigid_flow_walk",
          "Metropolis over moving and turning rigid molecules at the base of a flow, at whose "
          "target they are; exact, at one temperature",
          "a walk by a rigid-body flow"));
  kind.requirements.one_temperature = true;
  kind.tuned = TunedStep{"",
                         mlsamplers::RigidFlowWalkOptions{}.scale,
                         kMaxScale,
                         kMinScale,
                         kWalkAcceptance,
                         [](std::any& options) -> double& {
                           return std::any_cast<LearnedRequest&>(options).flow_walk.scale;
                         }};
  kind.read = [](DeckTable& table, const MoveContext& context, MoveDeck& move) {
    LearnedRequest request;
    request.kind = LearnedKind::kRigidFlowWalk;
    request.name = table
                       .path({"model", "file of a rigid-body flow that leads to the temperature"},
                             std::nullopt, io::PathRule::kExistingFile)
                       .string();
    read_steps(table, request.flow_walk);
    request.flow_walk.bodies = table.count({"bodies", "molecules displaced at once; 0: all"},
                                           request.flow_walk.bodies, 0, kMostAtOnce);
    require_constant_box(table, "model", context);
    if (!request.name.empty()) move.files.emplace_back("model", request.name);
    move.ready_models = {request.name};
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

MoveKind rigid_draw() {
  MoveKind kind = of_rigid_bodies(
      row("rigid_draw",
          "Metropolis over drawing all rigid molecules anew from the harmonic crystal about the "
          "minimised coordinates; exact",
          "a draw from the harmonic crystal"));
  kind.seldom_accepted = true;
  kind.read = [](DeckTable& table, const MoveContext& context, MoveDeck&) {
    require_constant_box(table, "kind", context);
  };
  kind.propose = [](const MoveDeck&, const MoveIngredients& from) -> ProposalPointer {
    return std::make_shared<engine::RigidDraw>(from.harmonic_crystal());
  };
  return kind;
}

MoveKind rigid_block() {
  using Options = engine::RigidBlockOptions;
  MoveKind kind = of_rigid_bodies(
      row("rigid_block",
          "Metropolis over drawing a few neighbouring rigid molecules anew, given the others, from "
          "the harmonic crystal about the minimised coordinates; exact",
          "a draw of a block of the harmonic crystal"));
  kind.read = [](DeckTable& table, const MoveContext& context, MoveDeck& move) {
    Options options;
    options.n_bodies = table.count({"bodies", "molecules of a block: one and its neighbours"},
                                   options.n_bodies, 1, kMostAtOnce);
    options.width = table.real({"width", "factor on the standard deviations of what is drawn"},
                               options.width, kWeights);
    require_constant_box(table, "kind", context);
    move.options = options;
  };
  kind.check = [](const MoveDeck& move, const MoveIngredients& from) {
    const std::size_t n = bodies_of(from)->size(), wanted = move.as<Options>().n_bodies;
    if (wanted >= n)
      throw engine::InputError("rigid_block: bodies: expected fewer than the " + std::to_string(n) +
                               " molecules of the system, got " + std::to_string(wanted));
  };
  kind.propose = [](const MoveDeck& move, const MoveIngredients& from) -> ProposalPointer {
    return std::make_shared<engine::RigidBlock>(move.as<Options>(), from.harmonic_crystal());
  };
  return kind;
}

}  // namespace

std::vector<MoveKind> rigid_moves() {
  return {rigid_walk(), rigid_hmc(), rigid_flow_walk(), rigid_draw(), rigid_block()};
}

}  // namespace saltus::tools
