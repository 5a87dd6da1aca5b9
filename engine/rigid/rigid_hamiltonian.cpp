#include "engine/rigid/rigid_hamiltonian.h"

#include <utility>

#include "engine/core/error.h"
#include "engine/moves/decision.h"

namespace saltus::engine {

RigidHamiltonianMonteCarlo::RigidHamiltonianMonteCarlo(const HamiltonianOptions& options,
                                                       std::shared_ptr<const RigidBodies> bodies)
    : options_(options), integrator_(std::move(bodies)) {
  require_options(options_, name());
  if (options_.friction_per_ps != 0.0)
    throw InputError("rigid_hmc: friction must be 0: momenta are drawn afresh; ghmc keeps them");
}

MoveRequirements RigidHamiltonianMonteCarlo::requirements() const {
  MoveRequirements result;
  result.rigid_molecules = true;
  return result;
}

TransitionInfo RigidHamiltonianMonteCarlo::apply(ChainBatch& chains, const TargetDensity& target,
                                                 const StepKey& key) const {
  const RigidBodies& bodies = integrator_.bodies();
  require_measure(target, bodies.measure(), name());
  const double start = process_cpu_seconds();
  const std::size_t n = chains.n_chains();
  if (bodies.n_atoms() != chains.n_atoms())
    throw InternalError("rigid_hmc: bodies and chains have different atom counts");
  require_finite_energies(chains, name(), key);

  TrajectoryEnds ends;
  std::vector<RigidState> states(n);
  for (std::size_t c = 0; c < n; ++c) {
    RandomStream stream(key, StreamName::kMomentumRefresh, chains.number_of(c));
    states[c] = {bodies.poses(chains.positions.view(), c),
                 draw_motions(bodies, 1.0 / chains.states[c].beta(), stream)};
    ends.kinetic_before.push_back(kinetic_energy(bodies, states[c].motions));
    write_velocities(bodies, states[c], chains.velocities.chain(c));
  }
  const std::size_t n_steps = trajectory_length(options_, key);
  ends.positions = chains.positions;
  ends.velocities = chains.velocities;
  ends.guide_energies = integrator_.velocity_verlet(
      states, ends.positions, require_guide(target, name()), options_.time_step_ps, n_steps);
  for (std::size_t c = 0; c < n; ++c) {
    ends.kinetic_after.push_back(kinetic_energy(bodies, states[c].motions));
    write_velocities(bodies, states[c], ends.velocities.chain(c));
  }
  MoveRecord record = accept_trajectories(name(), std::move(ends), target, key, chains);
  record.n_energy_evaluations = n * (n_steps + 1);
  record.cpu_seconds = process_cpu_seconds() - start;
  return {{std::move(record)}};
}

}  // namespace saltus::engine
