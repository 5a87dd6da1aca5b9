#include "tools/saltus/decks/move_rows.h"

#include <algorithm>
#include <any>
#include <memory>
#include <string>

#include "engine/core/units.h"
#include "engine/moves/hamiltonian.h"
#include "engine/moves/langevin.h"
#include "engine/moves/mala.h"
#include "engine/moves/multiple_try.h"
#include "engine/moves/nonequilibrium.h"
#include "engine/moves/replica_exchange.h"
#include "engine/moves/torsion_walk.h"
#include "engine/system/internal_coordinates.h"
#include "engine/torsions/nitrogen_inversion.h"
#include "engine/torsions/torsion_reset.h"
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
      row("learned_leap",
          "Metropolis over the learned leap of [leap] or a [[proposal]]; exact at one temperature",
          "a learned leap");
  kind.requirements = of_proposals();
  kind.requirements.free_molecule = kind.requirements.one_temperature = true;
  kind.learned = kind.seldom_accepted = true;
  kind.check = [](const MoveDeck&, const MoveIngredients& from) {
    engine::build_z_matrix(from.topology);
  };
  kind.read = [](DeckTable& table, const MoveContext& context, MoveDeck& move) {
    move.proposal = read_proposal_of_move(table, context);
  };
  kind.propose = [](const MoveDeck& move, const MoveIngredients& from) {
    return from.learned(move.proposal);
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
                                           options.reset.n_torsions, 1);
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
    return std::make_shared<engine::TorsionReset>(from.torsion_graph(), densities.model, reset);
  };
  return kind;
}

MoveKind nitrogen_inversion() {
  MoveKind kind = row("nitrogen_inversion", "Metropolis over nitrogens turned inside out; exact",
                      "a nitrogen inversion");
  kind.requirements = of_proposals();
  kind.bond_orders = kind.seldom_accepted = true;
  kind.check = [](const MoveDeck&, const MoveIngredients& from) {
    if (!engine::NitrogenInversion::applies(*from.torsion_graph()))
      throw InputError(
          "nitrogen_inversion: the molecule has no nitrogen that can turn inside out; leave this "
          "move out");
  };
  kind.propose = [](const MoveDeck&, const MoveIngredients& from) -> ProposalPointer {
    return std::make_shared<engine::NitrogenInversion>(from.torsion_graph());
  };
  return kind;
}

MoveKind multiple_try() {
  struct Options {
    std::size_t n_tries = 8;
  };
  MoveKind kind = row("multiple_try", "Metropolis over the best of several tries; exact",
                      "multiple-try Metropolis");
  kind.parts = MoveParts::kProposal;
  kind.seldom_accepted = true;
  kind.read = [](DeckTable& table, const MoveContext&, MoveDeck& move) {
    Options options;
    options.n_tries = table.count({"tries", "drawn for each chain, one of them chosen by weight"},
                                  options.n_tries, 2);
    move.options = options;
  };
  kind.build = [](const MoveDeck& move, const MoveIngredients& from) -> MovePointer {
    return std::make_shared<engine::MultipleTry>(build_proposal(move.parts.at(0), from),
                                                 move.as<Options>().n_tries);
  };
  return kind;
}

MoveKind nonequilibrium() {
  struct Options {
    std::size_t n_rungs = 4;
    double softest = 0.8;
    engine::NonequilibriumOptions protocol;
  };
  MoveKind kind = row("nonequilibrium",
                      "a proposal made where interactions are softened, on the way there and back "
                      "hybrid Monte Carlo; exact",
                      "a nonequilibrium candidate");
  kind.parts = MoveParts::kProposal;
  kind.seldom_accepted = true;
  kind.read = [](DeckTable& table, const MoveContext&, MoveDeck& move) {
    Options options;
    options.n_rungs =
        table.count({"rungs", "steps from the energy as it is to the softest"}, options.n_rungs, 1);
    options.softest =
        table.real({"softest", "share of interactions between atoms that the last rung keeps"},
                   options.softest, Bounds::fraction_below_one());
    options.protocol.n_trajectories =
        table.count({"trajectories", "at each rung, on the way there and on the way back"},
                    options.protocol.n_trajectories, 1);
    engine::HamiltonianOptions& hmc = options.protocol.hmc;
    hmc.time_step_ps =
        table.quantity({"time_step", "leapfrog step"}, "fs", hmc.time_step_ps, Bounds::positive());
    hmc.n_steps = table.count({"steps", "leapfrog steps of a trajectory"}, hmc.n_steps, 1);
    hmc.length_jitter = table.real({"length_jitter", "trajectory lengths vary by this fraction"},
                                   hmc.length_jitter, Bounds::fraction_below_one());
    move.options = options;
  };
  kind.build = [](const MoveDeck& move, const MoveIngredients& from) -> MovePointer {
    const auto& options = move.as<Options>();
    return std::make_shared<engine::NonequilibriumCandidate>(
        build_proposal(move.parts.at(0), from),
        engine::softened_energies(from.system, options.n_rungs, options.softest, from.pool),
        engine::moving_particles(from.system), options.protocol);
  };
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
  return {hmc(),          ghmc(),           langevin(),         mala(),
          torsion_walk(), learned_leap(),   torsion_reset(),    nitrogen_inversion(),
          multiple_try(), nonequilibrium(), replica_exchange(), mixture()};
}

}  // namespace saltus::tools
