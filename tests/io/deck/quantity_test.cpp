// Oracle: conversion factors of the SI (2019) and CODATA 2018 written out by hand.
#include "io/deck/quantity.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "tests/io/deck/deck_test_files.h"

namespace saltus::io {
namespace {

using engine::InputError;

// A product of up to four correctly rounded factors.
constexpr double kRelativeTolerance = 1e-15;

struct QuantityCase {
  const char* text;
  double internal;
  const char* dimension;
};

class QuantityTable : public testing::TestWithParam<QuantityCase> {};

TEST_P(QuantityTable, IsReadInInternalUnits) {
  const QuantityCase& c = GetParam();
  const Quantity quantity = parse_quantity(c.text);
  EXPECT_TRUE(quantity.has_unit);
  EXPECT_NEAR(quantity.internal(), c.internal, kRelativeTolerance * std::abs(c.internal));
  EXPECT_EQ(describe(quantity.unit.dimension), c.dimension);
}

INSTANTIATE_TEST_SUITE_P(
    Units, QuantityTable,
    testing::Values(
        QuantityCase{"2 fs", 0.002, "time"}, QuantityCase{"2fs", 0.002, "time"},
        QuantityCase{"  2\tfs ", 0.002, "time"}, QuantityCase{"+2 fs", 0.002, "time"},
        QuantityCase{"1.5 ps", 1.5, "time"}, QuantityCase{"3 ns", 3000.0, "time"},
        QuantityCase{"1 us", 1e6, "time"}, QuantityCase{"310 K", 310.0, "temperature"},
        QuantityCase{"-3 K", -3.0, "temperature"}, QuantityCase{"3.1e2 K", 310.0, "temperature"},
        QuantityCase{"1 /ps", 1.0, "rate"}, QuantityCase{"1 1/ps", 1.0, "rate"},
        QuantityCase{"1 ps^-1", 1.0, "rate"}, QuantityCase{"2 / fs", 2000.0, "rate"},
        QuantityCase{"0.5 nm", 0.5, "length"}, QuantityCase{"3 A", 0.3, "length"},
        QuantityCase{"3 angstrom", 0.3, "length"}, QuantityCase{"3 \xC3\x85", 0.3, "length"},
        QuantityCase{"1 m", 1e9, "length"}, QuantityCase{"180 deg", engine::kPi, "angle"},
        QuantityCase{"1 rad", 1.0, "angle"}, QuantityCase{"-1 e", -1.0, "charge"},
        QuantityCase{"2e", 2.0, "charge"}, QuantityCase{"1 amu", 1.0, "mass"},
        QuantityCase{"4 dalton", 4.0, "mass"}, QuantityCase{"4 g/mol", 4.0, "mass"},
        QuantityCase{"1 kg/mol", 1000.0, "mass"}, QuantityCase{"3 kJ/mol", 3.0, "energy"},
        QuantityCase{"1 kcal/mol", 4.184, "energy"}, QuantityCase{"1 J/mol", 1e-3, "energy"},
        QuantityCase{"1 amu*nm^2/ps^2", 1.0, "energy"},
        QuantityCase{"1 kg*m^2/s^2/mol", 1e-3, "energy"},
        QuantityCase{"10 kJ/mol/nm", 10.0, "force"},
        QuantityCase{"10 kJ/mol/nm^2", 10.0, "force constant"},
        QuantityCase{"10 kJ/mol/nm**2", 10.0, "force constant"},
        QuantityCase{"10 kJ mol^-1 nm^-2", 10.0, "force constant"},
        QuantityCase{"5 kcal/mol/A^2", 2092.0, "force constant"},
        QuantityCase{"2 kJ/mol/rad^2", 2.0, "angular force constant"},
        QuantityCase{"1 V/nm", 96.48533212331, "electric field"},
        QuantityCase{"1 kJ/mol/nm/e", 1.0, "electric field"},
        QuantityCase{"1 V", 96.48533212331, "electric potential"},
        QuantityCase{"2 bar", 2e5 * 6.02214076e-7, "pressure"},
        QuantityCase{"1 atm", 101325.0 * 6.02214076e-7, "pressure"},
        QuantityCase{"1 kJ/mol/nm^3", 1.0, "pressure"},
        QuantityCase{"1 e*V", 96.48533212331, "energy"}, QuantityCase{"1 nm/ps", 1.0, "velocity"},
        QuantityCase{"3 kJ", 3.0, "energy not per mole"},
        QuantityCase{"3 nm*K^2", 3.0, "length temperature^2"}));

TEST(Quantity, OfANumberAloneHasNoUnit) {
  const Quantity quantity = parse_quantity("310");
  EXPECT_FALSE(quantity.has_unit);
  EXPECT_DOUBLE_EQ(quantity.internal(), 310.0);
}

struct BadQuantity {
  const char* text;
  const char* message;
};

class BadQuantities : public testing::TestWithParam<BadQuantity> {};

TEST_P(BadQuantities, AreRefusedWithTheReason) {
  EXPECT_EQ(message_of<InputError>([] { parse_quantity(GetParam().text); }), GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, BadQuantities,
    testing::Values(
        BadQuantity{"", "no number at the start of \"\""},
        BadQuantity{"fs", "no number at the start of \"fs\""},
        BadQuantity{"--2 fs", "no number at the start of \"--2 fs\""},
        BadQuantity{"+-2 fs", "no number at the start of \"+-2 fs\""},
        BadQuantity{"nan K", "the number in \"nan K\" is not finite or out of range"},
        BadQuantity{"inf K", "the number in \"inf K\" is not finite or out of range"},
        BadQuantity{"1e999 K", "the number in \"1e999 K\" is not finite or out of range"},
        BadQuantity{"1e308 s", "the number in \"1e308 s\" is not finite or out of range"},
        BadQuantity{"1,5 fs", "cannot read the number in \"1,5 fs\""},
        BadQuantity{"1.2.3 fs", "cannot read the number in \"1.2.3 fs\""},
        BadQuantity{"2 fss", "unknown unit \"fss\"; did you mean \"fs\"?"},
        BadQuantity{"2 PS", "unknown unit \"PS\"; did you mean \"ps\"?"},
        BadQuantity{"2 kj/mol", "unknown unit \"kj\"; did you mean \"kJ\"?"},
        BadQuantity{"25 degC",
                    "unit \"degC\" has a shifted zero; write the temperature in kelvin, such as "
                    "\"298.15 K\""},
        BadQuantity{"1 furlong",
                    "unknown unit \"furlong\"; known units: nm, A, angstrom, \xC3\x85, pm, um, m, "
                    "fs, ps, ns, us, ms, s, K, amu, dalton, Da, g, kg, mol, e, rad, deg, J, kJ, "
                    "cal, kcal, V, bar, atm"},
        BadQuantity{"1 kJ/(mol nm)",
                    "cannot read the unit \"kJ/(mol nm)\"; write units like \"kJ/mol/nm^2\", "
                    "without parentheses"},
        BadQuantity{"1 kJ/mol nm",
                    "cannot read the unit \"kJ/mol nm\"; write units like \"kJ/mol/nm^2\", "
                    "without parentheses"},
        BadQuantity{"1 kJ/",
                    "cannot read the unit \"kJ/\"; write units like \"kJ/mol/nm^2\", without "
                    "parentheses"},
        BadQuantity{"1 nm^99",
                    "cannot read the unit \"nm^99\"; write units like \"kJ/mol/nm^2\", without "
                    "parentheses"},
        BadQuantity{"1 nm^12 nm",
                    "cannot read the unit \"nm^12 nm\"; write units like \"kJ/mol/nm^2\", without "
                    "parentheses"},
        BadQuantity{"5 1 ps",
                    "cannot read the unit \"1 ps\"; write units like \"kJ/mol/nm^2\", without "
                    "parentheses"}));

// What is written has to be read back to the same bits, or resolved decks would drift.
TEST(FormatQuantity, ReadsBackToTheSameBits) {
  for (const char* unit : {"fs", "ps", "K", "/ps", "deg", "kcal/mol/A^2", "nm"}) {
    for (const double value : {0.002, 1.0 / 3.0, 1e-300, 6.02214076e23, -17.25, 0.0, 0.3}) {
      const std::string text = format_quantity(value, unit);
      EXPECT_EQ(parse_quantity(text).internal(), value) << text;
    }
  }
}

TEST(FormatQuantity, IsShort) {
  EXPECT_EQ(format_quantity(0.002, "fs"), "2 fs");
  EXPECT_EQ(format_quantity(0.0005, "fs"), "0.5 fs");
  EXPECT_EQ(format_quantity(310.0, "K"), "310 K");
  EXPECT_EQ(format_quantity(1.0, "/ps"), "1 /ps");
  EXPECT_EQ(format_quantity(60.0 * engine::kRadianPerDegree, "deg"), "60 deg");
  // No number of degrees of at most 15 digits is 0.3 rad: the internal unit is shorter.
  EXPECT_EQ(format_quantity(0.3, "deg"), "0.3");
}

TEST(Article, FitsTheNoun) {
  EXPECT_EQ(with_article("energy"), "an energy");
  EXPECT_EQ(with_article("temperature"), "a temperature");
}

}  // namespace
}  // namespace saltus::io
