#include "tools/saltus/run/setup.h"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>

#include "engine/core/error.h"
#include "engine/core/error_context.h"
#include "engine/core/text.h"
#include "engine/ensemble/canonical.h"
#include "engine/ensemble/isobaric.h"
#include "engine/minimisation/minimise.h"
#include "engine/system/close_contacts.h"
#include "engine/system/hydrogen_mass.h"
#include "forcefields/openmm/plain_dynamics.h"
#include "tools/saltus/decks/move_kinds.h"
#include "tools/saltus/molecules/contacts.h"
#include "tools/saltus/molecules/energies.h"
#include "tools/saltus/molecules/external_terms.h"
#include "tools/saltus/molecules/load_molecule.h"
#include "tools/saltus/run/peptide_leap.h"
#include "tools/saltus/run/resources.h"
#include "tools/saltus/run/series.h"

namespace saltus::tools {

std::uint64_t phase_seed(std::uint64_t seed, RunPhase phase) {
  // A block of slots no sequence or mixture of moves reaches.
  constexpr std::uint32_t kPhases = 0xFFFF0000u;
  return engine::StepKey{seed, 0}.child(kPhases).child(static_cast<std::uint32_t>(phase)).seed;
}

namespace {

void require_moves_that_keep_constraints(const RunDeck& deck, const engine::System& system) {
  if (system.constraints.empty()) return;
  for (const LabelledMove& move : elementary_moves(deck.moves))
    if (requirements_of(move.deck).no_constraints)
      throw engine::InputError(
          std::string("system.constraints: the move ") + move.deck.kind->name +
          " cannot keep bonds at fixed lengths; " + kinds_that_keep_constraints() +
          " can. Leave the move out, or leave constraints at \"none\" or write the System XML "
          "without them (a larger hydrogen_mass allows long time steps too)");
}

/// Place and name of the first move that has a requirement; empty when none has.
std::string first_that_needs(const RunDeck& deck, bool engine::MoveRequirements::*requirement) {
  for (const LabelledMove& move : elementary_moves(deck.moves))
    if (requirements_of(move.deck).*requirement)
      return move.deck.section + ": " + move.deck.kind->name;
  return "";
}

/// Some moves keep the place and the orientation of a molecule, some move what has no mass.
void require_moves_that_keep_ties(const RunDeck& deck, const engine::System& system) {
  const std::string tie = engine::laboratory_tie(system);
  const std::string bound = first_that_needs(deck, &engine::MoveRequirements::free_molecule);
  if (!bound.empty() && !tie.empty())
    throw engine::InputError(
        bound + ": it needs a molecule that may be moved and turned freely, but this one has " +
        tie + "; leave the move out");
  const std::string turner = first_that_needs(deck, &engine::MoveRequirements::movable_atoms);
  if (!turner.empty() && !engine::frozen_atoms(system).empty())
    throw engine::InputError(
        turner +
        ": the molecule has atoms of mass 0, which never move, but this move turns "
        "them; leave it out or give them masses");
  if (!turner.empty() && !system.virtual_sites.empty())
    throw engine::InputError(turner +
                             ": the system has virtual sites, which follow other atoms, but this "
                             "move turns them by themselves; leave it out");
}

/// Without images a box would only grow: nothing feels its walls.
void require_box_for_pressure(const RunDeck& deck, const engine::System& system) {
  if (deck.pressure_bar && !engine::box_needs(system).needed)
    throw engine::InputError(
        "ensemble.pressure: it acts on a periodic box, but the atoms of this system have no "
        "images; leave the pressure out, or use a system with a periodic nonbonded method");
}

bool move_peptides(const std::vector<MoveDeck>& moves) {
  return std::any_of(moves.begin(), moves.end(), [](const MoveDeck& move) {
    return move.moves_peptides || move_peptides(move.parts);
  });
}

/// The molecule with stiff bonds in place of its constraints, which minimisation does not know.
engine::System without_constraints(engine::System system) {
  constexpr double kStiff = 3e5;  // kJ/mol/nm^2, as force fields have for bonds to hydrogen
  for (const engine::Constraint& c : system.constraints)
    system.bonds.push_back({c.i, c.j, c.distance_nm, kStiff});
  system.constraints.clear();
  return system;
}

/// The deck's energy of a system, counted with all others of the run.
std::shared_ptr<const engine::EnergyFunction> counted_energy(const RunDeck& deck,
                                                             const RunSetup& setup,
                                                             const engine::System& system) {
  return std::make_shared<engine::CountingEnergy>(make_energy(deck.energy, system, setup.pool),
                                                  setup.evaluations);
}

}  // namespace

RunSetup set_up(const RunDeck& deck, Progress& progress) {
  RunSetup setup;
  setup.molecule = load_molecule(deck.system, deck.external);
  require_moves_that_keep_constraints(deck, setup.molecule.system);
  require_moves_that_keep_ties(deck, setup.molecule.system);
  require_box_for_pressure(deck, setup.molecule.system);
  require_memory(deck, setup.molecule.topology.n_atoms());
  require_held_charges(setup.molecule.system, setup.molecule.topology);
  for (const std::string& note : setup.molecule.notes) progress.say("note: " + note);
  progress.say(describe(setup.molecule, deck.system.coordinates.filename().string()) + "; " +
               setup.molecule.force_field);
  if (const std::string note = move_peptides(deck.moves) ? peptide_note(setup.molecule) : "";
      !note.empty())
    progress.say("note: " + note);
  setup.to_separate = check_contacts(
      setup.molecule, deck.system.coordinates.string(),
      deck.chains.start == ChainStart::kInput ? InsideCharge::kRefused : InsideCharge::kSeparated);
  setup.pool = make_thread_pool(deck.energy.threads);
  setup.evaluations = std::make_shared<engine::EvaluationCount>(0);
  setup.energy = counted_energy(deck, setup, setup.molecule.system);
  setup.fixed_box =
      std::make_shared<engine::Canonical>(setup.energy, engine::measure_of(setup.molecule.system));
  setup.target = setup.fixed_box;
  if (deck.pressure_bar)
    setup.target = std::make_shared<engine::Isobaric>(setup.energy, setup.fixed_box->measure());
  setup.torsion_source = std::make_shared<TorsionSource>(setup.molecule.chem);
  setup.ring_source =
      std::make_shared<RingSource>(setup.molecule, setup.fixed_box, setup.torsion_source);
  setup.rigid_source = std::make_shared<RigidSource>(setup.molecule, setup.evaluations);
  setup.torsions = find_torsions(deck.observables, setup.molecule.topology);
  const bool native = backend_for(deck.energy, setup.molecule.system) == EnergyBackend::kNative;
  if (deck.energy.backend == EnergyBackend::kAuto && !native)
    progress.say("note: energies by OpenMM's CPU platform (a periodic box of more than " +
                 std::to_string(kMaxNativeBoxAtoms) + " atoms; energy.backend chooses)");
  if (deck.energy.cross_check && !native)
    progress.say("note: energy.cross_check is not used, as OpenMM computes the energies");
  if (deck.energy.cross_check && native) {
    cross_check(setup.molecule);
    progress.say("native and OpenMM energies agree");
  }
  return setup;
}

namespace {

/// Takes atoms out of each other's charges: without charges, their bonds pull them back.
void separate(const RunDeck& deck, const RunSetup& setup, engine::MinimisationOptions options,
              engine::CoordinateBatch& start, Progress& progress) {
  if (setup.to_separate.empty()) return;
  const std::size_t n = setup.to_separate.size();
  progress.warn(describe(setup.to_separate.front(), setup.molecule.topology) +
                (n > 1 ? ", and " + std::to_string(n - 1) + " more" : "") +
                ": the coordinates are separated by minimising them without charges first");
  constexpr std::size_t kEnoughToReturn = 500;
  options.n_steps = kEnoughToReturn;
  const auto uncharged = counted_energy(
      deck, setup, engine::without_charges(without_constraints(setup.molecule.system)));
  engine::minimise(*uncharged, start, options);
}

}  // namespace

std::vector<double> start_positions(const RunDeck& deck, const RunSetup& setup,
                                    Progress& progress) {
  const engine::System& system = setup.molecule.system;
  std::vector<double> start = setup.molecule.positions;
  if (deck.chains.start == ChainStart::kInput) return on_constraints(system, std::move(start));
  const std::shared_ptr<const engine::EnergyFunction> energy =
      system.constraints.empty() ? setup.energy
                                 : counted_energy(deck, setup, without_constraints(system));
  progress.start("minimising the start");
  engine::CoordinateBatch batch(1, system.n_atoms());
  batch.values() = std::move(start);
  batch.set_boxes(engine::start_boxes(system, 1));
  engine::MinimisationOptions options;
  options.frozen_atoms = engine::frozen_atoms(system);
  options.virtual_sites = system.virtual_sites;
  separate(deck, setup, options, batch, progress);
  const engine::MinimisationResult result = engine::minimise(*energy, batch, options).front();
  // From a bad start a minimisation may fall into an energy without a minimum.
  RunGuard(setup.molecule).check_positions(batch, "minimising the start");
  const bool constrained = !system.constraints.empty();
  double energy_kJ_mol = result.energy;
  if (constrained) {
    // Stiff bonds give way: neither lengths nor energy are those of the constraints.
    batch.values() = on_constraints(system, std::move(batch.values()));
    setup.energy->evaluate(batch.view(), {&energy_kJ_mol, 1}, {});
  }
  progress.finish(constrained ? fmt::format(FMT_STRING("{:.2f} kJ/mol with all constraints held"),
                                            energy_kJ_mol)
                              : fmt::format(FMT_STRING("{:.2f} kJ/mol, rms force {:.3g} kJ/mol/nm"),
                                            energy_kJ_mol, result.rms_force));
  if (!result.converged)
    progress.warn("the start is not fully minimised; that is harmless if the run starts well");
  return std::move(batch.values());
}

engine::ChainBatch start_chains(const RunDeck& deck, const RunSetup& setup,
                                const std::vector<double>& start,
                                const std::optional<PilotResult>& pilot) {
  const std::size_t levels = deck.temperatures_K.size();
  engine::ChainBatch chains(deck.chains.count * levels, setup.molecule.topology.n_atoms(),
                            {deck.temperatures_K[0]});
  chains.positions.set_boxes(engine::start_boxes(setup.molecule.system, chains.n_chains()));
  for (std::size_t c = 0; c < chains.n_chains(); ++c) {
    chains.states[c].temperature_K = deck.temperatures_K[c % levels];
    chains.states[c].pressure_bar = deck.pressure_bar;
    if (deck.chains.start == ChainStart::kPilot && pilot) {
      const auto& frames = pilot->trajectory.frames;
      chains.positions.copy_chain(frames.view(), c * frames.n_chains() / chains.n_chains(), c);
    } else {
      std::copy(start.begin(), start.end(), chains.positions.chain(c).begin());
    }
  }
  RunGuard(setup.molecule).check_positions(chains.positions, "the start");
  setup.target->refresh(chains);
  return chains;
}

engine::SamplerEfficiency run_comparison(const RunDeck& deck, const RunSetup& setup,
                                         const std::vector<double>& start, Progress& progress) {
  const ComparisonDeck& options = deck.comparison;
  engine::System system = setup.molecule.system;
  system.masses = engine::with_prefix("comparison.", [&] {
    return engine::repartitioned_masses(setup.molecule.topology, system,
                                        options.hydrogen_mass_dalton);
  });
  forcefields::PlainDynamicsOptions dynamics = options.dynamics;
  std::string& platform = dynamics.platform.name;
  if (platform == "fastest") {
    for (const auto& speed : forcefields::time_platforms(system, start, dynamics.time_step_ps)) {
      progress.say("OpenMM " + speed.platform + ": " +
                   engine::fixed_text(speed.steps_per_cpu_second, 0) + " steps per CPU second");
      if (platform == "fastest") platform = speed.platform;
    }
  }
  progress.start("OpenMM dynamics (" + platform + ")");
  dynamics.platform.threads = platform == "CPU" ? 1 : 0;
  dynamics.temperature_K = deck.temperatures_K[0];
  // OpenMM takes positive 32-bit seeds.
  constexpr std::uint64_t kSeeds = 1u << 30;
  dynamics.seed = static_cast<int>(1 + phase_seed(deck.seed, RunPhase::kComparison) % kSeeds);
  forcefields::PlainDynamics plain(system, start, dynamics);

  // The first tenth equilibrates the chain.
  const int steps_per_frame =
      static_cast<int>(std::lround(options.frame_period_ps / dynamics.time_step_ps));
  const auto n_frames =
      static_cast<std::size_t>(std::lround(options.length_ps / options.frame_period_ps));
  for (std::size_t frame = 0; frame < n_frames / 10; ++frame) plain.step(steps_per_frame);
  std::vector<OwnedSeries> series;
  for (const NamedTorsion& torsion : setup.torsions)
    series.push_back({torsion.name, "rad", {}, 1, n_frames});
  double cpu_seconds = 0.0;
  for (std::size_t frame = 0; frame < n_frames; ++frame) {
    const double cpu_start = engine::process_cpu_seconds();
    plain.step(steps_per_frame);
    cpu_seconds += engine::process_cpu_seconds() - cpu_start;
    const std::vector<double> x = plain.positions();
    const std::vector<double> angles =
        measure_torsions(setup.torsions, {x.data(), 1, system.n_atoms()});
    for (std::size_t t = 0; t < angles.size(); ++t) series[t].values.push_back(angles[t]);
    progress.update(static_cast<double>(frame) / static_cast<double>(n_frames));
  }
  progress.finish();
  return engine::compute_efficiency(
      "OpenMM Langevin dynamics (" + platform + ")",
      summarise(
          torsion_observables(series, held_by_rings(setup.torsions, setup.molecule.topology))),
      cpu_seconds, n_frames * static_cast<std::uint64_t>(steps_per_frame));
}

std::vector<std::pair<std::string, std::string>> card_entries(const mlsamplers::ModelCard& card) {
  std::vector<std::pair<std::string, std::string>> entries = {{"kind", card.kind}};
  if (card.transferable) {
    entries.emplace_back("molecules", "any of " + engine::joined(card.transferable->elements, " "));
    entries.emplace_back("data", card.transferable->data);
    entries.emplace_back("split", card.transferable->split);
    for (const auto& [name, score] : card.transferable->scores)
      entries.emplace_back("score", name + " " + engine::significant_text(score, 4));
  } else {
    entries.emplace_back("molecule", std::to_string(card.atoms.size()) + " atoms");
    if (card.lag_ps > 0.0)  // flows between temperatures have none
      entries.emplace_back("lag", engine::significant_text(card.lag_ps, 6) + " ps");
  }
  entries.emplace_back("temperature", engine::significant_text(card.temperature_K, 6) + " K");
  entries.emplace_back("force field", card.force_field);
  entries.emplace_back("measure", card.measure);
  entries.emplace_back("precision", card.precision);
  entries.emplace_back("created by", card.created_by);
  entries.emplace_back("training", card.training);
  for (const std::string& reference : card.references) entries.emplace_back("reference", reference);
  return entries;
}

}  // namespace saltus::tools
