#include "tests/engine/dynamics/plain_langevin.h"

#include <cmath>

#include "engine/core/units.h"

namespace saltus::tests {

using engine::Constraint;
using engine::MovingParticles;
using engine::Span;

double langevin_normal(const engine::StepKey& key, std::size_t n_atoms, std::size_t chain,
                       std::size_t step, std::size_t coordinate) {
  const std::size_t blocks_per_step = (3 * n_atoms + 3) / 4;
  const engine::StreamStart start = engine::stream_start(key, engine::StreamName::kLangevinNoise,
                                                         static_cast<std::uint32_t>(chain));
  auto counter = start.counter;
  counter[0] = static_cast<std::uint32_t>(step * blocks_per_step + coordinate / 4);
  const auto words = engine::philox4x32(counter, start.key);
  const std::size_t pair = 2 * (coordinate % 4 / 2);
  const double u = (static_cast<double>(words[pair]) + 1.0) * 0x1p-32;
  const double angle = engine::kTwoPi * static_cast<double>(words[pair + 1]) * 0x1p-32;
  const double radius = std::sqrt(-2.0 * std::log(u));
  return radius * (coordinate % 2 == 0 ? std::cos(angle) : std::sin(angle));
}

namespace {

double inverse_mass(const MovingParticles& particles, std::size_t atom) {
  return particles.masses[atom] > 0.0 ? 1.0 / particles.masses[atom] : 0.0;
}

/// Adds factor * (direction from j to i at `at`) to i and takes it from j, by inverse masses.
void shift(const MovingParticles& particles, const Constraint& c, double factor,
           Span<const double> at, Span<double> values) {
  for (std::size_t d = 0; d < 3; ++d) {
    const double r = at[3 * c.i + d] - at[3 * c.j + d];
    values[3 * c.i + d] += factor * inverse_mass(particles, c.i) * r;
    values[3 * c.j + d] -= factor * inverse_mass(particles, c.j) * r;
  }
}

double product(const Constraint& c, Span<const double> a, Span<const double> b) {
  double sum = 0.0;
  for (std::size_t d = 0; d < 3; ++d)
    sum += (a[3 * c.i + d] - a[3 * c.j + d]) * (b[3 * c.i + d] - b[3 * c.j + d]);
  return sum;
}

constexpr int kSweeps = 60;  // far more than convergence takes

void project(const MovingParticles& particles, Span<const double> x, Span<double> v) {
  for (int sweep = 0; sweep < kSweeps; ++sweep)
    for (const Constraint& c : particles.constraints) {
      const double w = inverse_mass(particles, c.i) + inverse_mass(particles, c.j);
      shift(particles, c, -product(c, x, v) / (w * product(c, x, x)), x, v);
    }
}

void constrain(const MovingParticles& particles, Span<const double> reference, Span<double> x) {
  for (int sweep = 0; sweep < kSweeps; ++sweep)
    for (const Constraint& c : particles.constraints) {
      const double w = inverse_mass(particles, c.i) + inverse_mass(particles, c.j);
      const double excess = product(c, x, x) - c.distance_nm * c.distance_nm;
      shift(particles, c, -excess / (2.0 * w * product(c, x, reference)), reference, x);
    }
}

}  // namespace

void plain_langevin(engine::ChainBatch& chains, const MovingParticles& particles,
                    const engine::EnergyFunction& energy, const engine::LangevinOptions& options,
                    const engine::StepKey& key, LangevinBug bug) {
  const double dt = options.time_step_ps, keep = std::exp(-options.friction_per_ps * dt);
  const bool projects = bug != LangevinBug::kNoVelocityProjection;
  std::vector<double> forces(chains.positions.values().size());
  for (std::size_t step = 0; step < options.n_steps; ++step) {
    energy.evaluate(chains.positions.view(), chains.energies, forces);
    const std::size_t noise_step = bug == LangevinBug::kReusedNoise ? 0 : step;
    for (std::size_t c = 0; c < chains.n_chains(); ++c) {
      const auto x = chains.positions.chain(c), v = chains.velocities.chain(c);
      const std::vector<double> start(x.begin(), x.end());
      for (std::size_t i = 0; i < x.size(); ++i)
        v[i] += dt * inverse_mass(particles, i / 3) * forces[c * x.size() + i];
      if (projects) project(particles, start, v);
      for (std::size_t i = 0; i < x.size(); ++i) {
        const double width = std::sqrt((1.0 - keep * keep) * inverse_mass(particles, i / 3) /
                                       chains.states[c].beta());
        x[i] += 0.5 * dt * v[i];
        v[i] = keep * v[i] + width * langevin_normal(key, particles.n_atoms(), c, noise_step, i);
        x[i] += 0.5 * dt * v[i];
      }
      const std::vector<double> free(x.begin(), x.end());
      constrain(particles, start, x);
      if (bug != LangevinBug::kNoVelocityCorrection)
        for (std::size_t i = 0; i < x.size(); ++i) v[i] += (x[i] - free[i]) / dt;
    }
  }
  if (projects)
    for (std::size_t c = 0; c < chains.n_chains(); ++c)
      project(particles, chains.positions.chain(c), chains.velocities.chain(c));
}

}  // namespace saltus::tests
