#include "tools/saltus/decks/move_row.h"
#include "tools/saltus/decks/ranges.h"

namespace saltus::tools {

MoveKind row(const char* name, const char* description, const char* words) {
  MoveKind kind;
  kind.name = name;
  kind.description = description;
  kind.words = words;
  return kind;
}

engine::MoveRequirements of_proposals() {
  engine::MoveRequirements result;
  result.no_constraints = result.movable_atoms = true;
  return result;
}

std::shared_ptr<const engine::RigidBodies> bodies_of(const MoveIngredients& from) {
  return std::make_shared<const engine::RigidBodies>(from.system, from.positions, &from.topology);
}

engine::HamiltonianOptions read_trajectories(io::DeckTable& table, const char* time_step) {
  engine::HamiltonianOptions options;
  options.time_step_ps =
      table.quantity({"time_step", time_step}, "fs", options.time_step_ps, kTimeSteps);
  options.n_steps =
      table.count({"steps", "leapfrog steps of a trajectory"}, options.n_steps, 1, kMostInnerSteps);
  options.length_jitter = table.real({"length_jitter", "trajectory lengths vary by this fraction"},
                                     options.length_jitter, io::Bounds::fraction_below_one());
  return options;
}

}  // namespace saltus::tools
