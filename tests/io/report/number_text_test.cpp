// Oracle: texts written by hand; exact texts are read back.

#include <gtest/gtest.h>

#include <cstdlib>
#include <limits>

#include "io/report/number_text.h"

namespace saltus::io {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

TEST(ExactText, ReadsBackAsTheSameNumber) {
  for (double value : {0.1, 1.0 / 3.0, -2.5e-300, 6.02214076e23, 5e-324, 0.0, 1e22}) {
    EXPECT_EQ(std::strtod(exact_text(value).c_str(), nullptr), value);
  }
  EXPECT_EQ(exact_text(0.1), "0.1");
  EXPECT_EQ(exact_text(-3.0), "-3");
  EXPECT_EQ(exact_text(kNan), "NaN");
  EXPECT_EQ(exact_text(-kInfinity), "-inf");
}

TEST(RoundedText, KeepsSignificantDigits) {
  EXPECT_EQ(rounded_text(0.0), "0");
  EXPECT_EQ(rounded_text(12.345), "12.3");
  EXPECT_EQ(rounded_text(-0.0123456), "−0.0123");
  EXPECT_EQ(rounded_text(1.0357, 4), "1.036");
  EXPECT_EQ(rounded_text(123456.0), "123456");
  EXPECT_EQ(rounded_text(1234567.0), "1.23×10⁶");
  EXPECT_EQ(rounded_text(-7.5391e-4), "−7.54×10⁻⁴");
  EXPECT_EQ(rounded_text(2.5e-13, 2), "2.5×10⁻¹³");
  EXPECT_EQ(rounded_text(kInfinity), "∞");
  EXPECT_EQ(rounded_text(-kInfinity), "−∞");
  EXPECT_EQ(rounded_text(kNan), "–");
}

TEST(CountText, GroupsLongNumbers) {
  EXPECT_EQ(count_text(0), "0");
  EXPECT_EQ(count_text(9999), "9999");
  EXPECT_EQ(count_text(10000), "10\u202f000");
  EXPECT_EQ(count_text(1234567), "1\u202f234\u202f567");
  EXPECT_EQ(count_text(std::numeric_limits<std::uint64_t>::max()),
            "18\u202f446\u202f744\u202f073\u202f709\u202f551\u202f615");
}

std::string with_error(double value, double error) {
  return value_and_error_text(value, error).text();
}

TEST(ValueAndErrorText, RoundsToTwoDigitsOfTheError) {
  EXPECT_EQ(with_error(-80.8012, 0.1034), "−80.80 ± 0.10");
  EXPECT_EQ(with_error(1720.4, 199.2), "1720 ± 199");
  EXPECT_EQ(with_error(0.0, 0.012), "0.000 ± 0.012");
  EXPECT_EQ(with_error(0.001, 2.0), "0.0 ± 2.0");
  EXPECT_EQ(with_error(8.24e-4, 2.51e-4), "(8.2 ± 2.5)×10⁻⁴");
  EXPECT_EQ(with_error(-2.5e7, 1.2e5), "(−2.500 ± 0.012)×10⁷");
}

TEST(ValueAndErrorText, LeavesOutAnErrorThatIsNone) {
  EXPECT_EQ(with_error(1.5, 0.0), "1.500");
  EXPECT_EQ(with_error(1.5, kNan), "1.500");
  EXPECT_EQ(with_error(1.5, kInfinity), "1.500");
  EXPECT_EQ(with_error(kNan, 1.0), "–");
}

}  // namespace
}  // namespace saltus::io
