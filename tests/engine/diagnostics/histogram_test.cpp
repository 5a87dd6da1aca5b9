// Oracles: counts and errors by hand; the binomial spread of independent draws.

#include "engine/diagnostics/histogram.h"

#include <gtest/gtest.h>

#include <numeric>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "tests/engine/diagnostics/autoregressive.h"
#include "tests/support/errors.h"

namespace saltus::engine {
namespace {

using tests::autoregressive_chains;
using tests::message_of;

constexpr double kRounding = 1e-13;

TEST(Histogram, ByHand) {
  // In range: 3 of chain 0, 4 of the others; -1 and 9 are outside; 2.0 = upper is in the last bin.
  const std::vector<double> values = {0.1, 0.2, 1.5, 9.0,  0.1, 1.0, 1.9, 2.0,
                                      0.0, 0.0, 0.5, 0.99, 1.2, 0.3, 0.4, 1.1};
  const Histogram h = histogram({values, 4, 4}, 0.0, 2.0, 2);
  // First bin: 2, 1, 4, 2 of 3, 4, 4, 4.
  EXPECT_NEAR(h.probability[0], 9.0 / 15.0, kRounding);
  EXPECT_NEAR(h.probability[1], 6.0 / 15.0, kRounding);
  // Residuals n_cb - p n_c: 0.2, -1.4, 1.6, -0.4; times C/(C-1) over the total squared.
  const double variance = (0.04 + 1.96 + 2.56 + 0.16) * 4.0 / 3.0 / 225.0;
  EXPECT_NEAR(h.probability_error[0], std::sqrt(variance), kRounding);
  EXPECT_NEAR(h.probability_error[1], std::sqrt(variance), kRounding);
}

TEST(Histogram, OfOneChainHasBinomialErrors) {
  // tau of 1, 2, 3, 4 is 5/3 (see test_autocorrelation).
  const std::vector<double> values = {1.0, 2.0, 3.0, 4.0};
  const Histogram h = histogram({values, 1, 4}, 0.0, 4.0, 4);
  EXPECT_EQ(h.probability, (std::vector<double>{0.0, 0.25, 0.25, 0.5}));
  EXPECT_NEAR(h.probability_error[1], std::sqrt(0.25 * 0.75 * (5.0 / 3.0) / 4.0), kRounding);
  EXPECT_EQ(h.probability_error[0], 0.0);
}

TEST(Histogram, BetweenChainErrorIsBinomialForIndependentDraws) {
  const std::vector<double> values = autoregressive_chains(0.0, 1000, 100, 5);
  const Histogram h = histogram({values, 1000, 100}, -3.0, 3.0, 6);
  double sum = 0.0;
  for (std::size_t b = 0; b < 6; ++b) {
    const double p = h.probability[b];
    sum += p;
    // A spread from 1000 chains is known to about 2.5 %; 15 % is 6 times that.
    EXPECT_NEAR(h.probability_error[b] / std::sqrt(p * (1.0 - p) / 1e5), 1.0, 0.15);
  }
  EXPECT_NEAR(sum, 1.0, kRounding);
  // P(0 < x < 1) = 0.3413 of 0.9973 in range, within 6 standard errors.
  EXPECT_NEAR(h.probability[3], 0.341345 / 0.997300, 6.0 * h.probability_error[3]);
}

TEST(Histogram, WithNothingInRangeIsZero) {
  const std::vector<double> values(4, 7.0);
  const Histogram h = histogram({values, 1, 4}, 0.0, 1.0, 2);
  EXPECT_EQ(h.probability, (std::vector<double>{0.0, 0.0}));
  EXPECT_EQ(h.probability_error, (std::vector<double>{0.0, 0.0}));
}

TEST(Histogram, RefusesImpossibleRanges) {
  const std::vector<double> values(4, 7.0);
  EXPECT_EQ(message_of<InputError>([&] {
              histogram({values, 1, 4}, 0.0, 1.0, 0);
            }),
            "histogram without bins: expected n_bins >= 1");
  EXPECT_EQ(message_of<InputError>([&] {
              histogram({values, 1, 4}, 1.0, 1.0, 3);
            }),
            "histogram from 1.000000 to 1.000000: expected finite lower < upper");
}

TEST(FreeEnergySurface, ByHand) {
  // Bins of pi/2 ... on a 2 x 2 grid: [-pi, 0) and [0, pi). pi itself wraps to -pi, 7 to 0.717.
  const std::vector<double> first = {-1.0, -1.0, 1.0, kPi};
  const std::vector<double> second = {1.0, 2.0, -2.0, 7.0};
  const FreeEnergySurface surface = free_energy_surface({first, 1, 4}, {second, 1, 4}, 2, 300.0);
  EXPECT_EQ(surface.n_bins, 2u);
  EXPECT_EQ(surface.probability, (std::vector<double>{0.0, 0.75, 0.25, 0.0}));
  const double kT = 8.31446261815324e-3 * 300.0;
  EXPECT_EQ(surface.free_energy[1], 0.0);
  EXPECT_NEAR(surface.free_energy[2], kT * std::log(3.0), kRounding);
  EXPECT_TRUE(std::isinf(surface.free_energy[0]) && std::isinf(surface.free_energy_error[0]));
  EXPECT_NEAR(surface.free_energy_error[2],
              kT * surface.probability_error[2] / surface.probability[2], kRounding);
  EXPECT_GT(surface.free_energy_error[2], 0.0);
}

TEST(FreeEnergySurface, HasBetweenChainErrors) {
  // Of four chains two are always in one bin and two in the other: p = 1/2 with variance 1/12.
  const double a = -1.0, b = 1.0;
  const std::vector<double> first = {a, a, a, a, a, a, a, a, b, b, b, b, b, b, b, b};
  const FreeEnergySurface surface = free_energy_surface({first, 4, 4}, {first, 4, 4}, 2, 300.0);
  EXPECT_NEAR(surface.probability[0], 0.5, kRounding);
  EXPECT_NEAR(surface.probability_error[0], std::sqrt(1.0 / 12.0), kRounding);
  EXPECT_NEAR(surface.free_energy_error[0], kGasConstant * 300.0 * 2.0 / std::sqrt(12.0),
              kRounding);
}

TEST(FreeEnergySurface, RefusesWhatMakesNoSense) {
  const std::vector<double> four(4, 0.0), five(5, 0.0);
  EXPECT_EQ(message_of<InputError>([&] {
              free_energy_surface({four, 1, 4}, {five, 1, 5}, 8, 300.0);
            }),
            "free-energy surface of two angles: expected equally many chains and steps");
  EXPECT_EQ(message_of<InputError>([&] {
              free_energy_surface({four, 1, 4}, {four, 1, 4}, 8, 0.0);
            }),
            "free-energy surface at 0.000000 K: expected a positive temperature");
}

}  // namespace
}  // namespace saltus::engine
