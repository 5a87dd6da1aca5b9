#include "tests/support/exact_start.h"

#include <cmath>

#include "engine/dynamics/integrator.h"

namespace saltus::tests {

engine::ChainBatch draw_exact_chains(const engine::SeparablePotential& potential,
                                     std::size_t n_chains, double temperature_K,
                                     const std::vector<double>& masses, std::uint64_t seed) {
  engine::ChainBatch chains(n_chains, potential.n_atoms(), {temperature_K});
  const engine::TabulatedDensity density = potential.density(temperature_K);
  for (std::size_t c = 0; c < n_chains; ++c) {
    engine::RandomStream stream({seed, 0}, engine::StreamName::kInitialState,
                                static_cast<std::uint32_t>(c));
    for (double& x : chains.positions.chain(c)) x = density.quantile(stream.uniform());
  }
  engine::draw_velocities(chains, {masses, {}}, {seed, 0});
  potential.evaluate(chains.positions.view(), chains.energies, {});
  return chains;
}

void apply_repeatedly(const engine::Move& move, engine::ChainBatch& chains,
                      const engine::TargetDensity& target, std::size_t n_applications,
                      std::uint64_t seed) {
  for (std::size_t step = 0; step < n_applications; ++step)
    move.apply(chains, target, {seed, step});
}

const std::vector<double>& pooled_coordinates(const engine::ChainBatch& chains) {
  return chains.positions.values();
}

std::vector<double> reduced_velocities(const engine::ChainBatch& chains,
                                       const std::vector<double>& masses) {
  std::vector<double> reduced;
  for (std::size_t c = 0; c < chains.n_chains(); ++c)
    for (std::size_t i = 0; i < 3 * masses.size(); ++i)
      reduced.push_back(std::sqrt(masses[i / 3] * chains.states[c].beta()) *
                        chains.velocities.chain(c)[i]);
  return reduced;
}

double standard_normal_cdf(double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }

}  // namespace saltus::tests
