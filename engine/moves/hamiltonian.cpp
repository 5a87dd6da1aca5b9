#include "engine/moves/hamiltonian.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/core/error.h"
#include "engine/moves/metropolis.h"

namespace saltus::engine {

void require_trajectory_options(const std::string& source, const HamiltonianOptions& options) {
  const auto require = [&source](bool ok, const std::string& what) {
    if (!ok) throw InputError(source + ": " + what);
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
  require_trajectory_options("hmc", options_);
}

std::string HamiltonianMonteCarlo::name() const {
  return options_.friction_per_ps > 0.0 ? "ghmc" : "hmc";
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
  integrator_.refresh_velocities(chains, keep, StreamName::kMomentumRefresh, key);

  CoordinateBatch x = chains.positions, v = chains.velocities;
  const std::vector<double> energies =
      integrator_.velocity_verlet(x, v, target.energy(), options_.time_step_ps, n_steps);

  MoveRecord record;
  record.name = name();
  record.outcomes.resize(n);
  record.log_ratios.resize(n);
  record.energy_evaluations = n * (n_steps + 1);
  for (std::size_t c = 0; c < n; ++c) {
    const double beta = chains.states[c].beta();
    // The map (x, v) -> (x', -v') preserves volume and is its own inverse: the forward path term is
    // the log-density of the momenta it starts with, the reverse one of those it ends with.
    const double log_ratio =
        metropolis_log_ratio(target.log_density(chains.energies[c], chains.states[c]),
                             target.log_density(energies[c], chains.states[c]),
                             -beta * integrator_.kinetic_energy(chains.velocities.chain(c)),
                             -beta * integrator_.kinetic_energy(v.chain(c)));
    record.log_ratios[c] = log_ratio;
    const double accept =
        RandomStream(key, StreamName::kAccept, static_cast<std::uint32_t>(c)).uniform();
    if (accept < acceptance_probability(log_ratio)) {
      const auto xc = x.chain(c), vc = v.chain(c);
      std::copy(xc.begin(), xc.end(), chains.positions.chain(c).begin());
      std::copy(vc.begin(), vc.end(), chains.velocities.chain(c).begin());
      chains.energies[c] = energies[c];
      record.outcomes[c] = Outcome::kAccepted;
    } else {
      for (double& component : chains.velocities.chain(c)) component = -component;
      record.outcomes[c] = std::isfinite(log_ratio) ? Outcome::kRejected : Outcome::kInvalid;
    }
  }
  record.cpu_seconds = process_cpu_seconds() - start;
  return {{std::move(record)}};
}

}  // namespace saltus::engine
