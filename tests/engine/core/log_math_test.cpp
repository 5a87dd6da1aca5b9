// Oracle: closed forms.
#include "engine/core/log_math.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "engine/core/units.h"

namespace saltus::engine {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(LogSumExp, KnownValues) {
  const std::vector<double> values = {std::log(1.0), std::log(2.0), std::log(5.0)};
  EXPECT_NEAR(log_sum_exp(values), std::log(8.0), 1e-15);
  EXPECT_NEAR(log_add_exp(std::log(3.0), std::log(4.0)), std::log(7.0), 1e-15);
}

TEST(LogSumExp, NeitherOverflowsNorUnderflows) {
  for (double offset : {-1e300, -2000.0, 2000.0, 1e300}) {
    const std::vector<double> values = {offset, offset};
    EXPECT_DOUBLE_EQ(log_sum_exp(values), offset + std::log(2.0));
  }
  EXPECT_EQ(log_add_exp(0.0, -1e6), 0.0);
}

TEST(LogSumExp, InfinitiesAndNothing) {
  EXPECT_EQ(log_sum_exp({}), -kInfinity);
  const std::vector<double> nothing = {-kInfinity, -kInfinity};
  EXPECT_EQ(log_sum_exp(nothing), -kInfinity);
  EXPECT_EQ(log_add_exp(-kInfinity, 1.5), 1.5);
  EXPECT_EQ(log_add_exp(1.5, -kInfinity), 1.5);
}

TEST(LogSumExp, NanIsNotLost) {
  const double nan = std::nan("");
  for (const auto& values :
       {std::vector<double>{nan}, {nan, 1.0}, {1.0, nan}, {-kInfinity, nan}, {kInfinity, nan}})
    EXPECT_TRUE(std::isnan(log_sum_exp(values)));
}

TEST(WrapAngle, IsHalfOpenAndKeepsTheAngle) {
  EXPECT_EQ(wrap_angle(kPi), -kPi);
  EXPECT_EQ(wrap_angle(-kPi), -kPi);
  EXPECT_EQ(wrap_angle(0.0), 0.0);
  EXPECT_NEAR(wrap_angle(7.0), 7.0 - kTwoPi, 1e-15);
  for (double angle = -50.0; angle < 50.0; angle += 0.37) {
    const double wrapped = wrap_angle(angle);
    EXPECT_GE(wrapped, -kPi);
    EXPECT_LT(wrapped, kPi);
    EXPECT_NEAR(std::remainder(angle - wrapped, kTwoPi), 0.0, 1e-13);
  }
}

TEST(WrapAngle, StaysBelowPiNextToTheEdge) {
  for (double angle :
       {std::nextafter(kPi, 0.0), std::nextafter(-kPi, -4.0), 3.0 * kPi, -3.0 * kPi}) {
    EXPECT_GE(wrap_angle(angle), -kPi);
    EXPECT_LT(wrap_angle(angle), kPi);
  }
}

}  // namespace
}  // namespace saltus::engine
