// Oracle: SHAKE and RATTLE by sweeps, which solve the same equations; reversibility of RATTLE; the
// constraints' own equations.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "engine/core/vec3.h"
#include "engine/dynamics/constraint_lanes.h"
#include "engine/dynamics/integrator.h"
#include "engine/lanes/instruction_set.h"
#include "tests/engine/dynamics/water_pair.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"

namespace saltus::tests {
namespace {

using namespace engine;

/// Masses of apex, left and right, lengths of a leg and of the base.
struct Shape {
  double apex, left, right, leg, base;
};
/// TIP3P; water with heavy hydrogens; an apex that is lighter than the base; a low triangle.
const Shape kShapes[] = {{15.99943, 1.007947, 1.007947, 0.09572, 0.15139006545247},
                         {11.9, 3.0, 3.0, 0.1, 0.16329931618554},
                         {1.0, 16.0, 16.0, 0.12, 0.08},
                         {12.0, 16.0, 16.0, 0.116, 0.229}};

/// The apex is the last atom, so that no order of atoms is taken for granted.
MovingParticles triangle(const Shape& s) {
  return {{s.left, s.right, s.apex}, {{0, 1, s.base}, {0, 2, s.leg}, {2, 1, s.leg}}};
}

/// The same to 2e-16, but not isosceles, so that it is swept over.
MovingParticles swept(const Shape& s) {
  Shape changed = s;
  changed.right = std::nextafter(s.right, 100.0);
  return triangle(changed);
}

/// Triangles on the constraints, turned anyhow, and where they are after a free flight of dt with
/// thermal velocities and those of angular velocities that water has in hot steps.
struct Flight {
  CoordinateBatch reference, x, v;

  Flight(const Shape& s, std::size_t n_chains, double dt)
      : reference(n_chains, 3), x(n_chains, 3), v(n_chains, 3) {
    const Integrator on_constraints("test", swept(s));
    RandomStream stream = test_stream(40);
    const double height = std::sqrt(s.leg * s.leg - 0.25 * s.base * s.base);
    for (std::size_t c = 0; c < n_chains; ++c) {
      Vec3 ex{stream.normal(), stream.normal(), stream.normal()};
      Vec3 ey{stream.normal(), stream.normal(), stream.normal()};
      ex = (1.0 / norm(ex)) * ex;
      ey = ey - dot(ex, ey) * ex;
      ey = (1.0 / norm(ey)) * ey;
      const Vec3 origin{stream.normal(), stream.normal(), stream.normal()};
      const Vec3 atoms[] = {origin - 0.5 * s.base * ex, origin + 0.5 * s.base * ex,
                            origin + height * ey};
      for (std::size_t i = 0; i < 9; ++i) {
        const Vec3& atom = atoms[i / 3];
        reference.chain(c)[i] = i % 3 == 0 ? atom.x : i % 3 == 1 ? atom.y : atom.z;
        const double kt = kGasConstant * 600.0;
        v.chain(c)[i] = std::sqrt(kt / triangle(s).masses[i / 3]) * stream.normal();
      }
    }
    on_constraints.project_positions(reference);
    x = reference;
    for (std::size_t i = 0; i < x.values().size(); ++i) x.values()[i] += dt * v.values()[i];
  }

  /// As a step of RATTLE does: positions, with them velocities, then the projection of these.
  void constrain(const MovingParticles& particles, double dt) {
    const ConstraintTable table(particles);
    for (std::size_t c = 0; c < x.n_chains(); ++c) {
      double failed = 0.0;
      constrain_positions(
          table, {reference.chain(c).data(), 1.0 / dt, x.chain(c).data(), v.chain(c).data()},
          {1, 1}, &failed);
      constrain_velocities(table, x.chain(c).data(), {1, 1}, v.chain(c).data(), &failed);
      ASSERT_EQ(failed, 0.0);
    }
  }
};

double farthest(const CoordinateBatch& a, const CoordinateBatch& b) {
  double largest = 0.0;
  for (std::size_t i = 0; i < a.values().size(); ++i)
    largest = std::max(largest, std::abs(a.values()[i] - b.values()[i]));
  return largest;
}

/// Of lengths, relative.
double largest_violation(const MovingParticles& p, const CoordinateBatch& x) {
  double largest = 0.0;
  for (std::size_t c = 0; c < x.n_chains(); ++c)
    for (const Constraint& k : p.constraints)
      largest = std::max(
          largest, std::abs(atom_distance(x.chain(c).data(), k.i, k.j) / k.distance_nm - 1.0));
  return largest;
}

constexpr std::size_t kChains = 300;
constexpr double kTimeStep_ps = 0.002;
// Sweeps leave 1e-10 of a length, 2e-11 nm, and the low triangle several times that in its height.
constexpr double kSameAsSwept_nm = 5e-10;
// Velocities have that of positions in a step of 2 fs, 1e-8 nm/ps, most of which lies along the
// constraints and is taken away by the projection.
constexpr double kSameAsSwept_nm_ps = 5e-8;

TEST(RigidTriangles, AreFound) {
  const auto n_triangles = [](const MovingParticles& p) {
    const ConstraintTable table(p);
    EXPECT_EQ(3 * table.triangles.size() + table.entries.size(), p.constraints.size());
    return table.triangles.size();
  };
  for (const Shape& s : kShapes) {
    EXPECT_EQ(n_triangles(triangle(s)), 1u);
    EXPECT_EQ(n_triangles(swept(s)), 0u) << "different masses";
  }
  const Shape& water = kShapes[0];
  EXPECT_EQ(n_triangles({{1.0, 0.0, 16.0}, triangle(water).constraints}), 0u) << "frozen side";
  EXPECT_EQ(n_triangles({{1.0, 1.0, 0.0}, triangle(water).constraints}), 0u) << "frozen apex";
  EXPECT_EQ(n_triangles({{1.0, 1.0, 16.0}, {{0, 1, 0.15}, {0, 2, 0.1}, {2, 1, 0.11}}}), 0u)
      << "different legs";
  EXPECT_EQ(n_triangles({{1.0, 1.0, 16.0}, {{0, 1, 0.1995}, {0, 2, 0.1}, {2, 1, 0.1}}}), 0u)
      << "almost a line";
  EXPECT_EQ(
      n_triangles({{1.0, 1.0, 16.0, 1.0}, {{0, 1, 0.15}, {0, 2, 0.1}, {2, 1, 0.1}, {2, 3, 0.1}}}),
      0u)
      << "a fourth atom hangs on it";
  EXPECT_EQ(n_triangles(moving_particles(water_pair())), 2u) << "beside virtual sites";
}

TEST(RigidTriangles, GoWhereSweepsTakeThem) {
  for (const std::string& name : available_instruction_sets()) {
    choose_instruction_set(name);
    for (const Shape& s : kShapes) {
      Flight closed(s, kChains, kTimeStep_ps);
      Flight by_sweeps = closed;
      const CoordinateBatch before = closed.x;
      closed.constrain(triangle(s), kTimeStep_ps);
      by_sweeps.constrain(swept(s), kTimeStep_ps);
      EXPECT_GT(farthest(closed.x, before), 1e-4) << "constraints have something to do";
      EXPECT_LT(farthest(closed.x, by_sweeps.x), kSameAsSwept_nm * tolerance_scale()) << name;
      EXPECT_LT(farthest(closed.v, by_sweeps.v), kSameAsSwept_nm_ps * tolerance_scale()) << name;
      // Some roundings of a number near 1; positions near 1 nm have their own.
      EXPECT_LT(largest_violation(triangle(s), closed.x), 3e-14 * tolerance_scale()) << name;
    }
  }
  choose_instruction_set(available_instruction_sets().front());
}

TEST(RigidTriangles, AWrongMassIsSeen) {
  const Shape& water = kShapes[0];
  Shape heavier = water;
  heavier.apex += 0.01;
  Flight planted(water, kChains, kTimeStep_ps);
  Flight by_sweeps = planted;
  planted.constrain(triangle(heavier), kTimeStep_ps);
  by_sweeps.constrain(swept(water), kTimeStep_ps);
  EXPECT_GT(farthest(planted.x, by_sweeps.x), 10.0 * kSameAsSwept_nm);
  EXPECT_GT(farthest(planted.v, by_sweeps.v), 10.0 * kSameAsSwept_nm_ps);
}

/// How far a trajectory of n steps and the way back end from where they began, nm.
double way_back(const MovingParticles& particles, double dt, std::size_t n_steps) {
  constexpr std::size_t kTrajectories = 11;
  const Integrator integrator("test", particles);
  ChainBatch batch(kTrajectories, 8, {300.0});
  for (std::size_t c = 0; c < kTrajectories; ++c)
    std::copy_n(water_pair_positions().begin(), 24, batch.positions.chain(c).begin());
  integrator.project_positions(batch.positions);
  integrator.refresh_velocities(batch, 0.0, StreamName::kVelocities, {test_seed(41), 0});
  const CoordinateBatch start = batch.positions;
  for (int way = 0; way < 2; ++way) {
    integrator.velocity_verlet(batch.positions, batch.velocities, WaterPairEnergy(), dt, n_steps);
    for (double& v : batch.velocities.values()) v = -v;
  }
  return farthest(batch.positions, start);
}

TEST(RigidTriangles, StepsAreReversibleToRounding) {
  MovingParticles by_sweeps = moving_particles(water_pair());
  for (const std::size_t hydrogen : {1u, 5u})
    by_sweeps.masses[hydrogen] = std::nextafter(by_sweeps.masses[hydrogen], 100.0);
  // 200 steps with a rounding of positions of 1e-16 nm each, which forces let grow.
  constexpr double kRounding_nm = 2e-13;
  EXPECT_LT(way_back(moving_particles(water_pair()), 0.0005, 100),
            kRounding_nm * tolerance_scale());
  EXPECT_GT(way_back(by_sweeps, 0.0005, 100), kRounding_nm) << "sweeps come back less closely";
}

TEST(RigidTriangles, WhatTiltsTooFarInAStepIsAFailure) {
  const Shape& water = kShapes[0];
  const Flight flight(water, 1, kTimeStep_ps);
  const auto start = flight.reference.chain(0);
  const auto atom = [&](std::size_t i) { return load_atom(start.data(), i); };
  Vec3 normal = cross(atom(0) - atom(2), atom(1) - atom(2));
  normal = (1.0 / norm(normal)) * normal;
  // The apex keeps its height above the old plane. If that is more than it has above the base in
  // the molecule, there is no such place; two thirds of it are a large step.
  const double height = std::sqrt(water.leg * water.leg - 0.25 * water.base * water.base);
  for (const double share : {0.67, 1.0}) {
    std::vector<double> x(start.begin(), start.end());
    add_to_atom(x.data(), 2, share * 1.05 * height * normal);
    double failed = 0.0;
    constrain_positions(ConstraintTable(triangle(water)),
                        {start.data(), 1.0 / kTimeStep_ps, x.data(), nullptr}, {1, 1}, &failed);
    EXPECT_EQ(failed, share < 1.0 ? 0.0 : 1.0);
  }
}

/// A chain alone lies in a row, others in lanes.
TEST(RigidTriangles, ChainsAloneHaveTheBitsOfABatch) {
  constexpr std::size_t kTogether = 3;
  const Integrator integrator("test", moving_particles(water_pair()));
  const auto run = [&](ChainBatch& batch) {
    integrator.velocity_verlet(batch.positions, batch.velocities, WaterPairEnergy(), 0.0005, 20);
    integrator.langevin_middle(batch, WaterPairEnergy(), {0.0005, 5.0, 20}, {test_seed(42), 1});
  };
  ChainBatch batch(kTogether, 8, {300.0});
  for (std::size_t c = 0; c < kTogether; ++c)
    std::copy_n(water_pair_positions().begin(), 24, batch.positions.chain(c).begin());
  integrator.project_positions(batch.positions);
  integrator.refresh_velocities(batch, 0.0, StreamName::kVelocities, {test_seed(42), 0});
  // The first: noise is drawn by the number of the chain.
  ChainBatch alone(1, 8, {300.0});
  std::copy_n(batch.positions.chain(0).begin(), 24, alone.positions.chain(0).begin());
  std::copy_n(batch.velocities.chain(0).begin(), 24, alone.velocities.chain(0).begin());
  const CoordinateBatch before = alone.positions;
  run(batch);
  run(alone);
  EXPECT_GT(farthest(alone.positions, before), 1e-3);
  for (std::size_t i = 0; i < 24; ++i) {
    EXPECT_EQ(alone.positions.values()[i], batch.positions.chain(0)[i]);
    EXPECT_EQ(alone.velocities.values()[i], batch.velocities.chain(0)[i]);
  }
}

}  // namespace
}  // namespace saltus::tests
