#include "tools/openmm_plugin/build_moves.h"

#include <set>
#include <utility>

#include "engine/core/error.h"
#include "engine/moves/composites.h"
#include "engine/moves/hamiltonian.h"
#include "engine/moves/labelled.h"
#include "engine/moves/langevin.h"
#include "engine/moves/metropolis.h"
#include "tools/openmm_plugin/proposals.h"

namespace saltus::openmm_plugin {

namespace {

std::shared_ptr<const engine::Move> make_move(const SaltusMove& move, const MoveTask& task) {
  const auto n_steps = static_cast<std::size_t>(move.steps);
  if (move.kind == "hmc") {
    engine::HamiltonianOptions options;
    options.time_step_ps = task.time_step_ps;
    options.n_steps = n_steps;
    options.length_jitter = move.lengthJitter;
    options.friction_per_ps = move.friction;
    return std::make_shared<engine::HamiltonianMonteCarlo>(options,
                                                           moving_particles(task.parameters));
  }
  if (move.kind == "langevin") {
    engine::LangevinOptions options;
    options.time_step_ps = task.time_step_ps;
    options.n_steps = n_steps;
    options.friction_per_ps = move.friction;
    return std::make_shared<engine::Langevin>(options, moving_particles(task.parameters));
  }
  if (move.kind == "driven_torsion") return make_driven_torsion(move, task);
  return std::make_shared<engine::Metropolis>(make_proposal(move, task));
}

/// The kind, and a number from the second of a kind on.
std::string unused_name(const std::string& kind, std::set<std::string>& used) {
  std::string name = kind;
  for (int n = 2; !used.insert(name).second; ++n) name = kind + "_" + std::to_string(n);
  return name;
}

}  // namespace

BuiltMoves build_moves(const MoveTask& task) {
  if (task.settings.moves.empty())
    throw engine::InputError(
        "SaltusIntegrator has no moves: add some before the first step, such as "
        "addHamiltonianMonteCarlo() and addPeptideLeaps()");
  BuiltMoves result;
  std::vector<engine::RandomMixture::Part> parts;
  std::set<std::string> used;
  for (const SaltusMove& move : task.settings.moves) {
    const std::string name = unused_name(move.kind, used);
    const MoveKind& kind = kind_of(move.kind);
    if (kind.has_steps)
      result.durations_ps[name] =
          move.steps * (kind.has_protocol ? move.timeStep : task.time_step_ps);
    parts.push_back({std::make_shared<engine::Labelled>(make_move(move, task), name), move.weight});
  }
  result.mixture = std::make_shared<engine::RandomMixture>(std::move(parts));
  return result;
}

}  // namespace saltus::openmm_plugin
