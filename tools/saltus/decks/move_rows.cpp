#include "tools/saltus/decks/move_rows.h"

#include <any>
#include <memory>

#include "engine/core/units.h"
#include "engine/moves/hamiltonian.h"
#include "engine/moves/langevin.h"
#include "engine/moves/mala.h"
#include "engine/moves/replica_exchange.h"
#include "engine/moves/torsion_walk.h"
#include "engine/system/internal_coordinates.h"
#include "engine/tuning/step_size_tuner.h"
#include "tools/saltus/decks/sections.h"

// A new kind: a function that returns its row, and its place in move_rows() at the end.

namespace saltus::tools {
namespace {

using engine::InputError;
using io::Bounds;
using io::DeckTable;

using MovePointer = std::shared_ptr<const engine::Move>;
using ProposalPointer = std::shared_ptr<const engine::Proposal>;

/// A turn by more than pi is a shorter one, and nothing moves sensibly by more than 10 fs or 1 nm
/// at once; the smallest steps are a hundredth of a femtosecond, a millionth of a nanometre or of a
/// radian.
constexpr double kLargestTimeStep_ps = 0.01, kSmallestTimeStep_ps = 1e-5;
constexpr double kLargestLength_nm = 1.0, kSmallestLength_nm = 1e-6;
constexpr double kLargestTurn_rad = engine::kPi, kSmallestTurn_rad = 1e-6;

MoveKind row(const char* name, const char* description, const char* words) {
  MoveKind kind;
  kind.name = name;
  kind.description = description;
  kind.words = words;
  return kind;
}

/// What Proposal::requirements says.
engine::MoveRequirements of_proposals() {
  engine::MoveRequirements result;
  result.no_constraints = result.movable_atoms = true;
  return result;
}

/// A tuned step that is a member of the options.
template <class Options>
TunedStep step_in(double Options::*member, TunedStep step) {
  step.initial = Options{}.*member;
  step.of = [member](std::any& options) -> double& {
    return std::any_cast<Options&>(options).*member;
  };
  return step;
}

engine::HamiltonianOptions read_trajectories(DeckTable& table) {
  engine::HamiltonianOptions options;
  options.time_step_ps = table.quantity({"time_step", "leapfrog step, where warm-up starts"}, "fs",
                                        options.time_step_ps, Bounds::positive());
  options.n_steps = table.count({"steps", "leapfrog steps of a trajectory"}, options.n_steps, 1);
  options.length_jitter = table.real({"length_jitter", "trajectory lengths vary by this fraction"},
                                     options.length_jitter, Bounds::fraction_below_one());
  return options;
}

/// What both kinds of hybrid Monte Carlo share.
MoveKind trajectories(MoveKind kind) {
  kind.tuned = step_in(&engine::HamiltonianOptions::time_step_ps,
                       {"ps",
                        0.0,
                        kLargestTimeStep_ps,
                        kSmallestTimeStep_ps,
                        engine::StepSizeTunerOptions{}.target_acceptance,
                        {}});
  kind.build = [](const MoveDeck& move, const MoveIngredients& from) -> MovePointer {
    return std::make_shared<engine::HamiltonianMonteCarlo>(move.as<engine::HamiltonianOptions>(),
                                                           engine::moving_particles(from.system));
  };
  return kind;
}

MoveKind hmc() {
  MoveKind kind = trajectories(row("hmc", "hybrid Monte Carlo; exact", "hybrid Monte Carlo"));
  kind.read = [](DeckTable& table, const MoveContext&, MoveDeck& move) {
    move.options = read_trajectories(table);
  };
  return kind;
}

MoveKind ghmc() {
  MoveKind kind =
      trajectories(row("ghmc", "generalised hybrid Monte Carlo, which keeps velocities; exact",
                       "generalised hybrid Monte Carlo"));
  kind.read = [](DeckTable& table, const MoveContext&, MoveDeck& move) {
    engine::HamiltonianOptions options = read_trajectories(table);
    options.friction_per_ps =
        table.quantity({"friction", "how fast velocities are renewed"}, "/ps",
                       engine::LangevinOptions{}.friction_per_ps, Bounds::positive());
    move.options = options;
  };
  return kind;
}

MoveKind langevin() {
  MoveKind kind =
      row("langevin", "Langevin dynamics; approximate: errors of order time_step squared",
          "Langevin dynamics");
  kind.read = [](DeckTable& table, const MoveContext&, MoveDeck& move) {
    engine::LangevinOptions options;
    options.time_step_ps = table.quantity({"time_step", "integration step"}, "fs",
                                          options.time_step_ps, Bounds::positive());
    options.friction_per_ps = table.quantity({"friction", "collision rate"}, "/ps",
                                             options.friction_per_ps, Bounds::at_least(0.0));
    options.n_steps = table.count({"steps", "integration steps"}, options.n_steps, 1);
    move.options = options;
  };
  kind.build = [](const MoveDeck& move, const MoveIngredients& from) -> MovePointer {
    return std::make_shared<engine::Langevin>(move.as<engine::LangevinOptions>(),
                                              engine::moving_particles(from.system));
  };
  return kind;
}

MoveKind mala() {
  struct Options {
    double step_nm = 0.002;
  };
  MoveKind kind = row("mala", "Metropolis-adjusted Langevin step; exact",
                      "a Metropolis-adjusted Langevin step");
  kind.requirements.no_constraints = true;
  kind.tuned =
      step_in(&Options::step_nm, {"nm", 0.0, kLargestLength_nm, kSmallestLength_nm, 0.57, {}});
  kind.read = [](DeckTable& table, const MoveContext&, MoveDeck& move) {
    Options options;
    options.step_nm = table.quantity({"step", "length for a mass of 1 dalton"}, "nm",
                                     options.step_nm, Bounds::positive());
    move.options = options;
  };
  kind.propose = [](const MoveDeck& move, const MoveIngredients& from) -> ProposalPointer {
    return std::make_shared<engine::MalaProposal>(from.energy, move.as<Options>().step_nm,
                                                  from.system.masses);
  };
  return kind;
}

MoveKind torsion_walk() {
  struct Options {
    double width_rad = 30.0 * engine::kRadianPerDegree;
  };
  MoveKind kind =
      row("torsion_walk", "Metropolis over turns about single bonds; exact", "a torsion walk");
  kind.requirements = of_proposals();
  kind.tuned =
      step_in(&Options::width_rad, {"rad", 0.0, kLargestTurn_rad, kSmallestTurn_rad, 0.4, {}});
  kind.read = [](DeckTable& table, const MoveContext&, MoveDeck& move) {
    Options options;
    options.width_rad = table.quantity({"width", "standard deviation of the angle"}, "deg",
                                       options.width_rad, Bounds::positive());
    move.options = options;
  };
  kind.check = [](const MoveDeck&, const MoveIngredients& from) {
    if (engine::rotatable_bonds(from.topology).empty())
      throw InputError("torsion_walk: the molecule has no rotatable bond; leave this move out");
  };
  kind.propose = [](const MoveDeck& move, const MoveIngredients& from) -> ProposalPointer {
    return std::make_shared<engine::TorsionWalk>(engine::rotatable_bonds(from.topology),
                                                 move.as<Options>().width_rad);
  };
  return kind;
}

MoveKind learned_leap() {
  MoveKind kind =
      row("learned_leap", "Metropolis over the learned leap of [leap]; exact at one temperature",
          "a learned leap");
  kind.requirements = of_proposals();
  kind.requirements.free_molecule = kind.requirements.one_temperature = true;
  kind.learned = kind.seldom_accepted = true;
  kind.check = [](const MoveDeck&, const MoveIngredients& from) {
    engine::build_z_matrix(from.topology);
  };
  kind.propose = [](const MoveDeck&, const MoveIngredients& from) { return from.learned(); };
  return kind;
}

MoveKind replica_exchange() {
  MoveKind kind =
      row("replica_exchange", "swaps between neighbouring temperatures of a ladder; exact",
          "replica exchange");
  kind.requirements.several_temperatures = true;
  kind.build = [](const MoveDeck&, const MoveIngredients& from) -> MovePointer {
    return std::make_shared<engine::ReplicaExchange>(from.ladder_size);
  };
  return kind;
}

MoveKind mixture() {
  MoveKind kind = row("mixture", "one of its parts, drawn at random in each step", "a mixture");
  kind.parts = MoveParts::kMoves;
  return kind;
}

}  // namespace

std::vector<MoveKind> move_rows() {
  return {hmc(),          ghmc(),         langevin(),         mala(),
          torsion_walk(), learned_leap(), replica_exchange(), mixture()};
}

}  // namespace saltus::tools
