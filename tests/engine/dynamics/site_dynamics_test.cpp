// Oracle: the definition of virtual sites (a trajectory must end with them in their places), the
// energy that Newton's equations conserve, counting, and exact messages.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/core/error.h"
#include "engine/dynamics/integrator.h"
#include "engine/ensemble/canonical.h"
#include "engine/moves/hamiltonian.h"
#include "tests/engine/dynamics/water_pair.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"

namespace saltus::tests {
namespace {

using namespace engine;

constexpr std::size_t kChains = 11;  // no whole number of lanes

ChainBatch chains() {
  ChainBatch result(kChains, 8, {300.0});
  for (std::size_t c = 0; c < kChains; ++c)
    std::copy_n(water_pair_positions().begin(), 24, result.positions.chain(c).begin());
  return result;
}

/// Largest distance of a coordinate of a site from its place.
double largest_displacement(const CoordinateBatch& x) {
  double largest = 0.0;
  CoordinateBatch placed = x;
  for (std::size_t c = 0; c < x.n_chains(); ++c) {
    place_virtual_sites(water_pair().virtual_sites, placed.chain(c));
    for (std::size_t i = 0; i < 24; ++i)
      largest = std::max(largest, std::abs(placed.chain(c)[i] - x.chain(c)[i]));
  }
  return largest;
}

double largest_site_velocity(const CoordinateBatch& v) {
  double largest = 0.0;
  for (std::size_t c = 0; c < v.n_chains(); ++c)
    for (const std::size_t site : {3u, 7u})
      for (std::size_t d = 0; d < 3; ++d)
        largest = std::max(largest, std::abs(v.chain(c)[3 * site + d]));
  return largest;
}

TEST(SiteDynamics, SitesAreInPlaceAfterEveryTrajectory) {
  const Integrator integrator("test", moving_particles(water_pair()));
  ChainBatch batch = chains();
  EXPECT_GT(largest_displacement(batch.positions), 1.0) << "they start elsewhere";
  integrator.project_positions(batch.positions);
  EXPECT_EQ(largest_displacement(batch.positions), 0.0);

  std::fill(batch.velocities.values().begin(), batch.velocities.values().end(), 1.0);
  integrator.refresh_velocities(batch, 0.5, StreamName::kVelocities, {test_seed(31), 0});
  EXPECT_EQ(largest_site_velocity(batch.velocities), 0.0);
  const CoordinateBatch before = batch.positions;
  integrator.velocity_verlet(batch.positions, batch.velocities, WaterPairEnergy(), 0.0005, 40);
  EXPECT_NE(batch.positions.values(), before.values());
  EXPECT_EQ(largest_displacement(batch.positions), 0.0);
  EXPECT_EQ(largest_site_velocity(batch.velocities), 0.0);

  std::fill(batch.velocities.values().begin(), batch.velocities.values().end(), 1.0);
  integrator.langevin_middle(batch, WaterPairEnergy(), {0.0005, 5.0, 40}, {test_seed(31), 1});
  EXPECT_EQ(largest_displacement(batch.positions), 0.0);
  EXPECT_EQ(largest_site_velocity(batch.velocities), 0.0);
}

TEST(SiteDynamics, HaveTheFreedomOfTheirParents) {
  EXPECT_EQ(Integrator("test", moving_particles(water_pair())).degrees_of_freedom(), 12u)
      << "of two rigid bodies";
}

/// Largest change of energy over trajectories of n steps from thermal velocities.
double largest_drift(const EnergyFunction& energy, double dt, std::size_t n_steps) {
  const Integrator integrator("test", moving_particles(water_pair()));
  ChainBatch batch = chains();
  integrator.project_positions(batch.positions);
  integrator.refresh_velocities(batch, 0.0, StreamName::kVelocities, {test_seed(32), 0});
  std::vector<double> start(kChains);
  energy.evaluate(batch.positions.view(), start, {});
  for (std::size_t c = 0; c < kChains; ++c)
    start[c] += integrator.kinetic_energy(batch.velocities.chain(c));
  const auto end =
      integrator.velocity_verlet(batch.positions, batch.velocities, energy, dt, n_steps);
  double largest = 0.0;
  for (std::size_t c = 0; c < kChains; ++c)
    largest = std::max(largest, std::abs(end[c] - start[c] +
                                         integrator.kinetic_energy(batch.velocities.chain(c))));
  return largest;
}

TEST(SiteDynamics, ForcesOfSitesMoveTheirParents) {
  // The error of a trajectory of 0.1 ps is proportional to the square of the step.
  const double coarse = largest_drift(WaterPairEnergy(), 0.0005, 200);
  const double fine = largest_drift(WaterPairEnergy(), 0.00025, 400);
  EXPECT_LT(coarse, 0.01 * tolerance_scale());  // kJ/mol
  EXPECT_LT(fine, 0.3 * coarse * tolerance_scale());
  const double broken = largest_drift(WaterPairEnergy(false), 0.00025, 400);
  EXPECT_GT(broken, 10.0 * fine) << "a planted bug must be seen: forces of sites were lost";
}

TEST(SiteDynamics, HybridMonteCarloKeepsSitesInPlace) {
  HamiltonianOptions options;
  options.time_step_ps = 0.002;
  options.n_steps = 20;
  const MovingParticles particles = moving_particles(water_pair());
  const HamiltonianMonteCarlo move(options, particles);
  const Canonical target(std::make_shared<WaterPairEnergy>(), ReferenceMeasure::kCartesian);
  ChainBatch batch = chains();
  Integrator("test", particles).project_positions(batch.positions);
  target.refresh(batch);
  std::size_t n_accepted = 0;
  for (std::uint64_t step = 1; step <= 20; ++step) {
    const TransitionInfo info = move.apply(batch, target, {test_seed(33), step});
    for (const Outcome outcome : info.records[0].outcomes)
      n_accepted += outcome == Outcome::kAccepted ? 1 : 0;
    EXPECT_EQ(largest_displacement(batch.positions), 0.0);
  }
  EXPECT_GT(n_accepted, 10 * kChains);
}

TEST(SiteDynamics, BadParticlesAreRefused) {
  const auto refusal = [](const std::function<void(MovingParticles&)>& plant) {
    MovingParticles particles = moving_particles(water_pair());
    plant(particles);
    return message_of<InputError>([&] { Integrator("test", particles); });
  };
  EXPECT_EQ(refusal([](MovingParticles& p) {
              p.constraints.push_back({0, 3, 0.0125});
            }),
            "test: constraint 6 between atoms 0 and 3: atom 3 is a virtual site, whose place "
            "follows from its parents; constrain these instead");
  EXPECT_EQ(refusal([](MovingParticles& p) { p.masses[7] = 4.0; }),
            "test: virtual site 1: atom 7 has the mass 4, expected 0");
}

}  // namespace
}  // namespace saltus::tests
