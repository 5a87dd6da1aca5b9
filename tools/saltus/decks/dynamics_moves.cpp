#include <memory>
#include <vector>

#include "engine/moves/hamiltonian.h"
#include "engine/moves/langevin.h"
#include "engine/moves/mala.h"
#include "engine/tuning/step_size_tuner.h"
#include "forcefields/openmm/openmm_langevin.h"
#include "tools/saltus/decks/move_row.h"
#include "tools/saltus/decks/move_rows.h"
#include "tools/saltus/decks/ranges.h"
#include "tools/saltus/decks/whole_deck.h"

namespace saltus::tools {
namespace {

using io::Bounds;
using io::DeckTable;

/// What both kinds of hybrid Monte Carlo share.
MoveKind trajectories(MoveKind kind) {
  kind.tuned = step_in(&engine::HamiltonianOptions::time_step_ps,
                       {"ps",
                        0.0,
                        kMaxTimeStep_ps,
                        kMinTimeStep_ps,
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
    move.options = read_trajectories(table, "leapfrog step, where warm-up starts");
  };
  return kind;
}

MoveKind ghmc() {
  MoveKind kind =
      trajectories(row("ghmc", "generalised hybrid Monte Carlo, which keeps velocities; exact",
                       "generalised hybrid Monte Carlo"));
  kind.read = [](DeckTable& table, const MoveContext&, MoveDeck& move) {
    engine::HamiltonianOptions options =
        read_trajectories(table, "leapfrog step, where warm-up starts");
    options.friction_per_ps = table.quantity({"friction", "how fast velocities are renewed"}, "/ps",
                                             engine::LangevinOptions{}.friction_per_ps, kFrictions);
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
    options.time_step_ps =
        table.quantity({"time_step", "integration step"}, "fs", options.time_step_ps, kTimeSteps);
    options.friction_per_ps = table.quantity({"friction", "collision rate"}, "/ps",
                                             options.friction_per_ps, kFrictionsFromZero);
    options.n_steps =
        table.count({"steps", "integration steps"}, options.n_steps, 1, kMostInnerSteps);
    move.options = options;
  };
  kind.build = [](const MoveDeck& move, const MoveIngredients& from) -> MovePointer {
    return std::make_shared<engine::Langevin>(move.as<engine::LangevinOptions>(),
                                              engine::moving_particles(from.system));
  };
  return kind;
}

MoveKind openmm_langevin() {
  using Options = forcefields::OpenMMLangevinOptions;
  MoveKind kind =
      row("openmm_langevin",
          "Langevin dynamics by OpenMM's own integrator, for large systems; approximate: "
          "errors of order time_step squared",
          "Langevin dynamics by OpenMM");
  kind.read = [](DeckTable& table, const MoveContext&, MoveDeck& move) {
    Options options;
    options.platform.name =
        table.string({"platform", "of OpenMM: CPU, Reference"}, options.platform.name);
    if (table.applies("threads", options.platform.name == "CPU", "platform = \"CPU\""))
      options.platform.threads =
          static_cast<int>(read_threads(table, "0: OpenMM's choice; results depend on it", 0));
    options.time_step_ps =
        table.quantity({"time_step", "integration step"}, "fs", options.time_step_ps, kTimeSteps);
    options.friction_per_ps = table.quantity({"friction", "collision rate"}, "/ps",
                                             options.friction_per_ps, kFrictionsFromZero);
    options.n_steps =
        table.count({"steps", "integration steps"}, options.n_steps, 1, kMostInnerSteps);
    move.options = options;
  };
  kind.build = [](const MoveDeck& move, const MoveIngredients& from) -> MovePointer {
    return std::make_shared<forcefields::OpenMMLangevin>(from.system, move.as<Options>());
  };
  return kind;
}

MoveKind mala() {
  using Options = engine::MalaOptions;
  MoveKind kind = row("mala", "Metropolis-adjusted Langevin step; exact",
                      "a Metropolis-adjusted Langevin step");
  kind.requirements.no_constraints = true;
  kind.tuned = step_in(&Options::step_nm, {"nm", 0.0, kMaxLength_nm, kMinLength_nm, 0.57, {}});
  kind.read = [](DeckTable& table, const MoveContext&, MoveDeck& move) {
    Options options;
    options.step_nm = table.quantity({"step", "length for a mass of 1 dalton"}, "nm",
                                     options.step_nm, kDisplacements);
    move.options = options;
  };
  kind.propose = [](const MoveDeck& move, const MoveIngredients& from) -> ProposalPointer {
    return std::make_shared<engine::MalaProposal>(from.energy, move.as<Options>(),
                                                  from.system.masses);
  };
  return kind;
}

}  // namespace

std::vector<MoveKind> dynamics_moves() {
  return {hmc(), ghmc(), langevin(), openmm_langevin(), mala()};
}

}  // namespace saltus::tools
