#pragma once

#include <array>
#include <string>
#include <string_view>

namespace saltus::io {

/// What a number measures: exponents of length, time, mass, temperature, amount, charge and angle.
/// An angle counts as a dimension so that degrees cannot be taken for a pure number, and amount so
/// that "3 kJ" cannot be taken for "3 kJ/mol". The dalton is g/mol.
struct Dimension {
  std::array<int, 7> exponents{};

  bool operator==(const Dimension& other) const { return exponents == other.exponents; }
  bool operator!=(const Dimension& other) const { return !(*this == other); }
};

/// A product of powers of units: `value * to_internal` is in nm, ps, dalton, kJ/mol, K, e, rad.
struct Unit {
  Dimension dimension;
  double to_internal = 1.0;
};

/// A number with its unit, as written.
struct Quantity {
  double number = 0.0;  ///< as written, in `unit`
  Unit unit;
  bool has_unit = false;  ///< false for a bare number in a string

  /// The value in internal units.
  double internal() const { return number * unit.to_internal; }
};

/// Reads a unit such as "fs", "/ps", "1/ps", "kJ/mol/nm^2", "kJ mol^-1 nm^-2" or "amu*nm^2".
/// A space multiplies only where no "/" came before; "**" is another way to write "^".
/// @throws InputError  naming the unknown unit and the nearest known one, or what cannot be read;
/// the
///                     message has no position
Unit parse_unit(std::string_view text);

/// Reads a number with a unit, such as "2 fs", "310 K" or "1 1/ps". A number alone is read too.
/// @throws InputError  when there is no finite number at the start, or as parse_unit does
Quantity parse_quantity(std::string_view text);

/// "temperature", "energy", "rate"; "length^2 time^-1" where there is no word for it.
std::string describe(const Dimension& dimension);

/// "a temperature", "an energy".
std::string with_article(const std::string& noun);

/// Shortest "<number> <unit>" that parse_quantity turns into exactly this internal value; the
/// shortest bare number when there is none of at most 15 digits.
/// @param unit  as parse_unit reads it
std::string format_quantity(double internal, std::string_view unit);

}  // namespace saltus::io
