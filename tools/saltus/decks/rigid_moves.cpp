#include <memory>
#include <vector>

#include "engine/rigid/rigid_hamiltonian.h"
#include "engine/rigid/rigid_walk.h"
#include "engine/tuning/step_size_tuner.h"
#include "tools/saltus/decks/move_row.h"
#include "tools/saltus/decks/move_rows.h"

namespace saltus::tools {
namespace {

using io::Bounds;
using io::DeckTable;

std::shared_ptr<const engine::RigidBodies> bodies_of(const MoveIngredients& from) {
  return std::make_shared<const engine::RigidBodies>(from.system, from.positions, &from.topology);
}

/// What both kinds share.
MoveKind of_rigid_bodies(MoveKind kind) {
  kind.requirements.rigid_molecules = true;
  kind.check = [](const MoveDeck&, const MoveIngredients& from) { bodies_of(from); };
  return kind;
}

MoveKind rigid_walk() {
  using Options = engine::RigidWalkOptions;
  // A factor on steps of 0.02 nm and 0.2 rad: beyond, they are as long as molecules are far apart.
  constexpr double kMaxScale = 20.0, kMinScale = 1e-4;
  MoveKind kind = of_rigid_bodies(
      row("rigid_walk", "Metropolis over moving and turning one rigid molecule; exact",
          "a rigid walk"));
  kind.tuned = step_in(&Options::scale, {"", 0.0, kMaxScale, kMinScale, 0.4, {}});
  kind.read = [](DeckTable& table, const MoveContext&, MoveDeck& move) {
    Options options;
    options.translation_nm =
        table.quantity({"translation", "standard deviation of each coordinate"}, "nm",
                       options.translation_nm, Bounds::positive());
    options.rotation_rad =
        table.quantity({"rotation", "standard deviation of the angle about each axis"}, "deg",
                       options.rotation_rad, Bounds::positive());
    options.scale = table.real({"scale", "factor on both, where warm-up starts"}, options.scale,
                               Bounds::positive());
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

}  // namespace

std::vector<MoveKind> rigid_moves() { return {rigid_walk(), rigid_hmc()}; }

}  // namespace saltus::tools
