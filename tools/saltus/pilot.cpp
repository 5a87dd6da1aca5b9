#include "tools/saltus/pilot.h"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/moves/langevin.h"
#include "engine/moves/replica_exchange.h"
#include "engine/system/hydrogen_mass.h"
#include "tools/saltus/series.h"

namespace saltus::tools {

namespace {

using engine::ChainBatch;

/// Parts of the pilot's random numbers.
enum Phase : std::uint32_t { kVelocitiesPhase, kRelaxPhase, kDynamicsPhase, kExchangePhase };

std::size_t steps_of(double time_ps, double time_step_ps) {
  return static_cast<std::size_t>(std::max(1L, std::lround(time_ps / time_step_ps)));
}

ChainBatch start_ladders(const PilotDeck& deck, const std::vector<double>& start,
                         std::size_t n_atoms) {
  const std::size_t levels = deck.temperatures_K.size();
  ChainBatch chains(deck.ladders * levels, n_atoms, {});
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

PilotResult run_pilot(const PilotDeck& deck, const Molecule& molecule,
                      const std::vector<double>& start, const engine::TargetDensity& target,
                      const std::vector<NamedTorsion>& torsions, std::uint64_t seed,
                      Progress& progress) {
  const std::size_t n_atoms = molecule.topology.n_atoms(), levels = deck.temperatures_K.size();
  const engine::MovingParticles particles = {
      engine::repartitioned_masses(molecule.topology, molecule.system.masses,
                                   deck.hydrogen_mass_dalton),
      molecule.system.constraints};
  const engine::StepKey root{seed, 0};
  progress.start("pilot dynamics");
  ChainBatch chains = start_ladders(deck, start, n_atoms);
  engine::draw_velocities(chains, particles, root.child(kVelocitiesPhase));
  gentle_start(particles).apply(chains, target, root.child(kRelaxPhase));

  // Dynamics run in pieces that fit between two frames and between two exchanges.
  const std::size_t frame_steps = steps_of(deck.frame_period_ps, deck.time_step_ps);
  const std::size_t exchange_steps = steps_of(deck.exchange_period_ps, deck.time_step_ps);
  engine::LangevinOptions options;
  options.time_step_ps = deck.time_step_ps;
  options.friction_per_ps = deck.friction_per_ps;
  options.n_steps = std::gcd(frame_steps, exchange_steps);
  const engine::Langevin dynamics(options, particles);
  const std::size_t n_equilibration =
      deck.equilibration_ps > 0.0 ? steps_of(deck.equilibration_ps, deck.time_step_ps) : 0;
  const std::size_t n_frames =
      steps_of(deck.length_ps - deck.equilibration_ps, deck.time_step_ps) / frame_steps;
  const std::size_t n_total = n_equilibration + n_frames * frame_steps;

  PilotResult result;
  mlsamplers::PilotTrajectory& trajectory = result.trajectory;
  trajectory.n_series = deck.ladders;
  trajectory.n_frames = n_frames;
  trajectory.frame_spacing_ps = deck.frame_period_ps;
  trajectory.frames = engine::CoordinateBatch(deck.ladders * n_frames, n_atoms);
  engine::StepKey dynamics_key = root.child(kDynamicsPhase),
                  exchange_key = root.child(kExchangePhase);
  std::size_t exchanges_tried = 0, exchanges_accepted = 0, frame = 0;
  double cpu_seconds = 0.0;
  std::uint64_t evaluations = 0;
  for (std::size_t step = 0; step < n_total && frame < n_frames;) {
    const bool counted = step >= n_equilibration;
    const double cpu_start = engine::process_cpu_seconds();
    const engine::TransitionInfo info = dynamics.apply(chains, target, dynamics_key);
    ++dynamics_key.step;
    step += options.n_steps;
    if (levels > 1 && step % exchange_steps == 0) {
      const engine::TransitionInfo swaps =
          engine::ReplicaExchange(levels).apply(chains, target, exchange_key);
      ++exchange_key.step;
      for (engine::Outcome outcome : swaps.records[0].outcomes) {
        exchanges_tried += outcome != engine::Outcome::kNotApplied ? 1 : 0;
        exchanges_accepted += outcome == engine::Outcome::kAccepted ? 1 : 0;
      }
    }
    if (counted) {
      cpu_seconds += engine::process_cpu_seconds() - cpu_start;
      evaluations += info.records[0].energy_evaluations;
      if ((step - n_equilibration) / frame_steps > frame) {
        for (std::size_t ladder = 0; ladder < deck.ladders; ++ladder) {
          const auto x = chains.positions.chain(ladder * levels);
          std::copy(x.begin(), x.end(), trajectory.frames.chain(ladder * n_frames + frame).begin());
        }
        ++frame;
      }
    }
    progress.update(static_cast<double>(step) / static_cast<double>(n_total));
  }
  result.exchange_acceptance = exchanges_tried == 0 ? 0.0
                                                    : static_cast<double>(exchanges_accepted) /
                                                          static_cast<double>(exchanges_tried);

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
  result.efficiency =
      engine::compute_efficiency("plain dynamics with replica exchange (native)",
                                 summarise(torsion_observables(series)), cpu_seconds, evaluations);
  progress.finish(fmt::format(FMT_STRING("{} frames at {:.4g} K, exchanges accepted: {:.0f} %"), n,
                              deck.temperatures_K[0], 100.0 * result.exchange_acceptance));
  return result;
}

}  // namespace saltus::tools
