// Oracle: printed tables of Student's t, of the normal distribution and of chi-square.
#include "tests/validation/deviates.h"

#include <gtest/gtest.h>

#include <cmath>

namespace saltus::tests {
namespace {

TEST(Deviates, OfStudent) {
  EXPECT_NEAR(student_p_value(12.706, 1), 0.05, 1e-6);
  EXPECT_NEAR(student_p_value(2.1314, 15), 0.05, 1e-5);
  EXPECT_NEAR(student_p_value(-2.0395, 31), 0.05, 1e-5);
  EXPECT_NEAR(student_p_value(4.0728, 15), 0.001, 1e-7);
  EXPECT_NEAR(student_p_value(0.0, 7), 1.0, 1e-9);
  // Tails, which 1 - P would not have: P(|T| >= t) of two degrees is 1 - t / sqrt(t^2 + 2).
  EXPECT_NEAR(student_p_value(1e4, 2) / 1e-8, 1.0, 1e-6);
}

TEST(Deviates, OfNormal) {
  EXPECT_NEAR(normal_deviate_of(0.05), 1.959964, 1e-6);
  EXPECT_NEAR(normal_deviate_of(6.3342e-5), 4.0, 1e-5);
  EXPECT_NEAR(student_limit(1.959964, 15), 2.1314, 1e-4);
  EXPECT_GT(student_limit(4.0, 15), 5.0);  // four of so uncertain errors are no rarity
  EXPECT_NEAR(student_limit(4.0, 200), 4.0, 0.1);
}

TEST(Deviates, OfChiSquare) {
  EXPECT_NEAR(chi_square_survival(1, 3.841459), 0.05, 1e-7);
  EXPECT_NEAR(chi_square_survival(10, 18.30704), 0.05, 1e-7);
  EXPECT_NEAR(chi_square_survival(41, 74.7449), 0.001, 1e-7);
  EXPECT_NEAR(chi_square_survival(40, 17.9164), 0.999, 1e-6);
}

}  // namespace
}  // namespace saltus::tests
