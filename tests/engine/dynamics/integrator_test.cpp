// Oracle: velocity Verlet and LangevinMiddle written down once more in scalars (plain_langevin.h),
// the two roads of the integrator against each other bit for bit, and what the equations promise:
// reversibility, volume, energies of the end points.
#include "engine/dynamics/integrator.h"
#include "engine/ensemble/canonical.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/core/error.h"
#include "engine/lanes/instruction_set.h"
#include "engine/moves/hamiltonian.h"
#include "engine/moves/langevin.h"
#include "engine/potential/analytic.h"
#include "engine/potential/decorators.h"
#include "engine/reference/plain_energy.h"
#include "tests/engine/dynamics/molecules.h"
#include "tests/engine/dynamics/plain_langevin.h"
#include "tests/support/errors.h"
#include "tests/support/invariants.h"
#include "tests/support/numerics.h"

namespace saltus::tests {
namespace {

using namespace engine;

constexpr double kTimeStep_ps = 0.001;
constexpr LangevinOptions kLangevin{kTimeStep_ps, 20.0, 20};

double largest_difference(const CoordinateBatch& a, const CoordinateBatch& b) {
  double largest = 0.0;
  for (std::size_t i = 0; i < a.values().size(); ++i)
    largest = std::max(largest, std::abs(a.values()[i] - b.values()[i]));
  return largest;
}

class Dynamics : public testing::TestWithParam<bool> {};  // with constraints?

TEST_P(Dynamics, LangevinIsTheOneOfTheScalarReference) {
  EthanolChains ethanol(19, GetParam(), Precision::kDouble);
  const MovingParticles particles = ethanol.particles();
  const PlainEnergy plain(ethanol.system, nullptr);
  ChainBatch expected = ethanol.chains;
  const StepKey key{test_seed(1), 4};
  Integrator("test", particles).langevin_middle(ethanol.chains, *ethanol.energy, kLangevin, key);
  plain_langevin(expected, particles, plain, kLangevin, key);
  // Normals are good to 3e-7 and thermal velocities about 1 nm/ps; 20 steps add them up.
  EXPECT_LE(largest_difference(ethanol.chains.velocities, expected.velocities),
            3e-5 * tolerance_scale());
  EXPECT_LE(largest_difference(ethanol.chains.positions, expected.positions),
            1e-7 * tolerance_scale());
  for (LangevinBug bug : {LangevinBug::kReusedNoise, LangevinBug::kNoVelocityProjection,
                          LangevinBug::kNoVelocityCorrection}) {
    if (!GetParam() && bug != LangevinBug::kReusedNoise) continue;
    ChainBatch broken = EthanolChains(19, GetParam(), Precision::kDouble).chains;
    plain_langevin(broken, particles, plain, kLangevin, key, bug);
    EXPECT_GT(largest_difference(ethanol.chains.velocities, broken.velocities), 0.01)
        << "a planted bug must be seen";
  }
}

/// Velocity Verlet with forces of any kind, written down once more.
void plain_verlet(CoordinateBatch& x, CoordinateBatch& v, const std::vector<double>& masses,
                  const EnergyFunction& energy, double dt, std::size_t n_steps) {
  std::vector<double> energies(x.n_chains()), forces(x.values().size());
  const auto half_kick = [&] {
    energy.evaluate(x.view(), energies, forces);
    for (std::size_t i = 0; i < forces.size(); ++i)
      v.values()[i] += 0.5 * dt / masses[i / 3 % masses.size()] * forces[i];
  };
  for (std::size_t step = 0; step < n_steps; ++step) {
    half_kick();
    for (std::size_t i = 0; i < forces.size(); ++i) x.values()[i] += dt * v.values()[i];
    half_kick();
  }
}

TEST(VelocityVerlet, IsTheOneOfTheTextbook) {
  const EthanolChains ethanol(19, false, Precision::kDouble);
  CoordinateBatch x = ethanol.chains.positions, v = ethanol.chains.velocities;
  CoordinateBatch plain_x = x, plain_v = v;
  const auto energies =
      Integrator("test", ethanol.particles()).velocity_verlet(x, v, *ethanol.energy, 0.001, 20);
  plain_verlet(plain_x, plain_v, ethanol.system.masses, PlainEnergy(ethanol.system, nullptr), 0.001,
               20);
  // Rounding, grown by 20 steps of stiff bonds.
  EXPECT_LE(largest_difference(x, plain_x), 1e-12 * tolerance_scale());
  EXPECT_LE(largest_difference(v, plain_v), 1e-9 * tolerance_scale());
  std::vector<double> expected(19);
  ethanol.energy->evaluate(x.view(), expected, {});
  EXPECT_EQ(energies, expected);
}

TEST_P(Dynamics, EndPointsHaveDoubleEnergies) {
  const EthanolChains ethanol(5, GetParam(), Precision::kMixed);
  CoordinateBatch x = ethanol.chains.positions, v = ethanol.chains.velocities;
  const auto energies =
      Integrator("test", ethanol.particles()).velocity_verlet(x, v, *ethanol.energy, 0.001, 7);
  std::vector<double> expected(5);
  NativeEnergy(ethanol.system, nullptr, Precision::kDouble).evaluate(x.view(), expected, {});
  EXPECT_EQ(energies, expected);
}

TEST_P(Dynamics, IsReversibleWithFloatForces) {
  const EthanolChains ethanol(33, GetParam(), Precision::kMixed);
  const Integrator integrator("test", ethanol.particles());
  CoordinateBatch x = ethanol.chains.positions, v = ethanol.chains.velocities;
  integrator.velocity_verlet(x, v, *ethanol.energy, kTimeStep_ps, 50);
  EXPECT_GT(largest_difference(x, ethanol.chains.positions), 0.005);
  for (double& component : v.values()) component = -component;
  integrator.velocity_verlet(x, v, *ethanol.energy, kTimeStep_ps, 50);
  for (double& component : v.values()) component = -component;
  // Rounding in double; float forces that were not the same function both ways would show as 1e-7.
  // With constraints, kConstraintTolerance of 0.1 nm changes velocities by 1e-8 nm/ps in each step.
  EXPECT_LE(largest_difference(x, ethanol.chains.positions),
            (GetParam() ? 1e-7 : 1e-11) * tolerance_scale());
  EXPECT_LE(largest_difference(v, ethanol.chains.velocities),
            (GetParam() ? 1e-5 : 1e-8) * tolerance_scale());
}
INSTANTIATE_TEST_SUITE_P(Bonds, Dynamics, testing::Bool(),
                         [](const auto& test) { return test.param ? "constrained" : "flexible"; });

/// Three atoms with two bonds and an angle.
System small_system() {
  System system;
  system.masses = {12.0, 14.0, 1.0};
  system.bonds = {{0, 1, 0.14, 2e5}, {1, 2, 0.1, 2e5}};
  system.angles = {{0, 1, 2, 1.9, 400.0}};
  return system;
}

/// log |det| of the map (x, v) -> (x', v') of a stretch of dynamics.
template <class Stretch>
double log_volume_factor(const Stretch& stretch) {
  std::vector<double> start = {0.0, 0.0, 0.0, 0.145, 0.0, 0.0, 0.17, 0.1, 0.01};
  for (double v : {0.3, -0.2, 0.5, 0.1, 0.4, -0.3, 1.5, -0.7, 0.9}) start.push_back(v);
  const auto map = [&](const std::vector<double>& in) {
    ChainBatch chains(1, 3, {});
    std::copy_n(in.begin(), 9, chains.positions.values().begin());
    std::copy_n(in.begin() + 9, 9, chains.velocities.values().begin());
    stretch(chains);
    std::vector<double> out = chains.positions.values();
    out.insert(out.end(), chains.velocities.values().begin(), chains.velocities.values().end());
    return out;
  };
  // Differences of fourth order, wide enough for forces that are rounded to floats.
  std::vector<double> jacobian(18 * 18);
  for (std::size_t column = 0; column < 18; ++column) {
    const double step = column < 9 ? 5e-4 : 0.05;  // nm, nm/ps
    const auto difference = [&](double multiple, std::size_t row) {
      std::vector<double> up = start, down = start;
      up[column] += multiple * step;
      down[column] -= multiple * step;
      return (map(up)[row] - map(down)[row]) / (2.0 * multiple * step);
    };
    for (std::size_t row = 0; row < 18; ++row)
      jacobian[18 * row + column] = (4.0 * difference(1.0, row) - difference(2.0, row)) / 3.0;
  }
  return log_abs_determinant(jacobian, 18);
}

TEST(VelocityVerlet, KeepsVolumeWithFloatForces) {
  const NativeEnergy energy(small_system(), nullptr, Precision::kMixed);
  const Integrator integrator("test", moving_particles(small_system()));
  const double change = log_volume_factor([&](ChainBatch& chains) {
    integrator.velocity_verlet(chains.positions, chains.velocities, energy, kTimeStep_ps, 10);
  });
  // Float noise of the forces over the step of the differences.
  EXPECT_NEAR(change, 0.0, 2e-3 * tolerance_scale());
}

TEST(LangevinMiddle, ShrinksVolumeByTheFrictionAlone) {
  const NativeEnergy energy(small_system(), nullptr, Precision::kMixed);
  const Integrator integrator("test", moving_particles(small_system()));
  const LangevinOptions options{kTimeStep_ps, 5.0, 10};
  const double change = log_volume_factor([&](ChainBatch& chains) {
    integrator.langevin_middle(chains, energy, options, {1, 1});
  });
  // exp(-friction dt) for each of 9 velocities and 10 steps.
  EXPECT_NEAR(change, -5.0 * kTimeStep_ps * 90.0, 2e-3 * tolerance_scale());
}

struct RoadCase {
  Precision precision;
  bool constrained;
};

class Roads : public testing::TestWithParam<RoadCase> {};

TEST_P(Roads, LeadToTheSameBits) {
  // 37 chains: two full blocks and one of five.
  const auto run = [](std::size_t n_chains, std::size_t n_threads, bool in_lanes) {
    const auto [precision, constrained] = GetParam();
    EthanolChains ethanol(n_chains, constrained, precision,
                          std::make_shared<ThreadPool>(n_threads));
    std::shared_ptr<const EnergyFunction> energy = ethanol.energy;
    // A wrapper gives no lanes: batches, step by step.
    if (!in_lanes) energy = std::make_shared<CountingEnergy>(energy);
    const Canonical target(energy, ReferenceMeasure::kCartesianUpToRigidMotion);
    const StepKey key{test_seed(2), 3};
    Langevin(kLangevin, ethanol.particles()).apply(ethanol.chains, target, key);
    HamiltonianOptions options;
    options.time_step_ps = 0.002;
    options.friction_per_ps = 3.0;
    HamiltonianMonteCarlo(options, ethanol.particles()).apply(ethanol.chains, target, key);
    return ethanol.chains;
  };
  const ChainBatch expected = run(37, 1, true);
  std::vector<ChainBatch> others = {run(37, 2, true), run(37, 3, true)};
  // In mixed precision the forces of batches are double.
  if (GetParam().precision != Precision::kMixed) others.push_back(run(37, 1, false));
  for (const ChainBatch& other : others) {
    EXPECT_EQ(other.positions.values(), expected.positions.values());
    EXPECT_EQ(other.velocities.values(), expected.velocities.values());
    EXPECT_EQ(other.energies, expected.energies);
  }
  for (std::size_t n_chains : {1u, 7u, 9u, 18u}) {
    const ChainBatch part = run(n_chains, 1, true);
    for (std::size_t i = 0; i < part.positions.values().size(); ++i) {
      ASSERT_EQ(part.positions.values()[i], expected.positions.values()[i]) << n_chains;
      ASSERT_EQ(part.velocities.values()[i], expected.velocities.values()[i]) << n_chains;
    }
  }
}
INSTANTIATE_TEST_SUITE_P(Precisions, Roads,
                         testing::Values(RoadCase{Precision::kMixed, false},
                                         RoadCase{Precision::kMixed, true},
                                         RoadCase{Precision::kDouble, true},
                                         RoadCase{Precision::kSingle, false}));

TEST(LangevinMiddle, IsTheSameOnEveryInstructionSet) {
  const auto run = [] {
    EthanolChains ethanol(21, true, Precision::kDouble);
    Integrator("test", ethanol.particles())
        .langevin_middle(ethanol.chains, *ethanol.energy, kLangevin, {test_seed(6), 0});
    return ethanol.chains;
  };
  const auto names = available_instruction_sets();
  choose_instruction_set(names.front());
  const ChainBatch expected = run();
  for (const std::string& name : names) {
    choose_instruction_set(name);
    const ChainBatch chains = run();
    // Sets with and without fused operations round differently: normals by 1e-7, constraints by
    // their tolerance.
    EXPECT_LE(largest_difference(chains.positions, expected.positions), 1e-7 * tolerance_scale())
        << name;
    EXPECT_LE(largest_difference(chains.velocities, expected.velocities), 3e-5 * tolerance_scale())
        << name;
  }
  choose_instruction_set(names.front());
}

TEST(Moves, KeepTheirPromisesWithConstraintsAndFloatForces) {
  const EthanolChains ethanol(20, true, Precision::kMixed);
  const Canonical target(ethanol.energy, ReferenceMeasure::kCartesianUpToRigidMotion);
  HamiltonianOptions options;
  options.time_step_ps = 0.005;  // some rejections
  options.friction_per_ps = 2.0;
  const HamiltonianMonteCarlo ghmc(options, ethanol.particles());
  options.friction_per_ps = 0.0;
  const HamiltonianMonteCarlo hmc(options, ethanol.particles());
  const Langevin langevin({0.002, 1.0, 10}, ethanol.particles());
  for (const Move* move : {static_cast<const Move*>(&ghmc), static_cast<const Move*>(&hmc),
                           static_cast<const Move*>(&langevin)}) {
    SCOPED_TRACE(move->name());
    expect_move_invariants(*move, ethanol.chains, target, {test_seed(3), 1});
  }
}

TEST(Moves, FrozenAtomsStayWithinConstraints) {
  EthanolChains ethanol(6, true, Precision::kMixed);
  MovingParticles particles = ethanol.particles();
  particles.masses[0] = 0.0;  // the carbon of the methyl group, which holds three constraints
  const Canonical target(ethanol.energy, ReferenceMeasure::kCartesian);
  const CoordinateBatch before = ethanol.chains.positions;
  // Velocities it must not keep either.
  Langevin({0.001, 1.0, 20}, particles).apply(ethanol.chains, target, {1, 1});
  HamiltonianMonteCarlo({}, particles).apply(ethanol.chains, target, {1, 2});
  for (std::size_t c = 0; c < 6; ++c)
    for (std::size_t d = 0; d < 3; ++d) {
      EXPECT_EQ(ethanol.chains.positions.chain(c)[d], before.chain(c)[d]);
      EXPECT_EQ(ethanol.chains.velocities.chain(c)[d], 0.0);
    }
  EXPECT_GT(largest_difference(ethanol.chains.positions, before), 0.001);
}

TEST(Moves, ChainsThatBlowUpAreRejectedAndDoNotTouchTheOthers) {
  for (bool constrained : {false, true}) {
    EthanolChains ethanol(16, constrained, Precision::kMixed);
    const Canonical target(ethanol.energy, ReferenceMeasure::kCartesianUpToRigidMotion);
    HamiltonianOptions options;
    options.time_step_ps = 0.002;
    options.friction_per_ps = 1e-4;
    const HamiltonianMonteCarlo hmc(options, ethanol.particles());
    ChainBatch healthy = ethanol.chains, sick = ethanol.chains;
    // Velocities that no time step survives, and hardly any of them forgotten.
    for (double& component : sick.velocities.chain(5)) component *= constrained ? 1e4 : 1e25;
    const auto outcomes = hmc.apply(sick, target, {1, 1}).records.at(0).outcomes;
    hmc.apply(healthy, target, {1, 1});
    EXPECT_NE(outcomes[5], Outcome::kAccepted);
    for (std::size_t c = 0; c < 16; ++c)
      for (std::size_t i = 0; i < 27; ++i)
        if (c == 5)
          EXPECT_EQ(sick.positions.chain(c)[i], ethanol.chains.positions.chain(c)[i]);
        else
          EXPECT_EQ(sick.positions.chain(c)[i], healthy.positions.chain(c)[i]);
    // Langevin dynamics has no way back and says so.
    const std::string what = constrained ? "the constraints of chain 5 can no longer be solved"
                                         : "the energy of chain 5 is no longer finite";
    EXPECT_EQ(message_of<NumericalError>([&] {
                Langevin({0.001, 1.0, 400}, ethanol.particles()).apply(sick, target, {1, 17});
              }),
              "langevin: " + what + " in step 17; a smaller time_step may help");
  }
}

TEST(Moves, ChainsMustStartOnTheConstraints) {
  EthanolChains ethanol(18, true, Precision::kMixed);
  ethanol.chains.positions.chain(17)[3 * ethanol.system.constraints[0].j] += 0.01;
  const Canonical target(ethanol.energy, ReferenceMeasure::kCartesianUpToRigidMotion);
  const std::string message = message_of<NumericalError>([&] {
    Langevin({}, ethanol.particles()).apply(ethanol.chains, target, {1, 1});
  });
  const Constraint& c = ethanol.system.constraints[0];
  EXPECT_EQ(message.rfind("langevin: atoms " + std::to_string(c.i) + " and " + std::to_string(c.j) +
                              " of chain 17 are 0.",
                          0),
            0u)
      << message;
  EXPECT_NE(message.find(" nm apart, their constraint says " + std::to_string(c.distance_nm) +
                         " nm; positions must start on the constraints"),
            std::string::npos)
      << message;
}

TEST(Moves, ArraysThatDoNotFitAreRefused) {
  const EthanolChains ethanol(2, false, Precision::kMixed);
  const Integrator integrator("test", ethanol.particles());
  CoordinateBatch x = ethanol.chains.positions, v(3, 9);
  EXPECT_EQ(message_of<InternalError>(
                [&] { integrator.velocity_verlet(x, v, *ethanol.energy, 0.001, 1); }),
            "dynamics: positions of 2 chains of 9 atoms and velocities of 3 chains of 9 atoms for "
            "an energy function of 9 atoms");
  CoordinateBatch small(1, 2), still(1, 2);
  EXPECT_EQ(message_of<InternalError>([&] {
              Integrator("test", {{1.0, 1.0}, {}})
                  .velocity_verlet(small, still, *ethanol.energy, 0.001, 1);
            }),
            "dynamics: positions of 1 chains of 2 atoms and velocities of 1 chains of 2 atoms for "
            "an energy function of 9 atoms");
}

TEST(Moves, StepsThatNeedTooManyRandomNumbersAreRefused) {
  const auto well = std::make_shared<HarmonicWell>(2, 1.0);
  ChainBatch chains(1, 2, {});
  EXPECT_EQ(message_of<InputError>([&] {
              Integrator("test", {{1.0, 1.0}, {}})
                  .langevin_middle(chains, *well, {0.001, 1.0, std::size_t{1} << 32}, {1, 1});
            }),
            "langevin: steps = 4294967296 needs more random numbers than one application has; "
            "expected at most 2147483648");
}

TEST(LangevinMiddle, HarmonicTemperaturesAreRight) {
  // omega dt = 0.2, as a bond to hydrogen at 0.35 fs would have; friction that thermalises quickly.
  constexpr double kForce = 4800.0, kMass = 12.0;
  constexpr std::size_t kChains = 4096;
  const HarmonicWell well(8, kForce);
  const Integrator integrator("test", {std::vector<double>(8, kMass), {}});
  ChainBatch chains(kChains, 8, {300.0});
  draw_velocities(chains, integrator.particles(), {test_seed(4), 0});
  integrator.langevin_middle(chains, well, {0.01, 20.0, 200}, {test_seed(5), 0});
  const double kt = 1.0 / chains.states[0].beta();
  double x2 = 0.0, v2 = 0.0;
  const double n = static_cast<double>(chains.positions.values().size());
  for (double x : chains.positions.values()) x2 += kForce * x * x / kt / n;
  for (double v : chains.velocities.values()) v2 += kMass * v * v / kt / n;
  // 98304 independent squares: standard error sqrt(2 / n) = 0.0045; 5.33 of them. The method has no
  // bias in either (harmonic forces; velocities half a step behind).
  const double tolerance = 5.33 * std::sqrt(2.0 / n) * tolerance_scale();
  EXPECT_NEAR(x2, 1.0, tolerance);
  EXPECT_NEAR(v2, 1.0, tolerance);
}

}  // namespace
}  // namespace saltus::tests
