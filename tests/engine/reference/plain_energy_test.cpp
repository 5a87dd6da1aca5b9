// Oracle: closed forms for systems of two to five atoms; bit equality between threads and batches.
#include "engine/reference/plain_energy.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "engine/core/error.h"
#include "tests/engine/reference/ethanol.h"
#include "tests/engine/reference/plain_evaluation.h"
#include "tests/support/environment.h"

namespace saltus::tests {

namespace {

using namespace engine;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

void expect_forces(const Result& result, const std::vector<double>& expected) {
  ASSERT_EQ(result.forces.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    SCOPED_TRACE("force component " + std::to_string(i));
    expect_near(result.forces[i], expected[i]);
  }
}

TEST(PlainEnergy, BondIsHarmonic) {
  System system = atoms(2);
  system.bonds = {{0, 1, 0.1, 1000.0}};
  const Result result = evaluate(system, {0.0, 0.0, 0.0, 0.0, 0.13, 0.0});
  expect_near(result.energy, 0.5 * 1000.0 * 0.03 * 0.03);
  expect_forces(result, {0.0, 30.0, 0.0, 0.0, -30.0, 0.0});
}

TEST(PlainEnergy, AngleIsHarmonicUpToTheEndsOfItsRange) {
  System system = atoms(3);
  system.angles = {{0, 1, 2, 1.9, 400.0}};
  const auto bent = [&](double theta) {
    return evaluate(system, {0.1, 0.0, 0.0, 0.0, 0.0, 0.0, 0.12 * std::cos(theta),
                             0.12 * std::sin(theta), 0.0});
  };
  for (double theta : {0.3, 1.2, 1.9, 3.1}) {
    SCOPED_TRACE(theta);
    const Result result = bent(theta);
    expect_near(result.energy, 0.5 * 400.0 * (theta - 1.9) * (theta - 1.9));
    // The torque on an arm is -dE/dtheta; the arm of atom 0 lies along x.
    expect_near(result.forces[1] * 0.1, 400.0 * (theta - 1.9));
  }
  const Result straight = evaluate(system, {0.1, 0.0, 0.0, 0.0, 0.0, 0.0, -0.12, 0.0, 0.0});
  expect_near(straight.energy, 0.5 * 400.0 * (kPi - 1.9) * (kPi - 1.9));
  expect_forces(straight, std::vector<double>(9, 0.0));
  const Result folded = evaluate(system, {0.1, 0.0, 0.0, 0.0, 0.0, 0.0, 0.12, 0.0, 0.0});
  expect_near(folded.energy, 0.5 * 400.0 * 1.9 * 1.9);
}

/// Four atoms with torsion phi about the z axis, IUPAC sign: looking along j -> k, the far bond is
/// turned clockwise from the near one by phi.
std::vector<double> twisted(double phi) {
  return {
      0.1, 0.0, -0.03, 0.0, 0.0, 0.0, 0.0, 0.0, 0.15, 0.11 * std::cos(phi), 0.11 * std::sin(phi),
      0.2};
}

TEST(PlainEnergy, TorsionIsPeriodicWithTheIupacSign) {
  for (int periodicity = 1; periodicity <= 6; ++periodicity)
    for (double phi : {-3.0, -1.1, 0.0, 0.4, 1.7, kPi}) {
      SCOPED_TRACE("periodicity " + std::to_string(periodicity) + ", phi " + std::to_string(phi));
      System system = atoms(4);
      system.torsions = {{0, 1, 2, 3, periodicity, 0.7, 12.0}};
      const Result result = evaluate(system, twisted(phi));
      expect_near(result.energy, 12.0 * (1.0 + std::cos(periodicity * phi - 0.7)));
      // Torque about z on the last atom: -dE/dphi.
      const double torque =
          0.11 * (std::cos(phi) * result.forces[10] - std::sin(phi) * result.forces[9]);
      expect_near(torque, 12.0 * periodicity * std::sin(periodicity * phi - 0.7));
    }
}

TEST(PlainEnergy, TorsionsOnTheSameAtomsAddUpFromEitherEnd) {
  System system = atoms(4);
  system.torsions = {
      {0, 1, 2, 3, 3, 0.2, 5.0}, {3, 2, 1, 0, 1, -0.4, 2.0}, {0, 1, 2, 3, 3, 0.9, 1.0}};
  const double phi = 1.234;
  expect_near(evaluate(system, twisted(phi)).energy, 5.0 * (1.0 + std::cos(3.0 * phi - 0.2)) +
                                                         2.0 * (1.0 + std::cos(phi + 0.4)) + 1.0 +
                                                         std::cos(3.0 * phi - 0.9));
}

TEST(PlainEnergy, TorsionOfAtomsOnALineCountsAsZeroAngle) {
  System system = atoms(4);
  system.torsions = {{0, 1, 2, 3, 2, 0.5, 3.0}};
  const Result result =
      evaluate(system, {0.0, 0.0, 0.0, 0.0, 0.0, 0.1, 0.0, 0.0, 0.2, 0.1, 0.0, 0.3});
  expect_near(result.energy, 3.0 * (1.0 + std::cos(0.5)));
  expect_forces(result, std::vector<double>(12, 0.0));
}

/// Two atoms with charges 0.5 and -0.3 e, sigma 0.3 nm and epsilon 0.6 kJ/mol after mixing.
System charged_pair() {
  System system = atoms(2);
  Nonbonded nonbonded;
  nonbonded.particles = {{0.5, 0.2, 0.4}, {-0.3, 0.4, 0.9}};
  system.nonbonded = nonbonded;
  return system;
}

double lennard_jones(double r, double sigma, double epsilon) {
  return 4.0 * epsilon * (std::pow(sigma / r, 12) - std::pow(sigma / r, 6));
}

double along_x(const System& system, double r) {
  return evaluate(system, {0.0, 0.0, 0.0, r, 0.0, 0.0}).energy;
}

TEST(PlainEnergy, PairHasLennardJonesAndCoulombEnergy) {
  System system = charged_pair();
  const double r = 0.37;
  expect_near(along_x(system, r), lennard_jones(r, 0.3, 0.6) - kCoulombConstant * 0.15 / r);
  // At its minimum Lennard-Jones is -epsilon and without force.
  for (NonbondedParticle& p : system.nonbonded->particles) p.charge = 0.0;
  const Result lowest = evaluate(system, {0.0, 0.0, 0.0, 0.3 * std::pow(2.0, 1.0 / 6.0), 0.0, 0.0});
  expect_near(lowest.energy, -0.6);
  expect_forces(lowest, std::vector<double>(6, 0.0));
}

TEST(PlainEnergy, ExceptionsReplaceTheirPair) {
  System system = charged_pair();
  system.nonbonded->exceptions = {{1, 0, 0.05, 0.25, 0.2}};
  const double expected = lennard_jones(0.37, 0.25, 0.2) + kCoulombConstant * 0.05 / 0.37;
  expect_near(along_x(system, 0.37), expected);
  // Neither cut off nor shifted.
  system.nonbonded->method = NonbondedMethod::kCutoffNonPeriodic;
  for (double cutoff : {1.0, 0.3}) {
    system.nonbonded->cutoff_nm = cutoff;
    expect_near(along_x(system, 0.37), expected);
  }
  system.nonbonded->exceptions = {{1, 0, 0.0, 1.0, 0.0}};
  EXPECT_EQ(along_x(system, 0.37), 0.0);
  EXPECT_EQ(along_x(system, 0.0), 0.0) << "nothing happens between atoms that do not interact";
}

TEST(PlainEnergy, ReactionFieldVanishesAtTheCutoff) {
  System system = charged_pair();
  Nonbonded& nonbonded = *system.nonbonded;
  for (NonbondedParticle& p : nonbonded.particles) p.epsilon = 0.0;
  nonbonded.method = NonbondedMethod::kCutoffNonPeriodic;
  nonbonded.cutoff_nm = 0.9;
  nonbonded.reaction_field_dielectric = 20.0;
  const double k_rf = 19.0 / (41.0 * 0.9 * 0.9 * 0.9), c_rf = 60.0 / (41.0 * 0.9);
  for (double r : {0.2, 0.6, 0.9 - 1e-9})
    expect_near(along_x(system, r), -kCoulombConstant * 0.15 * (1.0 / r + k_rf * r * r - c_rf));
  // Slope at the cutoff: 20.8 kJ/mol e^2 (1/r^2 - 2 k_rf r), at most 26 kJ/mol/nm.
  EXPECT_NEAR(along_x(system, 0.9 - 1e-9), 0.0, tolerance_scale() * 26e-9);
  EXPECT_EQ(along_x(system, 0.9 + 1e-9), 0.0);
}

TEST(PlainEnergy, CoincidingAtomsHaveInfiniteEnergyAndNoForce) {
  for (Solvent solvent : {Solvent::kNone, Solvent::kObc2, Solvent::kGbn2})
    for (double cutoff : {0.0, 0.36}) {
      const System system = ethanol_system(solvent, cutoff);
      for (std::size_t i = 1; i < 9; ++i) {
        std::vector<double> x = ethanol_positions();
        std::copy_n(x.begin(), 3, x.begin() + 3 * static_cast<std::ptrdiff_t>(i));
        const Result result = evaluate(system, x);
        EXPECT_EQ(result.energy, kInfinity) << "atoms 0 and " << i;
        EXPECT_EQ(result.forces, std::vector<double>(27, 0.0));
      }
    }
}

TEST(PlainEnergy, IsNeverNaN) {
  // Squares, sixth powers or their inverses overflow.
  const System system = ethanol_system(Solvent::kGbn2, 0.0);
  for (double position :
       {1e-160, 1e-100, 1e-30, 1e30, 1e100, 1e160, 1e300, kInfinity, std::nan("")})
    for (std::size_t i = 0; i < 27; ++i) {
      std::vector<double> x = ethanol_positions();
      for (std::size_t d = 0; d < 3; ++d) x[d] = 0.0;  // an atom to come close to
      for (std::size_t d = i - i % 3; d < i; ++d) x[d] = 0.0;
      x[i] = position;
      const Result result = evaluate(system, x);
      EXPECT_FALSE(std::isnan(result.energy)) << "coordinate " << i << " = " << position;
      for (double f : result.forces) EXPECT_TRUE(std::isfinite(f));
      if (!std::isfinite(position)) {
        EXPECT_EQ(result.energy, kInfinity);
      }
    }
}

TEST(PlainEnergy, BitsDependNeitherOnThreadsNorOnBatches) {
  const System system = ethanol_system(Solvent::kGbn2, 0.36);
  constexpr std::size_t kChains = 23;
  CoordinateBatch points(kChains, 9);
  for (std::size_t c = 0; c < kChains; ++c) {
    auto stream = test_stream(7, static_cast<std::uint32_t>(c));
    for (std::size_t i = 0; i < 27; ++i)
      points.chain(c)[i] = ethanol_positions()[i] + 0.01 * stream.normal();
  }
  const PlainEnergy serial(system, nullptr);
  std::vector<double> energies(kChains), forces(kChains * 27);
  serial.evaluate(points.view(), energies, forces);
  for (std::size_t threads : {1, 2, 3}) {
    const PlainEnergy parallel(system, std::make_shared<ThreadPool>(threads));
    std::vector<double> other_energies(kChains), other_forces(kChains * 27);
    parallel.evaluate(points.view(), other_energies, other_forces);
    EXPECT_EQ(energies, other_energies) << threads << " threads";
    EXPECT_EQ(forces, other_forces) << threads << " threads";
  }
  for (std::size_t c = 0; c < kChains; ++c) {
    double energy = 0.0, with_forces = 0.0;
    std::vector<double> own_forces(27);
    serial.evaluate(points.view().slice(c, 1), {&energy, 1}, {});
    serial.evaluate(points.view().slice(c, 1), {&with_forces, 1}, own_forces);
    EXPECT_EQ(energy, energies[c]);
    EXPECT_EQ(with_forces, energies[c]);
    EXPECT_TRUE(std::equal(own_forces.begin(), own_forces.end(),
                           points.n_atoms() * 3 * c + forces.begin()));
  }
  std::vector<double> none;
  serial.evaluate(points.view().slice(0, 0), none, {});
}

TEST(PlainEnergy, LeavesOutTermsThatTheSystemLacks) {
  System system = charged_pair();
  const std::vector<double> x = {0.0, 0.0, 0.0, 0.4, 0.0, 0.0};
  auto terms = PlainEnergy(system, nullptr).terms({x.data(), 1, 2});
  ASSERT_EQ(terms.size(), 1u);
  EXPECT_EQ(terms[0].name, "nonbonded");
  system.nonbonded.reset();
  system.bonds = {{0, 1, 0.1, 1000.0}};
  terms = PlainEnergy(system, nullptr).terms({x.data(), 1, 2});
  ASSERT_EQ(terms.size(), 1u);
  EXPECT_EQ(terms[0].name, "bonds");
}

std::string refusal(const System& system) {
  try {
    const PlainEnergy energy(system, nullptr);
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(PlainEnergy, RefusesImpossibleSystems) {
  System system = atoms(4);
  system.bonds = {{0, 4, 0.1, 1000.0}};
  EXPECT_EQ(refusal(system), "system: bond 0: atom index 4 out of range, the system has 4 atoms");
  system = atoms(4);
  system.torsions = {{0, 1, 2, 3, 1, 0.0, 1.0}, {0, 1, 2, 3, 101, 0.0, 1.0}};
  EXPECT_EQ(refusal(system), "torsion 1: periodicity 101, expected 1 to 100");
}

}  // namespace

}  // namespace saltus::tests
