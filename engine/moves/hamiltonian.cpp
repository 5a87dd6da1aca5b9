#include "engine/moves/hamiltonian.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/core/error.h"
#include "engine/moves/metropolis.h"

namespace saltus::engine {

namespace {

void require(bool ok, const std::string& what) {
  if (!ok) throw InputError("hmc: " + what);
}

double kinetic_energy(Span<const double> v, const std::vector<double>& masses) {
  double twice = 0.0;
  for (std::size_t i = 0; i < v.size(); ++i) twice += masses[i / 3] * v[i] * v[i];
  return 0.5 * twice;
}

}  // namespace

HamiltonianMonteCarlo::HamiltonianMonteCarlo(HamiltonianOptions options, std::vector<double> masses)
    : options_(options), masses_(std::move(masses)) {
  require(options_.time_step_ps > 0.0 && std::isfinite(options_.time_step_ps),
          "time_step must be positive and finite");
  require(options_.n_steps > 0, "steps must be at least 1");
  require(options_.length_jitter >= 0.0 && options_.length_jitter < 1.0,
          "length_jitter must be in [0, 1)");
  require(options_.friction_per_ps >= 0.0 && std::isfinite(options_.friction_per_ps),
          "friction must not be negative");
  for (double mass : masses_) require(mass >= 0.0, "masses must not be negative");
}

std::string HamiltonianMonteCarlo::name() const {
  return options_.friction_per_ps > 0.0 ? "ghmc" : "hmc";
}

namespace {

/// v <- keep v + sqrt(1 - keep^2) xi: leaves the Maxwell distribution invariant.
void refresh_momenta(ChainBatch& chains, const std::vector<double>& masses, double keep,
                     const StepKey& key) {
  const double noise = std::sqrt(1.0 - keep * keep);
  for (std::size_t c = 0; c < chains.n_chains(); ++c) {
    RandomStream stream(key, StreamName::kMomentumRefresh, static_cast<std::uint32_t>(c));
    const double kt = 1.0 / chains.states[c].beta();
    const auto v = chains.velocities.chain(c);
    for (std::size_t i = 0; i < v.size(); ++i)
      v[i] = masses[i / 3] > 0.0
                 ? keep * v[i] + noise * std::sqrt(kt / masses[i / 3]) * stream.normal()
                 : 0.0;
  }
}

/// Velocity Verlet of all chains; returns energies of the end points. Chains that blow up go on
/// with whatever numbers they have and are rejected afterwards.
std::vector<double> integrate(CoordinateBatch& x, CoordinateBatch& v,
                              const std::vector<double>& masses, double dt, std::size_t n_steps,
                              const EnergyFunction& energy) {
  const std::size_t n = x.n_chains(), stride = 3 * x.n_atoms();
  std::vector<double> energies(n), forces(n * stride);
  std::vector<double> half_kick(stride);
  for (std::size_t i = 0; i < stride; ++i)
    half_kick[i] = masses[i / 3] > 0.0 ? 0.5 * dt / masses[i / 3] : 0.0;
  const auto kick = [&](double factor) {
    for (std::size_t a = 0; a < n * stride; ++a)
      v.values()[a] += factor * half_kick[a % stride] * forces[a];
  };
  energy.evaluate(x.view(), energies, forces);
  kick(1.0);
  for (std::size_t s = 0; s < n_steps; ++s) {
    for (std::size_t a = 0; a < n * stride; ++a) x.values()[a] += dt * v.values()[a];
    energy.evaluate(x.view(), energies, forces);
    kick(s + 1 < n_steps ? 2.0 : 1.0);
  }
  return energies;
}

}  // namespace

TransitionInfo HamiltonianMonteCarlo::apply(ChainBatch& chains, const TargetDensity& target,
                                            const StepKey& key) const {
  const double start = process_cpu_seconds();
  const std::size_t n = chains.n_chains();
  if (masses_.size() != chains.n_atoms())
    throw InternalError("hmc: masses and chains have different atom counts");
  require_finite_energies(chains, name(), key);

  // One length for all chains; it depends on the key only.
  const double u = RandomStream(key, StreamName::kHamiltonianLength, 0).uniform();
  const double factor = 1.0 + options_.length_jitter * (2.0 * u - 1.0);
  const auto n_steps = std::max<std::size_t>(
      1, static_cast<std::size_t>(std::lround(factor * static_cast<double>(options_.n_steps))));

  const bool generalised = options_.friction_per_ps > 0.0;
  const double trajectory = options_.time_step_ps * static_cast<double>(options_.n_steps);
  const double keep = generalised ? std::exp(-options_.friction_per_ps * trajectory) : 0.0;
  refresh_momenta(chains, masses_, keep, key);

  CoordinateBatch x = chains.positions, v = chains.velocities;
  const std::vector<double> energies =
      integrate(x, v, masses_, options_.time_step_ps, n_steps, target.energy());

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
                             -beta * kinetic_energy(chains.velocities.chain(c), masses_),
                             -beta * kinetic_energy(v.chain(c), masses_));
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
