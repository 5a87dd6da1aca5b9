// Oracle: the constraints' own equations, projections written down as linear algebra (idempotent,
// orthogonal in the metric of the masses), counting, and exact messages.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/core/error.h"
#include "engine/dynamics/constraint_lanes.h"
#include "engine/dynamics/integrator.h"
#include "engine/system/hydrogen_mass.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"

namespace saltus::tests {
namespace {

using namespace engine;

/// A rigid water, a methyl group, a chain of two bonds that hangs from a frozen atom, a free atom.
MovingParticles particles() {
  return {{16.0, 1.0, 1.0, 12.0, 1.0, 1.0, 1.0, 0.0, 14.0, 1.0, 40.0},
          {{0, 1, 0.09572},
           {0, 2, 0.09572},
           {3, 4, 0.109},
           {7, 8, 0.15},
           {1, 2, 0.15139},
           {3, 5, 0.109},
           {8, 9, 0.1},
           {3, 6, 0.109}}};
}

/// Chains near the constraints, all different.
CoordinateBatch rough_positions(std::size_t n_chains) {
  const double ideal[] = {0.0,   0.0,    0.0,   0.0757, 0.0586, 0.0, -0.0757, 0.0586, 0.0,
                          1.0,   0.0,    0.0,   1.109,  0.0,    0.0, 0.964,   0.1028, 0.0,
                          0.964, -0.051, 0.089, 0.0,    1.0,    0.0, 0.0,     1.15,   0.0,
                          0.09,  1.19,   0.0,   2.0,    2.0,    2.0};
  CoordinateBatch x(n_chains, 11);
  RandomStream stream = test_stream(20);
  for (std::size_t c = 0; c < n_chains; ++c)
    for (std::size_t i = 0; i < 33; ++i) x.chain(c)[i] = ideal[i] + 0.006 * stream.normal();
  return x;
}

double largest_violation(const MovingParticles& p, const CoordinateBatch& x) {
  double largest = 0.0;
  for (std::size_t c = 0; c < x.n_chains(); ++c)
    for (const Constraint& k : p.constraints) {
      const auto at = x.chain(c);
      double r2 = 0.0;
      for (std::size_t d = 0; d < 3; ++d) r2 += std::pow(at[3 * k.i + d] - at[3 * k.j + d], 2);
      largest = std::max(largest, std::abs(std::sqrt(r2) - k.distance_nm));
    }
  return largest;
}

CoordinateBatch random_velocities(std::size_t n_chains, std::uint32_t index) {
  CoordinateBatch v(n_chains, 11);
  RandomStream stream = test_stream(21, index);
  for (double& value : v.values()) value = stream.normal();
  return v;
}

TEST(Constraints, PositionsAreMovedOntoThem) {
  CoordinateBatch x = rough_positions(37);
  EXPECT_GT(largest_violation(particles(), x), 0.01);
  const CoordinateBatch before = x;
  const Integrator integrator("test", particles());
  integrator.project_positions(x);
  EXPECT_LE(largest_violation(particles(), x), kConstraintTolerance * 0.16 * tolerance_scale());
  for (std::size_t c = 0; c < 37; ++c)
    for (std::size_t d = 0; d < 3; ++d) {
      EXPECT_EQ(x.chain(c)[21 + d], before.chain(c)[21 + d]) << "the frozen atom";
      EXPECT_EQ(x.chain(c)[30 + d], before.chain(c)[30 + d]) << "the free atom";
      // Constraint forces of the water add up to nothing.
      double shift = 0.0;
      for (std::size_t atom : {0u, 1u, 2u})
        shift +=
            particles().masses[atom] * (x.chain(c)[3 * atom + d] - before.chain(c)[3 * atom + d]);
      EXPECT_NEAR(shift, 0.0, 1e-14 * tolerance_scale());
    }
}

TEST(Constraints, VelocitiesAreProjectedOrthogonallyInTheMetricOfTheMasses) {
  const Integrator integrator("test", particles());
  CoordinateBatch x = rough_positions(5);
  integrator.project_positions(x);
  const CoordinateBatch v = random_velocities(5, 0);
  CoordinateBatch projected = v, other = random_velocities(5, 1);
  integrator.project_velocities(x, projected);
  integrator.project_velocities(x, other);
  CoordinateBatch twice = projected;
  integrator.project_velocities(x, twice);
  EXPECT_EQ(twice.values(), projected.values()) << "what holds is left alone";
  const MovingParticles p = particles();
  for (std::size_t c = 0; c < 5; ++c) {
    double product = 0.0, lost = 0.0;
    for (std::size_t i = 0; i < 33; ++i) {
      const double away = v.chain(c)[i] - projected.chain(c)[i];
      product += p.masses[i / 3] * away * other.chain(c)[i];
      lost += p.masses[i / 3] * away * away;
    }
    // 1e-10 nm/ps along each constraint times a momentum of about 10 dalton nm/ps.
    EXPECT_NEAR(product, 0.0, 1e-8 * tolerance_scale());
    EXPECT_GT(lost, 0.1);
    for (const Constraint& k : p.constraints) {
      double rate = 0.0;
      for (std::size_t d = 0; d < 3; ++d)
        rate += (projected.chain(c)[3 * k.i + d] - projected.chain(c)[3 * k.j + d]) *
                (x.chain(c)[3 * k.i + d] - x.chain(c)[3 * k.j + d]) / k.distance_nm;
      EXPECT_NEAR(rate, 0.0, 1.01 * kConstraintVelocityTolerance * tolerance_scale());
    }
    for (std::size_t d = 0; d < 3; ++d) EXPECT_EQ(projected.chain(c)[21 + d], 0.0);
  }
}

TEST(Constraints, ALaneDoesNotKnowTheOthers) {
  const Integrator integrator("test", particles());
  CoordinateBatch all = rough_positions(16);
  CoordinateBatch v = random_velocities(16, 2);
  // A neighbour that needs more sweeps, and zeros of either sign.
  for (std::size_t i = 0; i < 9; ++i) all.chain(3)[i] *= 1.3;
  all.chain(5)[2] = -0.0;
  all.chain(5)[5] = -0.0;
  CoordinateBatch one(1, 11), one_v(1, 11);
  std::copy_n(all.chain(5).begin(), 33, one.chain(0).begin());
  std::copy_n(v.chain(5).begin(), 33, one_v.chain(0).begin());
  integrator.project_positions(all);
  integrator.project_positions(one);
  integrator.project_velocities(all, v);
  integrator.project_velocities(one, one_v);
  for (std::size_t i = 0; i < 33; ++i) {
    EXPECT_EQ(one.values()[i], all.chain(5)[i]);
    EXPECT_EQ(std::signbit(one.values()[i]), std::signbit(all.chain(5)[i]));
    EXPECT_EQ(one_v.values()[i], v.chain(5)[i]);
  }
}

/// A single chain is solved with like molecules side by side, a batch with chains side by side.
TEST(Constraints, ManyMoleculesOfOneChainHaveTheBitsOfABatch) {
  constexpr std::size_t kCopies = 11, kChains = 3;  // more than lanes, and no multiple
  const MovingParticles one = particles();
  const std::size_t n = one.n_atoms();
  MovingParticles many;
  for (std::size_t copy = 0; copy < kCopies; ++copy) {
    many.masses.insert(many.masses.end(), one.masses.begin(), one.masses.end());
    for (const Constraint& c : one.constraints)
      many.constraints.push_back({c.i + copy * n, c.j + copy * n, c.distance_nm});
  }
  ASSERT_EQ(ConstraintTable(many).alike.size(), 3u);  // waters, methyl groups, hanging chains
  const Integrator integrator("test", many);
  CoordinateBatch all(kChains, kCopies * n), v(kChains, kCopies * n);
  CoordinateBatch alone(1, kCopies * n), v_alone(1, kCopies * n);
  const CoordinateBatch rough = rough_positions(kCopies * kChains);
  const CoordinateBatch random = random_velocities(kCopies * kChains, 3);
  std::copy(rough.values().begin(), rough.values().end(), all.values().begin());
  std::copy(random.values().begin(), random.values().end(), v.values().begin());
  // Needs more sweeps than its neighbours.
  for (std::size_t i = 0; i < 9; ++i) all.chain(1)[4 * 3 * n + i] *= 1.2;
  std::copy_n(all.chain(1).begin(), 3 * kCopies * n, alone.chain(0).begin());
  std::copy_n(v.chain(1).begin(), 3 * kCopies * n, v_alone.chain(0).begin());
  integrator.project_positions(all);
  integrator.project_positions(alone);
  integrator.project_velocities(all, v);
  integrator.project_velocities(alone, v_alone);
  for (std::size_t i = 0; i < 3 * kCopies * n; ++i) {
    EXPECT_EQ(alone.values()[i], all.chain(1)[i]);
    EXPECT_EQ(v_alone.values()[i], v.chain(1)[i]);
  }
  EXPECT_LT(largest_violation(many, alone), 1e-10);
}

TEST(Constraints, DegreesOfFreedomAreCounted) {
  EXPECT_EQ(Integrator("test", particles()).degrees_of_freedom(), 3u * 10u - 8u);
}

TEST(Constraints, PositionsThatCannotBeMovedAreNamed) {
  CoordinateBatch x = rough_positions(20);
  // All atoms of the water on a line: its sides cannot be 0.0957, 0.0957 and 0.151 nm along it.
  for (std::size_t atom = 0; atom < 3; ++atom)
    for (std::size_t d = 0; d < 3; ++d)
      x.chain(18)[3 * atom + d] = d == 0 ? 0.08 * static_cast<double>(atom) : 0.0;
  EXPECT_EQ(
      message_of<NumericalError>([&] { Integrator("test", particles()).project_positions(x); }),
      "test: the positions of chain 18 cannot be moved onto the constraints; start from "
      "positions closer to the constrained distances");
}

TEST(Constraints, BadParticlesAreRefused) {
  const auto refusal = [](MovingParticles p) {
    return message_of<InputError>([&] { Integrator("test", p); });
  };
  EXPECT_EQ(refusal({{1.0, -1.0}, {}}), "test: masses must not be negative");
  EXPECT_EQ(refusal({{1.0, INFINITY}, {}}), "test: masses must be finite");
  EXPECT_EQ(refusal({{1.0, 1.0}, {{0, 2, 0.1}}}),
            "test: constraint 0 between atoms 0 and 2: there are only 2 atoms");
  EXPECT_EQ(refusal({{1.0, 1.0}, {{1, 1, 0.1}}}),
            "test: constraint 0 between atoms 1 and 1: an atom has no distance from itself");
  EXPECT_EQ(refusal({{1.0, 1.0}, {{0, 1, 0.0}}}),
            "test: constraint 0 between atoms 0 and 1: the distance must be positive and finite");
  EXPECT_EQ(refusal({{1.0, 1.0}, {{0, 1, 0.1}, {1, 0, 0.1}}}),
            "test: constraint 1 between atoms 1 and 0: this pair has a constraint already");
  EXPECT_EQ(refusal({{0.0, 0.0, 1.0}, {{0, 1, 0.1}}}),
            "test: constraint 0 between atoms 0 and 1: both have mass 0 and never move; leave this "
            "constraint out");
}

TEST(HydrogenMass, IsTakenFromTheHeavyAtom) {
  Topology topology;
  topology.residues = {{"MOL", "A", 1, ""}};
  for (int number : {6, 1, 1, 8})
    topology.atoms.push_back({"X" + std::to_string(topology.atoms.size()), number, 0});
  topology.bonds = {{0, 1}, {2, 0}, {0, 3}};
  System system;
  system.masses = {12.0, 1.0, 1.0, 16.0};
  EXPECT_EQ(repartitioned_masses(topology, system, 3.0),
            (std::vector<double>{8.0, 3.0, 3.0, 16.0}));
  EXPECT_EQ(message_of<InputError>([&] { repartitioned_masses(topology, system, 7.0); }),
            "hydrogen_mass: at 7.000000 amu, no mass is left for atom X0 of residue MOL 1 of chain "
            "A");
  EXPECT_EQ(message_of<InputError>([&] { repartitioned_masses(topology, system, -1.0); }),
            "hydrogen_mass: -1.000000 amu, expected a positive number");
  system.masses[0] = 0.0;
  EXPECT_EQ(repartitioned_masses(topology, system, 3.0), system.masses)
      << "a frozen atom has no mass to give";
}

TEST(HydrogenMass, LeavesRigidWaterAlone) {
  Topology topology;
  System system;
  for (std::size_t n = 0; n < 2; ++n) {
    topology.residues.push_back({"TP3", "A", static_cast<int>(n) + 1, ""});
    for (int number : {8, 1, 1}) topology.atoms.push_back({"X", number, n});
    topology.bonds.push_back({3 * n, 3 * n + 1});
    topology.bonds.push_back({3 * n, 3 * n + 2});
    system.masses.insert(system.masses.end(), {16.0, 1.0, 1.0});
  }
  // The second molecule still has an angle that vibrates.
  system.constraints = {{0, 1, 0.1}, {2, 0, 0.1}, {2, 1, 0.16}, {3, 4, 0.1}, {3, 5, 0.1}};
  EXPECT_EQ(repartitioned_masses(topology, system, 3.0),
            (std::vector<double>{16.0, 1.0, 1.0, 12.0, 3.0, 3.0}));
}

}  // namespace
}  // namespace saltus::tests
