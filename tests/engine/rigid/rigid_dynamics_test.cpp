// Oracle: conservation laws, reversal and orders of error of a symmetric splitting; the constrained
// integrator, which knows atoms and distances only, for the same trajectories.
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <vector>

#include "engine/core/units.h"
#include "engine/dynamics/integrator.h"
#include "engine/rigid/rigid_dynamics.h"
#include "tests/support/environment.h"
#include "tests/support/invariants.h"
#include "tests/support/numerics.h"
#include "tests/support/rigid_dipoles.h"

namespace saltus::tests {
namespace {

using namespace engine;

/// Chains of the dipoles, and where their bodies are and go.
struct Flight {
  static constexpr std::size_t kChains = 200;

  RigidDipoles dipoles;
  RigidIntegrator integrator{dipoles.bodies()};
  ChainBatch chains = dipoles.draw(kChains, test_seed(20));
  std::vector<RigidState> states;

  Flight() {
    const RigidBodies& bodies = *dipoles.bodies();
    for (std::size_t c = 0; c < kChains; ++c) {
      RandomStream stream = test_stream(21, static_cast<std::uint32_t>(c));
      states.push_back({bodies.poses(chains.positions.view(), c),
                        draw_motions(bodies, 1.0 / chains.states[c].beta(), stream)});
      write_velocities(bodies, states[c], chains.velocities.chain(c));
    }
  }

  double kinetic(std::size_t c) const {
    return kinetic_energy(*dipoles.bodies(), states[c].motions);
  }

  /// Root mean square of the change of the total energy over a time.
  double energy_error(double dt, double time) const {
    Flight copy = *this;
    const auto energies = copy.fly(dt, time);
    double sum = 0.0;
    for (std::size_t c = 0; c < kChains; ++c) {
      const double error = energies[c] + copy.kinetic(c) - chains.energies[c] - kinetic(c);
      sum += error * error;
    }
    return std::sqrt(sum / kChains);
  }

  std::vector<double> fly(double dt, double time) {
    return integrator.velocity_verlet(states, chains.positions, *dipoles.target().guide(), dt,
                                      static_cast<std::size_t>(std::lround(time / dt)));
  }
};

TEST(RigidDynamics, AtomsHaveTheVelocitiesOfTheirBodies) {
  const Flight flight;
  const Integrator atoms("test", moving_particles(flight.dipoles.system()));
  CoordinateBatch projected = flight.chains.velocities;
  atoms.project_velocities(flight.chains.positions, projected);
  for (std::size_t c = 0; c < Flight::kChains; ++c) {
    EXPECT_NEAR(atoms.kinetic_energy(flight.chains.velocities.chain(c)), flight.kinetic(c),
                tolerance_scale() * 1e-9);
    for (std::size_t i = 0; i < projected.chain(c).size(); ++i)
      EXPECT_NEAR(projected.chain(c)[i], flight.chains.velocities.chain(c)[i],
                  tolerance_scale() * 1e-8);
  }
}

TEST(RigidDynamics, FreeTurningKeepsTheAngularMomentumInSpace) {
  const Flight flight;
  const RigidShape& shape = flight.dipoles.bodies()->shape(1);
  double errors[2] = {};
  for (int halved = 0; halved < 2; ++halved) {
    Quaternion q = flight.states[0].poses[1].orientation;
    Vec3 l = flight.states[0].motions[1].angular_momentum;
    const Vec3 in_space = rotate(q, l);
    const auto energy = [&] {
      return 0.5 * (l.x * l.x / shape.moments.x + l.y * l.y / shape.moments.y +
                    l.z * l.z / shape.moments.z);
    };
    const double before = energy(), dt = halved == 0 ? 0.02 : 0.01;
    for (int step = 0; step < (halved == 0 ? 50 : 100); ++step) {
      turn_freely(shape, dt, q, l);
      errors[halved] = std::max(errors[halved], std::abs(energy() - before) / before);
      EXPECT_NEAR(norm(rotate(q, l) - in_space), 0.0, tolerance_scale() * 1e-12 * norm(in_space));
    }
  }
  // Second order: a quarter, but for higher orders.
  EXPECT_NEAR(errors[0] / errors[1], 4.0, tolerance_scale() * 0.8);
}

TEST(RigidDynamics, LinesTurnExactly) {
  const Flight flight;
  const RigidShape& shape = flight.dipoles.bodies()->shape(2);
  Quaternion once = {}, often = {};
  Vec3 l = {0.0, 0.3, -0.2}, l_often = l;
  turn_freely(shape, 1.0, once, l);
  for (int n = 0; n < 10; ++n) turn_freely(shape, 0.1, often, l_often);
  EXPECT_TRUE(l.x == 0.0 && l.y == 0.3 && l.z == -0.2);
  const Vec3 axis = {1.0, 0.0, 0.0};
  EXPECT_NEAR(norm(rotate(once, axis) - rotate(often, axis)), 0.0, tolerance_scale() * 1e-13);
  // By |L| / I radians.
  EXPECT_NEAR(std::cos(norm(l) / shape.moments.z), rotate(once, axis).x, 1e-12);
}

TEST(RigidDynamics, FreeTurningPreservesTheVolumeOfOrientationsAndMomenta) {
  const Flight flight;
  const RigidShape& shape = flight.dipoles.bodies()->shape(0);
  const Quaternion q = flight.states[1].poses[0].orientation;
  const Vec3 l = flight.states[1].motions[0].angular_momentum;
  Quaternion end = q;
  Vec3 l_end = l;
  turn_freely(shape, 0.05, end, l_end);
  const auto map = [&](const std::vector<double>& y) {
    Quaternion at = q * normalised({1.0, y[0], y[1], y[2]});
    Vec3 momentum = {l.x + y[3], l.y + y[4], l.z + y[5]};
    turn_freely(shape, 0.05, at, momentum);
    const Quaternion step = conjugate(end) * at;
    return std::vector<double>{step.x / step.w, step.y / step.w, step.z / step.w,
                               momentum.x,      momentum.y,      momentum.z};
  };
  const auto jacobian = numerical_jacobian(map, std::vector<double>(6, 0.0), 0.01);
  EXPECT_NEAR(log_abs_determinant(jacobian, 6), 0.0, tolerance_scale() * 1e-8);
}

TEST(RigidDynamics, TrajectoriesAreReversible) {
  const Flight before;
  Flight flight;
  flight.fly(0.01, 0.3);
  double moved = 0.0;
  for (RigidState& state : flight.states)
    for (RigidMotion& motion : state.motions) {
      moved += norm(motion.velocity);
      motion = {-1.0 * motion.velocity, -1.0 * motion.angular_momentum};
    }
  EXPECT_GT(moved, 0.0);
  EXPECT_NE(flight.chains.positions.values(), before.chains.positions.values());
  flight.fly(0.01, 0.3);
  for (std::size_t i = 0; i < before.chains.positions.values().size(); ++i)
    EXPECT_NEAR(flight.chains.positions.values()[i], before.chains.positions.values()[i],
                tolerance_scale() * 1e-10);
  for (std::size_t c = 0; c < Flight::kChains; ++c)
    EXPECT_NEAR(flight.kinetic(c), before.kinetic(c), tolerance_scale() * 1e-8);
}

TEST(RigidDynamics, EnergyErrorsAreOfSecondOrder) {
  const Flight flight;
  const double coarse = flight.energy_error(0.004, 0.2), fine = flight.energy_error(0.002, 0.2);
  EXPECT_NEAR(coarse / fine, 4.0, tolerance_scale() * 0.4);
  EXPECT_LT(fine, 0.5);
}

TEST(RigidDynamics, AgreesWithConstrainedDynamicsOfTheAtoms) {
  const Flight flight;
  const Integrator atoms("test", moving_particles(flight.dipoles.system()));
  double largest[2] = {};
  for (int halved = 0; halved < 2; ++halved) {
    const double dt = halved == 0 ? 0.002 : 0.001, time = 0.1;
    Flight rigid = flight;
    rigid.fly(dt, time);
    CoordinateBatch x = flight.chains.positions, v = flight.chains.velocities;
    atoms.velocity_verlet(x, v, *flight.dipoles.target().guide(), dt,
                          static_cast<std::size_t>(std::lround(time / dt)));
    for (std::size_t i = 0; i < x.values().size(); ++i)
      largest[halved] =
          std::max(largest[halved], std::abs(x.values()[i] - rigid.chains.positions.values()[i]));
  }
  // Both are of second order, with different errors.
  EXPECT_LT(largest[1], 2e-3);
  EXPECT_NEAR(largest[0] / largest[1], 4.0, tolerance_scale() * 0.8);
}

}  // namespace
}  // namespace saltus::tests
