// Oracles: printf of the C library; edit distances counted by hand.
#include "engine/core/text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <random>
#include <vector>

namespace saltus::engine {
namespace {

std::string printed(const char* format, int digits, double value) {
  char text[512];
  std::snprintf(text, sizeof text, format, digits, value);
  return text;
}

std::vector<double> many_numbers() {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  std::vector<double> values = {0.0,       0.5,   1.5,    2.5,  0.125, 0.0005,    1e5,     999999.5,
                                9.9995,    99.95, 1e-5,   1e-4, 1e22,  1e23,      1e300,   5e-324,
                                kInfinity, 0.1,   1 / 3., 1e15, 1e17,  9.9999e-5, 123456.7};
  values.push_back(std::numeric_limits<double>::quiet_NaN());
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> exponents(-12.0, 12.0);
  for (int i = 0; i < 2000; ++i) {
    const double value = std::pow(10.0, exponents(random));
    values.push_back(value);
    values.push_back(std::round(1e4 * value) / 1e4);
  }
  const std::size_t n = values.size();
  for (std::size_t i = 0; i < n; ++i) values.push_back(-values[i]);
  return values;
}

TEST(NumberText, IsThatOfPrintf) {
  for (const double value : many_numbers())
    for (const int digits : {0, 1, 2, 3, 4, 6, 10, 17}) {
      EXPECT_EQ(fixed_text(value, digits), printed("%.*f", digits, value));
      EXPECT_EQ(significant_text(value, digits), printed("%.*g", digits, value));
    }
}

TEST(NumberText, OfFewestDigitsReadsBackAsTheSameNumber) {
  EXPECT_EQ(shortest_text(0.1), "0.1");
  EXPECT_EQ(shortest_text(1.0), "1");
  EXPECT_EQ(shortest_text(-1e30), "-1e+30");
  EXPECT_EQ(shortest_text(-std::numeric_limits<double>::infinity()), "-inf");
  for (const double value : many_numbers()) {
    if (std::isfinite(value)) {
      EXPECT_EQ(std::strtod(shortest_text(value).c_str(), nullptr), value);
    }
  }
}

TEST(NumberText, OfWholeNumbersIsPadded) {
  EXPECT_EQ(zero_padded(42, 6), "000042");
  EXPECT_EQ(zero_padded(1234567, 6), "1234567");
  EXPECT_EQ(hexadecimal_text(0xab, 2), "ab");
  EXPECT_EQ(hexadecimal_text(0xcbf29ce484222325ull, 16), "cbf29ce484222325");
  EXPECT_EQ(hexadecimal_text(1, 4), "0001");
}

TEST(Text, BeginsIsTrimmedAndLoweredAsCharactersStand) {
  EXPECT_TRUE(starts_with("M  END", "M  "));
  EXPECT_TRUE(starts_with("", ""));
  EXPECT_FALSE(starts_with("M", "M  "));
  EXPECT_EQ(trimmed(" \ta b\t"), "a b");
  EXPECT_EQ(trimmed(" \t "), "");
  EXPECT_EQ(trimmed("\ra\r"), "\ra\r");
  EXPECT_EQ(lower_case("Time_STEP 2"), "time_step 2");
  EXPECT_EQ(joined({"a", "b", "c"}), "a, b, c");
  EXPECT_EQ(joined({"C", "H"}, " "), "C H");
  EXPECT_EQ(joined({}), "");
}

TEST(IsDigit, KnowsTenOfAllCharacters) {
  std::string digits;
  for (int c = 0; c < 256; ++c)
    if (is_digit(static_cast<char>(c))) digits += static_cast<char>(c);
  EXPECT_EQ(digits, "0123456789");
}

TEST(EditDistance, CountsEditsAndSwaps) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("step", "steps"), 1U);
  EXPECT_EQ(edit_distance("setps", "steps"), 1U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("ca", "abc"), 3U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
}

}  // namespace
}  // namespace saltus::engine
