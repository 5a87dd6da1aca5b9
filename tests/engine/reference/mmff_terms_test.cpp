// Oracle: the published formulas of MMFF94, in the paper's units and with its rounded constants, at
// geometries whose distances and angles are set by hand; Ridders' derivative for the forces.
#include "engine/reference/mmff_terms.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "engine/core/units.h"
#include "engine/reference/plain_energy.h"
#include "tests/engine/reference/plain_evaluation.h"
#include "tests/support/environment.h"
#include "tests/support/invariants.h"

namespace saltus::tests {

namespace {

using namespace engine;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Factors of the paper: kcal/mol per millidyne Angstrom, and its multiples for angles in degrees.
constexpr double kStretchFactor = 143.9325, kBendFactor = 0.043844, kStretchBendFactor = 2.51210;
constexpr double kPerRadian2 = kDegreePerRadian * kDegreePerRadian;

System molecule(std::size_t n_atoms) {
  System system;
  system.masses.assign(n_atoms, 1.0);
  system.mmff.emplace();
  return system;
}

void expect_no_forces(const Result& result) {
  for (double f : result.forces) EXPECT_NEAR(f, 0.0, tolerance_scale() * kRounding);
}

/// Atoms 0-1-2 with the vertex at atom 1; lengths in nm.
std::vector<double> bent(double length_i, double length_k, double theta) {
  return {length_i, 0.0, 0.0, 0.0, 0.0, 0.0, length_k * std::cos(theta), length_k * std::sin(theta),
          0.0};
}

TEST(MmffTerms, BondIsAQuartic) {
  System system = molecule(2);
  const double kb = 4.258;  // C-C, millidyne/Angstrom
  system.mmff->bonds = {{0, 1, 0.1508, kStretchFactor * kKJPerKcal * 100.0 * kb}};
  for (double r : {1.2, 1.508, 1.6, 2.4}) {  // Angstrom
    SCOPED_TRACE(r);
    const double d = r - 1.508, cs = -2.0;
    const double kcal =
        0.5 * kStretchFactor * kb * d * d * (1.0 + cs * d + 7.0 / 12.0 * cs * cs * d * d);
    expect_near(evaluate(system, {0.0, 0.0, 0.0, 0.0, 0.1 * r, 0.0}).energy, kKJPerKcal * kcal);
  }
  EXPECT_EQ(evaluate(system, std::vector<double>(6, 0.2)).energy, kInfinity);
}

TEST(MmffTerms, AngleIsACubic) {
  System system = molecule(3);
  const double ka = 0.636;  // H-C-C, millidyne Angstrom/rad^2
  system.mmff->angles = {
      {0, 1, 2, 110.549 * kRadianPerDegree, kBendFactor * kKJPerKcal * kPerRadian2 * ka}};
  for (double theta : {20.0, 95.0, 110.549, 160.0, 180.0}) {
    SCOPED_TRACE(theta);
    const double d = theta - 110.549;
    const double kcal = 0.5 * kBendFactor * ka * d * d * (1.0 - 0.006981317 * d);
    expect_near(evaluate(system, bent(0.11, 0.15, theta * kRadianPerDegree)).energy,
                kKJPerKcal * kcal);
  }
  // Straight and folded angles have an energy but no direction of force.
  for (double end : {-0.15, 0.15}) {
    const Result result = evaluate(system, {0.11, 0.0, 0.0, 0.0, 0.0, 0.0, end, 0.0, 0.0});
    EXPECT_TRUE(std::isfinite(result.energy));
    EXPECT_EQ(result.forces, std::vector<double>(9, 0.0));
  }
  EXPECT_EQ(evaluate(system, bent(0.11, 0.0, 1.0)).energy, kInfinity);
  EXPECT_EQ(evaluate(system, bent(0.11, 0.11, 0.0)).energy, kInfinity);
}

TEST(MmffTerms, LinearAngleIsACosine) {
  System system = molecule(3);
  const double ka = 0.412;
  system.mmff->linear_angles = {{0, 1, 2, kStretchFactor * kKJPerKcal * ka}};
  for (double theta : {0.0, 1.1, 2.9, 3.14159}) {
    SCOPED_TRACE(theta);
    expect_near(evaluate(system, bent(0.11, 0.15, theta)).energy,
                kKJPerKcal * kStretchFactor * ka * (1.0 + std::cos(theta)));
  }
  // Close to pi, 1 + cos theta is (pi - theta)^2 / 2, and all its digits are there.
  const double tiny = 1e-7, y = 0.15 * std::sin(tiny);
  const double energy =
      evaluate(system, {0.11, 0.0, 0.0, 0.0, 0.0, 0.0, -0.15 * std::cos(tiny), y, 0.0}).energy;
  EXPECT_NEAR(energy / (kKJPerKcal * kStretchFactor * ka * 0.5 * tiny * tiny), 1.0,
              tolerance_scale() * 1e-8);
  const Result straight = evaluate(system, {0.11, 0.0, 0.0, 0.0, 0.0, 0.0, -0.15, 0.0, 0.0});
  EXPECT_EQ(straight.energy, 0.0);
  expect_no_forces(straight);
  EXPECT_EQ(evaluate(system, bent(0.0, 0.15, 1.0)).energy, kInfinity);
}

TEST(MmffTerms, StretchBendCouplesBothBondsToTheAngle) {
  System system = molecule(3);
  const double k_ijk = 0.227, k_kji = -0.070;  // millidyne/rad
  const double unit = kStretchBendFactor * kKJPerKcal * kAngstromPerNm * kDegreePerRadian;
  system.mmff->stretch_bends = {
      {0, 1, 2, 0.1093, 0.1508, 110.549 * kRadianPerDegree, unit * k_ijk, unit * k_kji}};
  for (double theta : {60.0, 118.0, 180.0}) {
    SCOPED_TRACE(theta);
    const double d_ij = 1.15 - 1.093, d_kj = 1.47 - 1.508, bend = theta - 110.549;
    expect_near(evaluate(system, bent(0.115, 0.147, theta * kRadianPerDegree)).energy,
                kKJPerKcal * kStretchBendFactor * (k_ijk * d_ij + k_kji * d_kj) * bend);
  }
  EXPECT_EQ(evaluate(system, bent(0.0, 0.147, 1.0)).energy, kInfinity);
}

/// Atoms 0-1-2 in the plane z = 0 around atom 1, and atom 3 at a Wilson angle of chi above it.
std::vector<double> pyramid(double chi) {
  std::vector<double> x = bent(0.11, 0.14, 2.0);
  x.insert(x.end(), {0.12 * std::cos(chi) * std::cos(4.3), 0.12 * std::cos(chi) * std::sin(4.3),
                     0.12 * std::sin(chi)});
  return x;
}

TEST(MmffTerms, OutOfPlaneBendIsHarmonicInTheWilsonAngle) {
  System system = molecule(4);
  const double koop = 0.069;
  const double k = kBendFactor * kKJPerKcal * kPerRadian2 * koop;
  system.mmff->out_of_planes = {{0, 1, 2, 3, k}};
  for (double chi : {-1.2, -0.3, 0.0, 1e-6, 0.4, 1.5}) {
    SCOPED_TRACE(chi);
    const double degrees = chi * kDegreePerRadian;
    expect_near(evaluate(system, pyramid(chi)).energy,
                kKJPerKcal * 0.5 * kBendFactor * koop * degrees * degrees);
  }
  system.mmff->out_of_planes[0].k = -k;
  expect_near(evaluate(system, pyramid(0.4)).energy, -0.5 * k * 0.16);
}

TEST(MmffTerms, OutOfPlaneBendAtTheEndsOfItsRange) {
  System system = molecule(4);
  system.mmff->out_of_planes = {{0, 1, 2, 3, 30.0}};
  std::vector<double> upright = bent(0.11, 0.14, 2.0);
  upright.insert(upright.end(), {0.0, 0.0, 0.12});
  const Result top = evaluate(system, upright);
  expect_near(top.energy, 15.0 * 0.25 * kPi * kPi);
  EXPECT_EQ(top.forces, std::vector<double>(12, 0.0));
  std::vector<double> line = {0.11, 0.0, 0.0, 0.0, 0.0, 0.0, -0.14, 0.0, 0.0, 0.0, 0.1, 0.1};
  const Result flat = evaluate(system, line);
  EXPECT_EQ(flat.energy, 0.0) << "three atoms on a line span no plane";
  EXPECT_EQ(flat.forces, std::vector<double>(12, 0.0));
  line[6] = 0.11;
  EXPECT_EQ(evaluate(system, line).energy, 0.0) << "nor do two atoms on one spot";
  for (std::size_t bonded : {0, 2, 3}) {
    std::vector<double> x = pyramid(0.4);
    for (std::size_t d = 0; d < 3; ++d) x[3 * bonded + d] = 0.0;
    EXPECT_EQ(evaluate(system, x).energy, kInfinity) << "atom " << bonded << " on the centre";
  }
}

TEST(MmffTerms, PairHasBuffered147Energy) {
  System system = molecule(2);
  system.mmff->pairs = {{0, 1, kKJPerKcal * 0.06776, 0.39377, 0.0}};  // two sp3 carbons
  for (double r : {2.0, 3.9, 5.0, 9.0}) {                             // Angstrom
    SCOPED_TRACE(r);
    const double R = 3.9377;
    const double kcal = 0.06776 * std::pow(1.07 * R / (r + 0.07 * R), 7) *
                        (1.12 * std::pow(R, 7) / (std::pow(r, 7) + 0.12 * std::pow(R, 7)) - 2.0);
    expect_near(evaluate(system, {0.0, 0.0, 0.0, 0.1 * r, 0.0, 0.0}).energy, kKJPerKcal * kcal);
  }
  // At R the energy is -epsilon; the lowest point of the published form lies slightly below R.
  const Result at_r_min = evaluate(system, {0.0, 0.0, 0.0, 0.39377, 0.0, 0.0});
  expect_near(at_r_min.energy, -kKJPerKcal * 0.06776);
  expect_near(at_r_min.forces[0], kKJPerKcal * 0.06776 / 0.39377 * 7.0 * (1.0 / 1.07 - 1.0 / 1.12));
  const Result clash = evaluate(system, std::vector<double>(6, 0.3));
  expect_near(clash.energy, kKJPerKcal * 0.06776 * std::pow(1.07 / 0.07, 7) * (1.12 / 0.12 - 2.0));
  EXPECT_EQ(clash.forces, std::vector<double>(6, 0.0));
}

TEST(MmffTerms, PairHasBufferedCoulombEnergy) {
  System system = molecule(2);
  system.mmff->pairs = {{0, 1, 0.0, 0.0, 0.75 * 0.29 * -0.4}};
  system.mmff->dielectric = 2.5;
  for (bool depends : {false, true}) {
    system.mmff->distance_dependent_dielectric = depends;
    for (double r : {0.0, 1.1, 3.7}) {  // Angstrom
      SCOPED_TRACE(r);
      const double n = depends ? 2.0 : 1.0;
      const double kcal = 332.0716 * 0.75 * 0.29 * -0.4 / (2.5 * std::pow(r + 0.05, n));
      const Result result = evaluate(system, {0.0, 0.0, 0.0, 0.1 * r, 0.0, 0.0});
      expect_near(result.energy, kKJPerKcal * kcal);
      // Opposite charges: the force on atom 0 is n |E| / (r + buffer), towards atom 1.
      expect_near(result.forces[0], r == 0.0 ? 0.0 : kKJPerKcal * -kcal * n / (0.1 * (r + 0.05)));
    }
  }
}

/// Every term at once on six atoms: a trigonal centre, a nearly linear one, and a loose end.
System crowded_system() {
  System system = molecule(6);
  Mmff& mmff = *system.mmff;
  mmff.bonds = {{0, 1, 0.11, 2e5}, {1, 2, 0.14, 3e5}, {1, 3, 0.12, 4e5}, {3, 4, 0.12, 5e5}};
  mmff.angles = {{0, 1, 2, 2.0, 500.0}, {0, 1, 3, 2.1, 300.0}, {2, 1, 3, 2.2, 400.0}};
  mmff.linear_angles = {{1, 3, 4, 250.0}};
  mmff.stretch_bends = {{0, 1, 2, 0.11, 0.14, 2.0, 900.0, -300.0},
                        {3, 1, 2, 0.12, 0.14, 2.2, 0.0, 700.0}};
  mmff.out_of_planes = {{0, 1, 2, 3, 90.0}, {2, 1, 3, 0, 90.0}, {3, 1, 0, 2, -20.0}};
  mmff.pairs = {{0, 4, 0.3, 0.35, 0.02}, {2, 4, 0.2, 0.38, -0.03}, {5, 0, 0.1, 0.33, 0.04}};
  return system;
}

CoordinateBatch crowded_points(std::size_t n_chains) {
  const std::vector<double> x = {0.11,   0.0,   0.0,    0.0,    0.0,   0.0, -0.058, 0.13, 0.02,
                                 -0.055, -0.11, -0.015, -0.115, -0.22, 0.0, 0.25,   0.28, 0.1};
  CoordinateBatch points(n_chains, 6);
  for (std::size_t c = 0; c < n_chains; ++c) {
    auto stream = test_stream(53, static_cast<std::uint32_t>(c));
    for (std::size_t i = 0; i < x.size(); ++i)
      points.chain(c)[i] = x[i] + 0.01 * static_cast<double>(c) * stream.normal();
  }
  return points;
}

TEST(MmffTerms, KeepThePromisesOfTheInterface) {
  System system = crowded_system();
  for (bool depends : {false, true}) {
    system.mmff->distance_dependent_dielectric = depends;
    expect_energy_function_invariants(PlainEnergy(system, nullptr), crowded_points(4).view());
  }
}

TEST(MmffTerms, ForcesAreRightTermByTerm) {
  // Alone, no stiff bond hides the error of a weak term.
  const Mmff all = *crowded_system().mmff;
  std::vector<Mmff> parts(5);
  parts[0].linear_angles = all.linear_angles;
  parts[1].stretch_bends = all.stretch_bends;
  parts[2].out_of_planes = all.out_of_planes;
  parts[3].angles = all.angles;
  parts[4].pairs = all.pairs;
  for (std::size_t n = 0; n < parts.size(); ++n) {
    SCOPED_TRACE("part " + std::to_string(n));
    System system = molecule(6);
    system.mmff = parts[n];
    EnergyInvariantOptions options;
    options.force_tolerance = 1e-8;  // Ridders in double, forces of order 1 to 1e3
    expect_energy_function_invariants(PlainEnergy(system, nullptr), crowded_points(3).view(),
                                      options);
  }
}

TEST(MmffTerms, AreReportedByName) {
  System system = crowded_system();
  const CoordinateBatch x = crowded_points(1);
  std::vector<std::string> names;
  double sum = 0.0, total = 0.0;
  const PlainEnergy energy(system, nullptr);
  for (const EnergyTerm& term : energy.terms(x.view())) {
    names.push_back(term.name);
    sum += term.energy;
  }
  EXPECT_EQ(names, (std::vector<std::string>{"mmff_bonds", "mmff_angles", "mmff_stretch_bends",
                                             "mmff_out_of_planes", "mmff_van_der_waals",
                                             "mmff_electrostatics"}));
  energy.evaluate(x.view(), {&total, 1}, {});
  EXPECT_EQ(sum, total);
  system.mmff->angles.clear();
  system.mmff->bonds.clear();
  system.mmff->stretch_bends.clear();
  system.mmff->out_of_planes.clear();
  system.mmff->pairs.clear();
  const auto left = PlainEnergy(system, nullptr).terms(x.view());
  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(left[0].name, "mmff_angles");
}

}  // namespace

}  // namespace saltus::tests
