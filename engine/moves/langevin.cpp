#include "engine/moves/langevin.h"

#include <cmath>
#include <limits>

#include "engine/core/error.h"

namespace saltus::engine {

namespace {

void require(bool ok, const std::string& what) {
  if (!ok) throw InputError("langevin: " + what);
}

}  // namespace

Langevin::Langevin(LangevinOptions options, std::vector<double> masses)
    : options_(options), masses_(std::move(masses)) {
  require(options_.time_step_ps > 0.0 && std::isfinite(options_.time_step_ps),
          "time_step must be positive and finite");
  require(options_.friction_per_ps >= 0.0 && std::isfinite(options_.friction_per_ps),
          "friction must not be negative");
  require(options_.n_steps > 0, "steps must be at least 1");
  for (double mass : masses_) require(mass >= 0.0, "masses must not be negative");
}

void draw_velocities(ChainBatch& chains, const std::vector<double>& masses, const StepKey& key) {
  for (std::size_t c = 0; c < chains.n_chains(); ++c) {
    RandomStream stream(key, StreamName::kVelocities, static_cast<std::uint32_t>(c));
    const double kt = 1.0 / chains.states[c].beta();
    const auto v = chains.velocities.chain(c);
    for (std::size_t i = 0; i < v.size(); ++i)
      v[i] = masses[i / 3] > 0.0 ? std::sqrt(kt / masses[i / 3]) * stream.normal() : 0.0;
  }
}

TransitionInfo Langevin::apply(ChainBatch& chains, const TargetDensity& target,
                               const StepKey& key) const {
  const double start = process_cpu_seconds();
  const std::size_t n = chains.n_chains(), stride = 3 * chains.n_atoms();
  if (masses_.size() != chains.n_atoms())
    throw InternalError("langevin: masses and chains have different atom counts");
  const double dt = options_.time_step_ps;
  const double keep = std::exp(-options_.friction_per_ps * dt);
  const double noise = std::sqrt(1.0 - keep * keep);

  std::vector<double> inverse_mass(stride);
  for (std::size_t i = 0; i < stride; ++i)
    inverse_mass[i] = masses_[i / 3] > 0.0 ? 1.0 / masses_[i / 3] : 0.0;
  std::vector<RandomStream> streams;
  streams.reserve(n);
  for (std::size_t c = 0; c < n; ++c)
    streams.emplace_back(key, StreamName::kLangevinNoise, static_cast<std::uint32_t>(c));

  std::vector<double> forces(n * stride);
  auto& x = chains.positions.values();
  auto& v = chains.velocities.values();
  for (std::size_t s = 0; s < options_.n_steps; ++s) {
    target.energy().evaluate(chains.positions.view(), chains.energies, forces);
    for (std::size_t c = 0; c < n; ++c) {
      if (!std::isfinite(chains.energies[c]))
        throw NumericalError("langevin: the energy of chain " + std::to_string(c) +
                             " is no longer finite in step " + std::to_string(key.step) +
                             "; a smaller time_step may help");
      const double kt = 1.0 / chains.states[c].beta();
      for (std::size_t i = 0; i < stride; ++i) {
        const std::size_t a = c * stride + i;
        // Full kick, half drift, Ornstein-Uhlenbeck, half drift.
        double velocity = v[a] + dt * inverse_mass[i] * forces[a];
        double position = x[a] + 0.5 * dt * velocity;
        if (inverse_mass[i] > 0.0)
          velocity =
              keep * velocity + noise * std::sqrt(kt * inverse_mass[i]) * streams[c].normal();
        position += 0.5 * dt * velocity;
        v[a] = velocity;
        x[a] = position;
      }
    }
  }
  target.refresh_energies(chains);

  MoveRecord record;
  record.name = name();
  record.outcomes.assign(n, Outcome::kAccepted);
  record.log_ratios.assign(n, std::numeric_limits<double>::quiet_NaN());
  record.energy_evaluations = n * (options_.n_steps + 1);
  record.cpu_seconds = process_cpu_seconds() - start;
  return {{std::move(record)}};
}

}  // namespace saltus::engine
