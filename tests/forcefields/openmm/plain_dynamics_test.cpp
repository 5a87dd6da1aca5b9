// Oracle: the Gaussian distribution of harmonic oscillators, which this integrator samples without
// an error of the time step; replays of the same run; exact messages.
#include "forcefields/openmm/plain_dynamics.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/core/error.h"
#include "forcefields/amber/inpcrd.h"
#include "forcefields/amber/prmtop.h"
#include "tests/forcefields/reference_data.h"

namespace saltus::tests {
namespace {

using forcefields::PlainDynamics;
using forcefields::PlainDynamicsOptions;

engine::System alanine_dipeptide() {
  forcefields::PrmtopOptions options;
  options.molecule.constraints = forcefields::BondConstraints::kHydrogenBonds;
  return forcefields::read_prmtop(data_path("alanine_dipeptide.prmtop"), options).system;
}

std::vector<double> start() {
  return forcefields::read_inpcrd(data_path("alanine_dipeptide.inpcrd"), 22).positions_nm;
}

TEST(PlainDynamics, SamplesHarmonicOscillators) {
  // Pairs of atoms held together by springs of length 0: the energy of each is 3/2 kT on average,
  // and 2 U / kT of all of them follows a chi-squared law of 3 n degrees of freedom.
  constexpr int kPairs = 500, kSnapshots = 20, kStepsBetween = 100;
  constexpr double kSpring = 1000.0, kMass = 10.0;
  engine::System system;
  system.masses.assign(2 * kPairs, kMass);
  for (std::size_t pair = 0; pair < kPairs; ++pair)
    system.bonds.push_back({2 * pair, 2 * pair + 1, 0.0, kSpring});
  PlainDynamicsOptions options;
  options.temperature_K = 320.0;
  // Angular frequency sqrt(2 k / m) = 14 / ps: two thirds of the stability limit of such steps, and
  // friction that forgets within a tenth of the time between snapshots.
  options.time_step_ps = 0.05;
  options.friction_per_ps = 5.0;
  PlainDynamics dynamics(system, std::vector<double>(6 * kPairs, 0.0), options);
  dynamics.step(5 * kStepsBetween);
  double mean = 0.0;
  for (int n = 0; n < kSnapshots; ++n) {
    dynamics.step(kStepsBetween);
    mean += dynamics.potential_energy() / kSnapshots;
  }
  const double expected = 1.5 * kPairs * engine::kGasConstant * options.temperature_K;
  // Five standard deviations of the mean of 30 000 squared normal numbers: 1 in 2 million.
  EXPECT_NEAR(mean / expected, 1.0, 5.0 * std::sqrt(2.0 / (3.0 * kPairs * kSnapshots)));
}

TEST(PlainDynamics, SameSeedSameTrajectory) {
  const auto run = [](int seed) {
    PlainDynamicsOptions options;
    options.seed = seed;
    PlainDynamics dynamics(alanine_dipeptide(), start(), options);
    dynamics.step(50);
    return dynamics.positions();
  };
  const std::vector<double> first = run(7);
  EXPECT_EQ(first, run(7));
  EXPECT_NE(first, run(8));
}

TEST(PlainDynamics, KeepsConstraints) {
  const engine::System system = alanine_dipeptide();
  PlainDynamicsOptions options;
  options.constraint_tolerance = 1e-7;
  PlainDynamics dynamics(system, start(), options);
  dynamics.step(200);
  const std::vector<double> x = dynamics.positions();
  for (const engine::Constraint& c : system.constraints) {
    double square = 0.0;
    for (std::size_t d = 0; d < 3; ++d) square += std::pow(x[3 * c.i + d] - x[3 * c.j + d], 2);
    EXPECT_NEAR(std::sqrt(square) / c.distance_nm, 1.0, 1e-7);
  }
}

TEST(PlainDynamics, VelocitiesHaveNoComponentAlongConstraints) {
  const engine::System system = alanine_dipeptide();
  const PlainDynamics dynamics(system, start(), {});
  const std::vector<double> x = dynamics.positions(), v = dynamics.velocities();
  ASSERT_EQ(v.size(), x.size());
  for (const engine::Constraint& c : system.constraints) {
    double along = 0.0;
    for (std::size_t d = 0; d < 3; ++d)
      along += (x[3 * c.i + d] - x[3 * c.j + d]) * (v[3 * c.i + d] - v[3 * c.j + d]);
    EXPECT_NEAR(along, 0.0, 1e-6);
  }
}

TEST(PlainDynamics, TimesPlatforms) {
  const auto speeds = forcefields::time_platforms(alanine_dipeptide(), start(), 0.002);
  ASSERT_EQ(speeds.size(), 2u);  // Reference and CPU come with OpenMM
  EXPECT_GE(speeds[0].steps_per_cpu_second, speeds[1].steps_per_cpu_second);
  EXPECT_GT(speeds[1].steps_per_cpu_second, 0.0);
  EXPECT_NE(speeds[0].platform, speeds[1].platform);
}

// Without friction the integrator is a map of positions and velocities.
TEST(PlainDynamics, GoesOnFromItsPositionsAndVelocities) {
  PlainDynamicsOptions options;
  options.time_step_ps = 0.001;
  options.friction_per_ps = 0.0;
  forcefields::PrmtopOptions unconstrained;
  unconstrained.molecule.constraints = forcefields::BondConstraints::kNone;
  const engine::System system =
      forcefields::read_prmtop(data_path("alanine_dipeptide.prmtop"), unconstrained).system;
  PlainDynamics whole(system, start(), options);
  whole.step(20);
  options.seed = 2;
  PlainDynamics second(system, whole.positions(), options);
  const std::vector<double> others = second.velocities();
  second.set_velocities(whole.velocities());
  EXPECT_NE(second.velocities(), others);
  whole.step(20);
  second.step(20);
  const std::vector<double> x = whole.positions(), y = second.positions();
  for (std::size_t i = 0; i < x.size(); ++i) EXPECT_NEAR(x[i], y[i], 1e-9);
  EXPECT_EQ(message_of<engine::InputError>([&] {
              second.set_velocities({x.data(), 3});
            }),
            "plain dynamics: got 3 velocities, expected 66, three for each atom");
}

std::string message_with(const PlainDynamicsOptions& options) {
  return message_of<engine::InputError>(
      [&] { PlainDynamics(alanine_dipeptide(), start(), options); });
}

TEST(PlainDynamicsErrors, Options) {
  PlainDynamicsOptions options;
  options.seed = 0;
  EXPECT_EQ(message_with(options),
            "plain dynamics: seed is 0, expected 1 or more (OpenMM takes 0 for a seed of its own "
            "choice)");
  options = {};
  options.temperature_K = -5.0;
  EXPECT_EQ(message_with(options),
            "plain dynamics: temperature_K is -5.000000, expected a number above 0");
  options = {};
  options.time_step_ps = 0.0;
  EXPECT_EQ(message_with(options),
            "plain dynamics: time_step_ps is 0.000000, expected a number above 0");
  options = {};
  options.friction_per_ps = -1.0;
  EXPECT_EQ(message_with(options),
            "plain dynamics: friction_per_ps is -1.000000, expected a number >= 0");
  options = {};
  options.constraint_tolerance = 0.0;
  EXPECT_EQ(message_with(options),
            "plain dynamics: constraint_tolerance is 0.000000, expected a number between 0 and 1");
}

TEST(PlainDynamicsErrors, Start) {
  EXPECT_EQ(message_of<engine::InputError>(
                [] { PlainDynamics(alanine_dipeptide(), std::vector<double>(63, 0.0), {}); }),
            "plain dynamics: the start has 63 coordinates, expected 66, three for each atom");
  std::vector<double> x = start();
  x[5] = std::nan("");
  EXPECT_EQ(message_of<engine::InputError>([&] { PlainDynamics(alanine_dipeptide(), x, {}); }),
            "plain dynamics: the start has a coordinate that is not finite, expected finite "
            "numbers");
}

TEST(PlainDynamicsErrors, Steps) {
  PlainDynamics dynamics(alanine_dipeptide(), start(), {});
  EXPECT_EQ(message_of<engine::InputError>([&] { dynamics.step(0); }),
            "plain dynamics: asked for 0 steps, expected 1 or more");
}

TEST(PlainDynamicsErrors, TrajectoryThatLeavesTheFiniteNumbers) {
  engine::System system;  // a spring whose period is far shorter than the step
  system.masses = {1.0, 1.0};
  system.bonds = {{0, 1, 0.1, 1e6}};
  PlainDynamicsOptions options;
  options.time_step_ps = 10.0;
  PlainDynamics dynamics(system, std::vector<double>{0.0, 0.0, 0.0, 0.0, 0.0, 0.11}, options);
  EXPECT_EQ(message_of<engine::NumericalError>([&] { dynamics.step(500); }),
            "plain dynamics: a position is no longer a finite number; use a smaller time step, or "
            "minimise the start");
}

}  // namespace
}  // namespace saltus::tests
