// Oracle: closed forms for one and four atoms; Ridders' derivative for the forces.
#include "engine/reference/external_terms.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/core/units.h"
#include "engine/reference/plain_energy.h"
#include "tests/engine/reference/plain_evaluation.h"
#include "tests/support/environment.h"
#include "tests/support/invariants.h"

namespace saltus::tests {

namespace {

using namespace engine;

TEST(PositionRestraint, IsHarmonicBeyondItsFlatRadius) {
  System system = atoms(2);
  for (double flat : {0.0, 0.2}) {
    system.position_restraints = {{1, {1.0, 2.0, 3.0}, 500.0, flat}};
    const Result result = evaluate(system, {9.0, 9.0, 9.0, 1.3, 2.4, 3.0});  // 0.5 nm away
    expect_near(result.energy, 250.0 * (0.5 - flat) * (0.5 - flat));
    expect_near(result.forces[3], -500.0 * (0.5 - flat) * 0.6);
    expect_near(result.forces[4], -500.0 * (0.5 - flat) * 0.8);
    expect_near(result.forces[5], 0.0);
    for (std::size_t d = 0; d < 3; ++d) EXPECT_EQ(result.forces[d], 0.0);
    const Result bottom = evaluate(system, {9.0, 9.0, 9.0, 1.0, 2.0, 3.0});
    EXPECT_EQ(bottom.energy, 0.0);
    EXPECT_EQ(bottom.forces, std::vector<double>(6, 0.0));
  }
  EXPECT_EQ(evaluate(system, {9.0, 9.0, 9.0, 1.1, 2.1, 3.1}).energy, 0.0) << "inside the flat part";
}

/// Four atoms with torsion phi about the z axis, IUPAC sign.
std::vector<double> twisted(double phi) {
  return {
      0.1, 0.0, -0.03, 0.0, 0.0, 0.0, 0.0, 0.0, 0.15, 0.11 * std::cos(phi), 0.11 * std::sin(phi),
      0.2};
}

/// The torsion's energy falls along phi with this torque on the last atom.
double torque(const Result& result, double phi) {
  return 0.11 * (std::cos(phi) * result.forces[10] - std::sin(phi) * result.forces[9]);
}

TEST(TorsionRestraint, IsHarmonicTheShortWayRound) {
  System system = atoms(4);
  for (const auto& [phi, angle, deviation] :
       {std::array{0.3, 0.1, 0.2}, std::array{-3.0, 3.0, kTwoPi - 6.0},
        std::array{3.0, -3.0, 6.0 - kTwoPi}, std::array{1.0, 1.5 + 2.0 * kTwoPi, -0.5}}) {
    SCOPED_TRACE("phi " + std::to_string(phi) + ", angle " + std::to_string(angle));
    system.torsion_restraints = {{0, 1, 2, 3, angle, 80.0, 0.0}};
    const Result harmonic = evaluate(system, twisted(phi));
    expect_near(harmonic.energy, 40.0 * deviation * deviation);
    expect_near(torque(harmonic, phi), -80.0 * deviation);
    system.torsion_restraints[0].flat_half_width_rad = 0.15;
    const Result flat = evaluate(system, twisted(phi));
    const double excess = std::abs(deviation) - 0.15;
    expect_near(flat.energy, 40.0 * excess * excess);
    expect_near(torque(flat, phi), -80.0 * std::copysign(excess, deviation));
    system.torsion_restraints[0].flat_half_width_rad = 0.6;
    EXPECT_EQ(evaluate(system, twisted(phi)).energy, 0.0);
  }
}

TEST(TorsionRestraint, AtomsOnALineOrOnOneSpot) {
  System system = atoms(4);
  system.torsion_restraints = {{0, 1, 2, 3, 0.5, 80.0, 0.0}};
  std::vector<double> x = {0.0, 0.0, 0.0, 0.0, 0.0, 0.1, 0.0, 0.0, 0.2, 0.1, 0.0, 0.3};
  const Result line = evaluate(system, x);
  expect_near(line.energy, 40.0 * 0.25);
  EXPECT_EQ(line.forces, std::vector<double>(12, 0.0));
  x[5] = 0.2;
  EXPECT_EQ(evaluate(system, x).energy, kInfiniteEnergy);
}

TEST(UniformField, PullsOnCharges) {
  System system = atoms(2);
  constexpr double kVoltPerNm = 96.48533;
  system.field = {{0.0, 0.5 * kVoltPerNm, -kVoltPerNm}, {1.0, -0.25}};
  const Result result = evaluate(system, {1.0, 2.0, 3.0, 4.0, 5.0, 6.0});
  expect_near(result.energy, -(1.0 - 3.0) * kVoltPerNm + 0.25 * (2.5 - 6.0) * kVoltPerNm);
  const std::vector<double> expected = {0.0, 0.5, -1.0, 0.0, -0.125, 0.25};
  for (std::size_t i = 0; i < 6; ++i) expect_near(result.forces[i], expected[i] * kVoltPerNm);
}

TEST(ExternalTerms, KeepThePromisesOfTheInterface) {
  System system = atoms(4);
  system.field = {{3.0, -2.0, 7.0}, {0.3, -0.1, 0.2, -0.6}};
  system.position_restraints = {{0, {0.3, 0.2, 0.1}, 400.0, 0.1}, {2, {0.0, 0.0, 0.0}, 100.0, 0.0}};
  system.torsion_restraints = {{0, 1, 2, 3, 2.5, 60.0, 0.2}, {3, 2, 1, 0, -2.0, 30.0, 0.0}};
  CoordinateBatch points(3, 4);
  for (std::size_t c = 0; c < 3; ++c) {
    const std::vector<double> x = twisted(0.9 * static_cast<double>(c) - 0.8);
    std::copy(x.begin(), x.end(), points.chain(c).begin());
  }
  EnergyInvariantOptions options;
  options.translation = options.rotation = false;  // these terms know where space is
  options.force_tolerance = 1e-8;
  const PlainEnergy energy(system, nullptr);
  expect_energy_function_invariants(energy, points.view(), options);
  const auto terms = energy.terms(points.view().slice(0, 1));
  ASSERT_EQ(terms.size(), 2u);
  EXPECT_EQ(terms[0].name, "restraints");
  EXPECT_EQ(terms[1].name, "field");
}

}  // namespace

}  // namespace saltus::tests
