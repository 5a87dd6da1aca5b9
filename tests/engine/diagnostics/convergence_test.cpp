// Oracles: exact values by hand, and independent normal draws.

#include "engine/diagnostics/convergence.h"

#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "tests/engine/diagnostics/autoregressive.h"
#include "tests/support/errors.h"

namespace saltus::engine {
namespace {

using tests::autoregressive_chains;
using tests::message_of;

constexpr double kRounding = 1e-13;

TEST(SplitRHat, OfFourNumbersByHand) {
  // Halves {1, 2} and {3, 4}: within 1/2, variance of means 2, n = 2.
  const std::vector<double> values = {1.0, 2.0, 3.0, 4.0};
  EXPECT_NEAR(split_r_hat({values, 1, 4}), std::sqrt(0.5 + 4.0), kRounding);
}

TEST(SplitRHat, LeavesOutTheMiddleOfAnOddNumber) {
  const std::vector<double> values = {1.0, 2.0, 1000.0, 3.0, 4.0};
  EXPECT_NEAR(split_r_hat({values, 1, 5}), std::sqrt(4.5), kRounding);
}

TEST(SplitRHat, OfAConstantIsOne) {
  const std::vector<double> values(30, 0.1);
  EXPECT_EQ(split_r_hat({values, 3, 10}), 1.0);
}

TEST(SplitRHat, OfStuckChainsIsInfinite) {
  const std::vector<double> values = {0.1, 0.1, 0.1, 0.1, 0.3, 0.3, 0.3, 0.3};
  EXPECT_TRUE(std::isinf(split_r_hat({values, 2, 4})));
}

TEST(SplitRHat, SeesChainsInTwoPlaces) {
  std::vector<double> values = autoregressive_chains(0.0, 2, 1000, 3);
  for (std::size_t t = 0; t < 1000; ++t) values[1000 + t] += 10.0;
  // Within 1, variance of the four half means 100/3.
  EXPECT_NEAR(split_r_hat({values, 2, 1000}), std::sqrt(1.0 + 100.0 / 3.0), 0.5);
}

TEST(SplitRHat, OfIndependentDrawsIsOneWithinItsSpread) {
  // 32 halves of 1000 draws: R-hat^2 = 1 - 1/n + F/n with F of (31, large) degrees of freedom;
  // F < 4 but once in 1e12, so R-hat - 1 stays below 1.5 / n.
  const std::vector<double> values = autoregressive_chains(0.0, 16, 2000, 4);
  EXPECT_NEAR(split_r_hat({values, 16, 2000}), 1.0, 1.5e-3);
}

TEST(SplitRHat, NeedsFourSteps) {
  const std::vector<double> values = {1.0, 2.0, 3.0};
  EXPECT_EQ(message_of<InputError>([&] {
              split_r_hat({values, 1, 3});
            }),
            "time series of 1 chains and 3 steps is too short: expected at least 1 chain and 4 "
            "steps; write more frames");
}

TEST(RoundTrips, CountsReturnsToTheFirstBasin) {
  // first, middle, second, middle, first (one), second, second, first (two), second (unfinished).
  const std::vector<double> values = {-1, 0, 1, 0, -1, 1, 1, -1, 1};
  EXPECT_EQ(round_trips({values, 1, 9}, -0.5, 0.5), 2u);
}

TEST(RoundTrips, BeginsInTheFirstBasinAndEndsWithTheChain) {
  // Chain 0 begins in the second basin; no trip may span both chains.
  const std::vector<double> values = {1, -1, 1, -1, 1, -1};
  EXPECT_EQ(round_trips({values, 1, 6}, -0.5, 0.5), 2u);
  EXPECT_EQ(round_trips({values, 2, 3}, -0.5, 0.5), 1u);
}

TEST(RoundTrips, AtTheBorderIsInNeitherBasin) {
  const std::vector<double> values = {-1, 0.5, -1, -0.5};
  EXPECT_EQ(round_trips({values, 1, 4}, -0.5, 0.5), 0u);
}

TEST(RoundTrips, RefusesOverlappingBasins) {
  const std::vector<double> values = {-1, 1};
  EXPECT_EQ(message_of<InputError>([&] {
              round_trips({values, 1, 2}, 0.5, 0.0);
            }),
            "basins overlap: the first ends at 0.500000, the second begins at 0.000000; expected "
            "first_below <= second_above");
}

}  // namespace
}  // namespace saltus::engine
