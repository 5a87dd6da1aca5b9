// Oracle: the grid itself; OpenMM's CMAPTorsionForce on the Reference platform; Ridders' derivative
// for the forces.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

#include "engine/core/units.h"
#include "engine/potential/bicubic_map.h"
#include "engine/reference/plain_energy.h"
#include "tests/support/environment.h"
#include "tests/support/invariants.h"

namespace saltus::tests {

namespace {

using namespace engine;

CorrectionMap random_map(std::size_t size) {
  auto stream = test_stream(29, static_cast<std::uint32_t>(size));
  CorrectionMap map{size, {}};
  for (std::size_t n = 0; n < size * size; ++n) map.energies.push_back(5.0 * stream.normal());
  return map;
}

TEST(BicubicMap, PassesThroughItsGridInEveryPeriod) {
  for (std::size_t size : {3, 8, 24}) {
    const CorrectionMap map = random_map(size);
    const BicubicMap ready = make_bicubic_map(map);
    const double step = kTwoPi / static_cast<double>(size);
    for (std::size_t a = 0; a < size; ++a)
      for (std::size_t b = 0; b < size; ++b)
        for (double turn : {-2.0, 0.0, 1.0}) {
          const double phi = step * static_cast<double>(a) + kTwoPi * turn;
          const double psi = step * static_cast<double>(b) - kTwoPi * turn;
          // Rounded angles shift the point by some 1e-15 rad; slopes are of order 100.
          EXPECT_NEAR(evaluate_map(ready, phi, psi).energy, map.energies[a + size * b],
                      tolerance_scale() * 1e-12)
              << "point " << a << ", " << b << " of " << size;
        }
  }
}

TEST(BicubicMap, EnergyAndSlopesAreContinuousAcrossCells) {
  const BicubicMap map = make_bicubic_map(random_map(8));
  auto stream = test_stream(31);
  for (int edge = -4; edge <= 4; ++edge) {
    const double at = edge * kTwoPi / 8.0, elsewhere = kTwoPi * stream.normal();
    constexpr double kSide = 1e-9;  // second derivatives are of order 100
    const MapValue below = evaluate_map(map, at - kSide, elsewhere);
    const MapValue above = evaluate_map(map, at + kSide, elsewhere);
    const MapValue left = evaluate_map(map, elsewhere, at - kSide);
    const MapValue right = evaluate_map(map, elsewhere, at + kSide);
    for (const auto& [one, other] : {std::pair(below, above), std::pair(left, right)}) {
      EXPECT_NEAR(one.energy, other.energy, tolerance_scale() * 1e-6) << edge;
      EXPECT_NEAR(one.by_first, other.by_first, tolerance_scale() * 1e-6) << edge;
      EXPECT_NEAR(one.by_second, other.by_second, tolerance_scale() * 1e-6) << edge;
    }
  }
}

TEST(BicubicMap, ApproachesASmoothFunctionWithTheFourthPower) {
  // A spline's error falls with the fourth power of its step: 16 times from size 24 to 48.
  const auto largest_error = [](std::size_t size) {
    CorrectionMap map{size, {}};
    const double step = kTwoPi / static_cast<double>(size);
    const auto smooth = [](double phi, double psi) { return std::cos(phi) * std::sin(2.0 * psi); };
    for (std::size_t n = 0; n < size * size; ++n)
      map.energies.push_back(
          smooth(step * static_cast<double>(n % size), step * static_cast<double>(n / size)));
    const BicubicMap ready = make_bicubic_map(map);
    double error = 0.0;
    for (double phi = -3.0; phi < 3.0; phi += 0.037)
      for (double psi = -3.0; psi < 3.0; psi += 0.041)
        error = std::max(error, std::abs(evaluate_map(ready, phi, psi).energy - smooth(phi, psi)));
    return error;
  };
  EXPECT_LT(largest_error(24), 1e-3);
  EXPECT_NEAR(largest_error(24) / largest_error(48), 16.0, 3.0);
}

/// Five atoms in a row, both of their torsions in one map of 8 points.
System mapped_chain() {
  System system;
  system.masses.assign(5, 12.0);
  CorrectionMap map{8, {}};
  for (int b = 0; b < 8; ++b)
    for (int a = 0; a < 8; ++a)
      map.energies.push_back(5.0 * std::sin(0.7 * a + 0.3) * std::cos(1.1 * b) + 0.4 * a -
                             0.1 * b * b);
  system.correction_maps = {random_map(4), map};
  system.correction_torsions = {{1, {0, 1, 2, 3}, {1, 2, 3, 4}}};
  return system;
}

struct Reference {
  std::array<double, 15> x;      // nm
  double energy;                 // kJ/mol
  std::array<double, 6> forces;  // on atoms 0 and 4, kJ/mol/nm
};

// Python module of OpenMM 7.7, Reference platform: a CMAPTorsionForce with the second map of
// mapped_chain; written with 10 digits.
const Reference kReferences[] = {
    {{-0.042, 0.009, -0.026, 0.117, 0.025, -0.087, 0.122, 0.067, -0.048, 0.257, 0.099, -0.006,
      0.454, -0.005, 0.028},
     -1.988605032,
     {-1.229659003, 2.511036244, -2.546544288, -14.50367555, -9.793170953, 54.0804207}},
    {{-0.056, 0.027, 0.074, 0.104, 0.048, 0.034, 0.13, 0.052, 0.018, 0.268, -0.094, 0.073, 0.396,
      0.044, 0.076},
     -2.832098386,
     {3.934927609, -33.98346571, -2.101609064, -5.268827969, 4.348686363, 24.76375398}},
    {{0.034, 0.084, -0.021, 0.148, -0.011, 0.087, 0.261, -0.081, -0.073, 0.255, 0.093, -0.013, 0.42,
      -0.04, 0.001},
     -4.225181819,
     {-1.775897598, -2.375458106, -0.2149647576, 6.844819287, 6.560932772, -18.34222311}},
    {{-0.018, -0.03, 0.017, 0.113, 0.081, 0.036, 0.269, 0.071, 0.098, 0.327, -0.067, 0.072, 0.474,
      0.081, 0.014},
     -4.532906894,
     {-2.170574719, 1.583119966, 5.716787998, 0.7350883061, -0.02840621365, 1.790583817}},
    {{0.034, -0.058, 0.066, 0.112, -0.043, -0.087, 0.257, 0.098, -0.082, 0.348, -0.018, -0.07,
      0.367, 0.054, 0.075},
     2.870444258,
     {-3.449688637, 3.597409505, -1.405977589, 4.913507257, 3.602886711, -2.43285849}},
    {{-0.073, 0.023, -0.091, 0.135, -0.034, 0.076, 0.277, 0.001, 0.1, 0.27, -0.085, 0.02, 0.325,
      -0.061, -0.018},
     6.115608541,
     {-4.739044255, 12.30062201, 10.10093808, 30.7930624, -27.69476275, 27.077477}},
};

TEST(CorrectionMapTerm, EqualsOpenMM) {
  const PlainEnergy energy(mapped_chain(), nullptr);
  for (const Reference& reference : kReferences) {
    double value = 0.0;
    std::vector<double> forces(15);
    energy.evaluate({reference.x.data(), 1, 5}, {&value, 1}, forces);
    const auto expect = [](double actual, double expected) {
      EXPECT_NEAR(actual, expected, tolerance_scale() * 1e-9 * std::max(1.0, std::abs(expected)));
    };
    expect(value, reference.energy);
    for (std::size_t d = 0; d < 3; ++d) {
      expect(forces[d], reference.forces[d]);
      expect(forces[12 + d], reference.forces[3 + d]);
    }
  }
}

TEST(CorrectionMapTerm, KeepsThePromisesOfTheInterface) {
  CoordinateBatch points(6, 5);
  for (std::size_t c = 0; c < 6; ++c)
    std::copy(kReferences[c].x.begin(), kReferences[c].x.end(), points.chain(c).begin());
  EnergyInvariantOptions options;
  // Second derivatives jump between cells; a step that crosses an edge costs Ridders some digits.
  options.force_tolerance = 1e-5;
  expect_energy_function_invariants(PlainEnergy(mapped_chain(), nullptr), points.view(), options);
}

TEST(CorrectionMapTerm, AtomsOnALineOrOnOneSpot) {
  const System system = mapped_chain();
  const PlainEnergy energy(system, nullptr);
  std::vector<double> line = {0.0, 0.0, 0.0, 0.1, 0.0, 0.0, 0.2, 0.0,
                              0.0, 0.3, 0.0, 0.0, 0.4, 0.0, 0.0};
  double value = 0.0;
  std::vector<double> forces(15, 7.0);
  energy.evaluate({line.data(), 1, 5}, {&value, 1}, forces);
  EXPECT_NEAR(value, system.correction_maps[1].energies[0], tolerance_scale() * 1e-14);
  EXPECT_EQ(forces, std::vector<double>(15, 0.0));
  line[12] = 0.3;
  energy.evaluate({line.data(), 1, 5}, {&value, 1}, {});
  EXPECT_EQ(value, std::numeric_limits<double>::infinity());
  line[12] = std::numeric_limits<double>::quiet_NaN();
  energy.evaluate({line.data(), 1, 5}, {&value, 1}, {});
  EXPECT_EQ(value, std::numeric_limits<double>::infinity());
}

}  // namespace

}  // namespace saltus::tests
