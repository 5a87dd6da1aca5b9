#include "engine/moves/hamiltonian.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "engine/core/error.h"
#include "engine/moves/decision.h"

namespace saltus::engine {

void require_options(const HamiltonianOptions& options, const std::string& who) {
  const auto require = [&who](bool ok, const std::string& what) {
    if (!ok) throw InputError(who + ": " + what);
  };
  require(options.time_step_ps > 0.0 && std::isfinite(options.time_step_ps),
          "time_step must be positive and finite");
  require(options.n_steps > 0, "steps must be at least 1");
  require(options.length_jitter >= 0.0 && options.length_jitter < 1.0,
          "length_jitter must be in [0, 1)");
  require(options.friction_per_ps >= 0.0 && std::isfinite(options.friction_per_ps),
          "friction must not be negative");
}

std::size_t trajectory_length(const HamiltonianOptions& options, const StepKey& key) {
  const double u = RandomStream(key, StreamName::kHamiltonianLength, 0).uniform();
  const double factor = 1.0 + options.length_jitter * (2.0 * u - 1.0);
  return std::max<std::size_t>(
      1, static_cast<std::size_t>(std::lround(factor * static_cast<double>(options.n_steps))));
}

HamiltonianMonteCarlo::HamiltonianMonteCarlo(HamiltonianOptions options, MovingParticles particles)
    : options_(options), integrator_("hmc", std::move(particles)) {
  require_options(options_, "hmc");
}

std::string HamiltonianMonteCarlo::name() const {
  return options_.friction_per_ps > 0.0 ? "ghmc" : "hmc";
}

MoveRecord accept_trajectories(const std::string& name, TrajectoryEnds ends,
                               const TargetDensity& target, const StepKey& key,
                               ChainBatch& chains) {
  Candidates candidates;
  candidates.positions = std::move(ends.positions);
  candidates.velocities = std::move(ends.velocities);
  // Ends that mean nothing are replaced by where the chain is.
  std::vector<double> energies = ends.guide_energies;
  for (std::size_t c = 0; c < energies.size(); ++c) {
    if (std::isfinite(energies[c])) continue;
    candidates.positions.copy_chain(chains.positions.view(), c, c);
    energies[c] = chains.energies[c];
  }
  target.evaluate_with_guide(candidates.positions.view(), energies, candidates.terms);
  for (std::size_t c = 0; c < chains.n_chains(); ++c) {
    const double beta = chains.states[c].beta();
    const double log_proposed = target.log_density(candidates.terms.energies[c],
                                                   candidates.terms.others_of(c), chains.states[c]);
    candidates.log_ratios.push_back(metropolis_log_ratio(
        target.log_density(chains, c),
        std::isfinite(ends.guide_energies[c]) ? log_proposed
                                              : -std::numeric_limits<double>::infinity(),
        -beta * ends.kinetic_before[c], -beta * ends.kinetic_after[c]));
  }
  MoveRecord record = accept_or_reject(name, candidates, key, chains);
  // Kept momenta turn round when the trajectory is rejected; fresh ones mean nothing.
  for (std::size_t c = 0; c < chains.n_chains(); ++c)
    if (record.outcomes[c] != Outcome::kAccepted)
      for (double& component : chains.velocities.chain(c)) component = -component;
  return record;
}

TransitionInfo HamiltonianMonteCarlo::apply(ChainBatch& chains, const TargetDensity& target,
                                            const StepKey& key) const {
  const double start = process_cpu_seconds();
  const std::size_t n = chains.n_chains();
  if (integrator_.n_atoms() != chains.n_atoms())
    throw InternalError("hmc: masses and chains have different atom counts");
  require_finite_energies(chains, name(), key);

  const std::size_t n_steps = trajectory_length(options_, key);
  const bool generalised = options_.friction_per_ps > 0.0;
  const double trajectory = options_.time_step_ps * static_cast<double>(options_.n_steps);
  const double keep = generalised ? std::exp(-options_.friction_per_ps * trajectory) : 0.0;
  const EnergyFunction& guide = require_guide(target, name());
  const std::optional<BlockAccess> lanes = guide.blocks();
  integrator_.refresh_velocities(chains, keep, StreamName::kMomentumRefresh, key,
                                 lanes ? lanes->pool : nullptr);

  TrajectoryEnds ends;
  ends.positions = chains.positions;
  ends.velocities = chains.velocities;
  ends.guide_energies = integrator_.velocity_verlet(ends.positions, ends.velocities, guide,
                                                    options_.time_step_ps, n_steps);
  for (std::size_t c = 0; c < n; ++c) {
    ends.kinetic_before.push_back(integrator_.kinetic_energy(chains.velocities.chain(c)));
    ends.kinetic_after.push_back(integrator_.kinetic_energy(ends.velocities.chain(c)));
  }
  MoveRecord record = accept_trajectories(name(), std::move(ends), target, key, chains);
  record.n_energy_evaluations = n * (n_steps + 1);
  record.cpu_seconds = process_cpu_seconds() - start;
  return {{std::move(record)}};
}

}  // namespace saltus::engine
