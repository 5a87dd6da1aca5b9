// Oracle: closed forms (error function, moments of a Gaussian), Ridders' derivatives, and the
// trapezoid's own exactness for piecewise linear densities.
#include "engine/potential/analytic.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"
#include "tests/support/exact_start.h"
#include "tests/support/invariants.h"
#include "tests/support/statistics.h"

namespace saltus::tests {
namespace {

using namespace engine;

TEST(TabulatedDensity, TriangleIsExact) {
  // Density 2x on [0, 1]: reduced energy -log x; cumulative x^2, linear between any grid points.
  const std::vector<double> reduced = {INFINITY, -std::log(0.25), -std::log(0.5), -std::log(0.75),
                                       0.0};
  const TabulatedDensity triangle(0.0, 1.0, reduced);
  for (double x : {0.01, 0.1, 0.3, 0.5, 0.77, 0.99}) {
    EXPECT_NEAR(triangle.cumulative(x), x * x, 1e-15);
    EXPECT_NEAR(triangle.quantile(x * x), x, 1e-14);
  }
  EXPECT_EQ(triangle.cumulative(-1.0), 0.0);
  EXPECT_EQ(triangle.cumulative(2.0), 1.0);
}

TEST(TabulatedDensity, QuantileInvertsCumulativeInTheTails) {
  const TabulatedDensity density = DoubleWell(1, 6.0, 0.1, 1.5).density(300.0);
  for (double p : {1e-12, 1e-6, 0.01, 0.5, 0.99, 1.0 - 1e-6, 1.0 - 1e-12})
    EXPECT_NEAR(density.cumulative(density.quantile(p)), p, 1e-15);
}

TEST(TabulatedDensity, HarmonicWellIsTheNormalDistribution) {
  const double k = 1000.0, temperature_K = 300.0;
  const double sigma = std::sqrt(kGasConstant * temperature_K / k);
  const HarmonicWell well(1, k);
  const TabulatedDensity density = well.density(temperature_K);
  // Second-order error of a grid of 20001 points over 2 * 15 standard deviations.
  constexpr double kGridError = 1e-6;
  for (double z = -4.0; z <= 4.0; z += 0.5)
    EXPECT_NEAR(density.cumulative(z * sigma), standard_normal_cdf(z), kGridError);
  std::vector<double> squares;
  for (double x : density.grid()) squares.push_back(x * x);
  EXPECT_NEAR(density.mean_of(squares) / (sigma * sigma), 1.0, 1e-5);
}

TEST(TabulatedDensity, RefusesBadInput) {
  EXPECT_EQ(
      message_of<InputError>([] {
        TabulatedDensity(1.0, 0.0, {0.0, 0.0});
      }),
      "tabulated density: expected finite ends in ascending order, got 1.000000 and 0.000000");
  EXPECT_EQ(message_of<InputError>([] { TabulatedDensity(0.0, 1.0, {0.0}); }),
            "tabulated density: expected at least 2 grid points");
  EXPECT_EQ(message_of<InputError>([] {
              TabulatedDensity(0.0, 1.0, {0.0, std::nan("")});
            }),
            "tabulated density: an energy is NaN or minus infinity");
  EXPECT_EQ(message_of<InputError>([] {
              TabulatedDensity(0.0, 1.0, {INFINITY, INFINITY});
            }),
            "tabulated density: the energy is infinite everywhere");
  const TabulatedDensity flat(0.0, 1.0, {0.0, 0.0});
  EXPECT_EQ(message_of<InputError>([&] { flat.quantile(1.0); }),
            "quantile: expected a probability in (0, 1), got 1.000000");
  EXPECT_EQ(message_of<InputError>([&] { flat.mean_of({1.0}); }),
            "tabulated density: 1 values given for a grid of 2");
}

TEST(SeparablePotential, KeepsThePromisesOfAnEnergy) {
  CoordinateBatch x(3, 4);
  auto stream = test_stream(1);
  for (double& value : x.values()) value = 0.1 * stream.normal();
  EnergyInvariantOptions options;
  options.translation = options.rotation = false;  // fixed in space
  options.equal_atoms = {{0, 3}, {1, 2}};
  expect_energy_function_invariants(HarmonicWell(4, 500.0), x.view(), options);
  expect_energy_function_invariants(DoubleWell(4, 6.0, 0.1, -1.5), x.view(), options);
}

TEST(DoubleWell, KnownValues) {
  const DoubleWell well(1, 6.0, 0.1, 1.5);
  EXPECT_DOUBLE_EQ(well.value(0.0), 6.0);
  EXPECT_DOUBLE_EQ(well.value(0.1), 1.5);
  EXPECT_DOUBLE_EQ(well.value(-0.1), -1.5);
  EXPECT_DOUBLE_EQ(well.force(0.1), -15.0);
}

TEST(SeparablePotential, NothingLiesBeyondTheRange) {
  const std::vector<std::shared_ptr<const SeparablePotential>> potentials = {
      std::make_shared<HarmonicWell>(1, 3.0), std::make_shared<DoubleWell>(1, 0.01, 0.1, 0.0),
      std::make_shared<DoubleWell>(1, 6.0, 0.1, 40.0),
      std::make_shared<DoubleWell>(1, 50.0, 2.0, -1.0)};
  for (const auto& u : potentials) {
    double lowest = u->value(0.0);
    const TabulatedDensity density = u->density(1000.0);
    for (double x : density.grid()) lowest = std::min(lowest, u->value(x));
    for (double x : {u->range(), -u->range()})
      EXPECT_LT(std::exp(-(u->value(x) - lowest) / (kGasConstant * 1000.0)), 1e-15);
  }
}

TEST(SeparablePotential, RefusesBadParameters) {
  EXPECT_EQ(message_of<InputError>([] { HarmonicWell(1, 0.0); }),
            "harmonic well: force constant: expected a positive number, got 0.000000");
  EXPECT_EQ(message_of<InputError>([] { HarmonicWell(0, 1.0); }),
            "analytic potential: expected at least one atom");
  EXPECT_EQ(message_of<InputError>([] { DoubleWell(1, -1.0, 0.1, 0.0); }),
            "double well: barrier: expected a positive number, got -1.000000");
  EXPECT_EQ(message_of<InputError>([] { DoubleWell(1, 1.0, 0.0, 0.0); }),
            "double well: half distance: expected a positive number, got 0.000000");
  EXPECT_EQ(message_of<InputError>([] { DoubleWell(1, 1.0, 0.1, INFINITY); }),
            "double well: the tilt is not a finite number");
  EXPECT_EQ(message_of<InputError>([] { HarmonicWell(1, 1.0).density(1001.0); }),
            "density of an analytic potential: expected a temperature in (0, 1000] K, got "
            "1001.000000");
}

TEST(SeparablePotential, ExactDrawsFollowTheDensity) {
  const DoubleWell well(2, 6.0, 0.1, 1.5);
  const ChainBatch chains = draw_exact_chains(well, 20000, 300.0, {12.0, 1.0}, test_seed(2));
  const TabulatedDensity density = well.density(300.0);
  expect_projections(
      {{"positions", pooled_coordinates(chains), [&](double x) { return density.cumulative(x); }},
       {"velocities", reduced_velocities(chains, {12.0, 1.0}), standard_normal_cdf}},
      0.016);
}

}  // namespace
}  // namespace saltus::tests
