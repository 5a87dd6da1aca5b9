#include "tools/saltus/run/pilot.h"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/core/error_context.h"
#include "engine/moves/composites.h"
#include "engine/moves/langevin.h"
#include "engine/moves/replica_exchange.h"
#include "engine/run/simulation.h"
#include "engine/system/hydrogen_mass.h"
#include "tools/saltus/run/series.h"

namespace saltus::tools {

namespace {

using engine::ChainBatch;

/// Parts of the pilot's random numbers; dynamics and exchanges follow.
enum Phase : std::uint32_t { kVelocitiesPhase, kRelaxPhase, kFirstPhaseOfSteps };

std::size_t steps_of(double time_ps, double time_step_ps) {
  return static_cast<std::size_t>(std::max(1L, std::lround(time_ps / time_step_ps)));
}

ChainBatch start_ladders(const PilotDeck& deck, const std::vector<double>& start,
                         const engine::System& system) {
  const std::size_t levels = deck.temperatures_K.size();
  ChainBatch chains(deck.ladders * levels, system.n_atoms(), {});
  chains.positions.set_boxes(engine::start_boxes(system, chains.n_chains()));
  for (std::size_t c = 0; c < chains.n_chains(); ++c) {
    std::copy(start.begin(), start.end(), chains.positions.chain(c).begin());
    chains.states[c].temperature_K = deck.temperatures_K[c % levels];
  }
  return chains;
}

/// Short steps with strong friction heat a minimised structure without blowing it up.
engine::Langevin gentle_start(const engine::MovingParticles& particles) {
  engine::LangevinOptions options;
  options.time_step_ps = 0.0005;
  options.friction_per_ps = 50.0;
  options.n_steps = 1000;
  return engine::Langevin(options, particles);
}

}  // namespace

PilotResult run_pilot(const PilotDeck& deck, const PilotTask& task, Progress& progress) {
  const auto& [molecule, start, target, torsions, seed] = task;
  const std::size_t levels = deck.temperatures_K.size();
  engine::MovingParticles particles = engine::moving_particles(molecule.system);
  particles.masses = engine::with_prefix("pilot.", [&] {
    return engine::repartitioned_masses(task.molecule.topology, task.molecule.system,
                                        deck.hydrogen_mass_dalton);
  });
  const engine::StepKey root{seed, 0};
  progress.start("pilot dynamics");
  ChainBatch chains = start_ladders(deck, start, molecule.system);
  engine::draw_velocities(chains, particles, root.child(kVelocitiesPhase));
  gentle_start(particles).apply(chains, target, root.child(kRelaxPhase));

  // Dynamics run in pieces that fit between two frames and between two exchanges.
  const std::size_t frame_steps = steps_of(deck.frame_period_ps, deck.dynamics.time_step_ps);
  const std::size_t exchange_steps = steps_of(deck.exchange_period_ps, deck.dynamics.time_step_ps);
  engine::LangevinOptions options = deck.dynamics;
  options.n_steps = std::gcd(frame_steps, exchange_steps);
  std::vector<engine::Sequence::Part> parts;
  parts.push_back({std::make_shared<engine::Langevin>(options, particles), 1, 1, false});
  const auto exchange = levels > 1 ? std::make_shared<engine::ReplicaExchange>(levels) : nullptr;
  if (exchange) parts.push_back({exchange, 1, exchange_steps / options.n_steps, false});
  const std::size_t n_equilibration =
      deck.equilibration_ps > 0.0 ? steps_of(deck.equilibration_ps, deck.dynamics.time_step_ps) : 0;
  const std::size_t n_frames =
      steps_of(deck.length_ps - deck.equilibration_ps, deck.dynamics.time_step_ps) / frame_steps;
  const std::size_t n_total = n_equilibration + n_frames * frame_steps;

  PilotResult result;
  mlsamplers::PilotTrajectory& trajectory = result.trajectory;
  trajectory.n_series = deck.ladders;
  trajectory.n_frames = n_frames;
  trajectory.frame_spacing_ps = deck.frame_period_ps;
  trajectory.frames =
      engine::CoordinateBatch::like(chains.positions.view(), deck.ladders * n_frames);
  std::size_t frame = 0;
  double cpu_seconds = 0.0;
  std::uint64_t evaluations = 0;
  engine::SimulationOptions schedule;
  schedule.seed = seed;
  schedule.n_steps = (n_total + options.n_steps - 1) / options.n_steps;
  engine::Simulation stage(std::make_shared<engine::Sequence>(std::move(parts), kFirstPhaseOfSteps),
                           target, schedule);
  stage.add_reporter(engine::every(
      1, [&](std::uint64_t piece, const ChainBatch& now, const engine::TransitionInfo& info) {
        const std::size_t step = piece * options.n_steps;
        progress.update(static_cast<double>(step) / static_cast<double>(n_total));
        if (step < n_equilibration + options.n_steps) return;
        for (const engine::MoveRecord& record : info.records) {
          cpu_seconds += record.cpu_seconds;
          evaluations += record.n_energy_evaluations;
        }
        if (frame == n_frames || (step - n_equilibration) / frame_steps <= frame) return;
        for (std::size_t ladder = 0; ladder < deck.ladders; ++ladder) {
          trajectory.frames.copy_chain(now.positions.view(), ladder * levels,
                                       ladder * n_frames + frame);
        }
        ++frame;
      }));
  stage.run(chains, {});
  for (const engine::MoveStatistics& row : stage.statistics().rows())
    if (exchange && row.name == exchange->name()) result.exchange_acceptance = row.acceptance();

  // Frames are series-major, as the series of one torsion have to be.
  const std::vector<double> angles = measure_torsions(torsions, trajectory.frames.view());
  std::vector<OwnedSeries> series;
  const std::size_t n = deck.ladders * n_frames;
  for (std::size_t t = 0; t < torsions.size(); ++t)
    series.push_back({torsions[t].name,
                      "rad",
                      {angles.begin() + static_cast<std::ptrdiff_t>(t * n),
                       angles.begin() + static_cast<std::ptrdiff_t>((t + 1) * n)},
                      deck.ladders,
                      n_frames});
  result.efficiency = engine::compute_efficiency(
      "plain dynamics with replica exchange (native)",
      summarise(torsion_observables(series, held_by_rings(torsions, molecule.topology))),
      cpu_seconds, evaluations);
  progress.finish(fmt::format(FMT_STRING("{} frames at {:.4g} K, exchanges accepted: {:.0f} %"), n,
                              deck.temperatures_K[0], 100.0 * result.exchange_acceptance));
  return result;
}

}  // namespace saltus::tools
