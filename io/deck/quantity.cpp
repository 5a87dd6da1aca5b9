#include "io/deck/quantity.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <system_error>
#include <utility>
#include <vector>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/core/units.h"
#include "io/deck/nearest_name.h"

namespace saltus::io {
namespace {

using engine::InputError;

constexpr int kMaxExponent = 12;
constexpr double kJoulePerMolInternal = 1e-3;

constexpr Dimension kPureNumber{};
constexpr Dimension kLength{{1, 0, 0, 0, 0, 0, 0}};
constexpr Dimension kTime{{0, 1, 0, 0, 0, 0, 0}};
constexpr Dimension kGram{{0, 0, 1, 0, 0, 0, 0}};
constexpr Dimension kMolarMass{{0, 0, 1, 0, -1, 0, 0}};
constexpr Dimension kTemperature{{0, 0, 0, 1, 0, 0, 0}};
constexpr Dimension kAmount{{0, 0, 0, 0, 1, 0, 0}};
constexpr Dimension kCharge{{0, 0, 0, 0, 0, 1, 0}};
constexpr Dimension kAngle{{0, 0, 0, 0, 0, 0, 1}};
// kJ = 1000 kg m^2/s^2 = g nm^2/ps^2: with g, mol, nm and ps as bases every factor is coherent.
constexpr Dimension kTotalEnergy{{2, -2, 1, 0, 0, 0, 0}};
// The volt is a molar energy per charge, as the dalton is g/mol.
constexpr Dimension kPotential{{2, -2, 1, 0, -1, -1, 0}};
// Likewise the bar is a molar energy per volume.
constexpr Dimension kPressure{{-1, -2, 1, 0, -1, 0, 0}};
constexpr double kBarPerAtm = 1.01325;

struct NamedUnit {
  const char* name;
  Dimension dimension;
  double to_internal;
};

constexpr NamedUnit kUnits[] = {
    {"nm", kLength, 1.0},
    {"A", kLength, engine::kNmPerAngstrom},
    {"angstrom", kLength, engine::kNmPerAngstrom},
    {"\xC3\x85", kLength, engine::kNmPerAngstrom},
    {"pm", kLength, 1e-3},
    {"um", kLength, 1e3},
    {"m", kLength, 1e9},
    {"fs", kTime, engine::kPsPerFs},
    {"ps", kTime, 1.0},
    {"ns", kTime, 1e3},
    {"us", kTime, 1e6},
    {"ms", kTime, 1e9},
    {"s", kTime, 1e12},
    {"K", kTemperature, 1.0},
    {"amu", kMolarMass, 1.0},
    {"dalton", kMolarMass, 1.0},
    {"Da", kMolarMass, 1.0},
    {"g", kGram, 1.0},
    {"kg", kGram, 1e3},
    {"mol", kAmount, 1.0},
    {"e", kCharge, 1.0},
    {"rad", kAngle, 1.0},
    {"deg", kAngle, engine::kRadianPerDegree},
    {"J", kTotalEnergy, kJoulePerMolInternal},
    {"kJ", kTotalEnergy, 1.0},
    {"cal", kTotalEnergy, kJoulePerMolInternal* engine::kKJPerKcal},
    {"kcal", kTotalEnergy, engine::kKJPerKcal},
    {"V", kPotential, engine::kKJPerElectronVolt},
    {"bar", kPressure, engine::kKJPerBarNm3},
    {"atm", kPressure, kBarPerAtm* engine::kKJPerBarNm3},
};

struct DimensionName {
  Dimension dimension;
  const char* name;
};

constexpr DimensionName kDimensionNames[] = {
    {kPureNumber, "pure number"},
    {kLength, "length"},
    {kTime, "time"},
    {kMolarMass, "mass"},
    {kGram, "mass not per mole"},
    {kTemperature, "temperature"},
    {kAmount, "amount"},
    {kCharge, "charge"},
    {kAngle, "angle"},
    {{{2, -2, 1, 0, -1, 0, 0}}, "energy"},
    {kTotalEnergy, "energy not per mole"},
    {{{0, -1, 0, 0, 0, 0, 0}}, "rate"},
    {{{1, -1, 0, 0, 0, 0, 0}}, "velocity"},
    {{{1, -2, 1, 0, -1, 0, 0}}, "force"},
    {{{0, -2, 1, 0, -1, 0, 0}}, "force constant"},
    {{{2, -2, 1, 0, -1, 0, -2}}, "angular force constant"},
    {kPotential, "electric potential"},
    {{{1, -2, 1, 0, -1, -1, 0}}, "electric field"},
    {kPressure, "pressure"},
};

bool is_space(char c) { return c == ' ' || c == '\t'; }

// Letters, and every byte of a character outside ASCII.
bool is_unit_letter(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || std::isalpha(byte) != 0 || c == '_' || c == '%';
}

std::string quoted(std::string_view text) { return '"' + std::string(text) + '"'; }

const NamedUnit& find_unit(std::string_view name) {
  for (const NamedUnit& unit : kUnits) {
    if (name == unit.name) return unit;
  }
  if (name == "degC" || name == "degF" || name == "celsius" ||
      name ==
          "\xC2\xB0"
          "C") {
    throw InputError("unit " + quoted(name) +
                     " has a shifted zero; write the temperature in kelvin, such as \"298.15 K\"");
  }
  std::vector<std::string> names;
  for (const NamedUnit& unit : kUnits) names.emplace_back(unit.name);
  const std::string nearest = nearest_name(name, names);
  throw InputError("unknown unit " + quoted(name) +
                   (nearest.empty() ? "; known units: " + engine::joined(names)
                                    : "; did you mean " + quoted(nearest) + "?"));
}

// Reads unit expressions from left to right.
class UnitReader {
 public:
  explicit UnitReader(std::string_view text) : text_(text) {}

  Unit read() {
    skip_spaces();
    bool divide = false;
    if (!at_end() && peek() == '1') {
      ++next_;
      skip_spaces();
      if (at_end() || peek() != '/') throw unreadable();
    } else if (!at_end() && peek() != '/') {
      multiply_factor(false);
    }
    while (read_operator(divide)) multiply_factor(divide);
    return product_;
  }

 private:
  bool at_end() const { return next_ == text_.size(); }
  char peek() const { return text_[next_]; }
  void skip_spaces() {
    while (!at_end() && is_space(peek())) ++next_;
  }
  InputError unreadable() const {
    return InputError("cannot read the unit " + quoted(text_) +
                      "; write units like \"kJ/mol/nm^2\", without parentheses");
  }

  // Leaves `divide` as it is asked for by the next operator; false at the end of the text.
  bool read_operator(bool& divide) {
    skip_spaces();
    if (at_end()) return false;
    if (peek() == '/' || peek() == '*') {
      divide = peek() == '/';
      seen_division_ = seen_division_ || divide;
      ++next_;
      skip_spaces();
      return true;
    }
    // "kJ/mol nm" has two readings.
    if (seen_division_ || !is_unit_letter(peek())) throw unreadable();
    divide = false;
    return true;
  }

  void multiply_factor(bool divide) {
    const std::size_t start = next_;
    while (!at_end() && is_unit_letter(peek())) ++next_;
    if (next_ == start) throw unreadable();
    const NamedUnit& unit = find_unit(text_.substr(start, next_ - start));
    const int power = divide ? -read_exponent() : read_exponent();
    for (std::size_t i = 0; i < unit.dimension.exponents.size(); ++i) {
      int& exponent = product_.dimension.exponents[i];
      exponent += power * unit.dimension.exponents[i];
      if (std::abs(exponent) > kMaxExponent) throw unreadable();
    }
    for (int i = 0; i < std::abs(power); ++i) {
      product_.to_internal = power > 0 ? product_.to_internal * unit.to_internal
                                       : product_.to_internal / unit.to_internal;
    }
  }

  int read_exponent() {
    if (at_end()) return 1;
    if (text_.substr(next_, 2) == "**") {
      next_ += 2;
    } else if (peek() == '^') {
      ++next_;
    } else {
      return 1;
    }
    int power = 0;
    const auto [end, error] =
        std::from_chars(text_.data() + next_, text_.data() + text_.size(), power);
    if (error != std::errc() || power == 0 || std::abs(power) > kMaxExponent) {
      throw unreadable();
    }
    next_ = static_cast<std::size_t>(end - text_.data());
    return power;
  }

  std::string_view text_;
  std::size_t next_ = 0;
  bool seen_division_ = false;
  Unit product_;
};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

Unit parse_unit(std::string_view text) { return UnitReader(trimmed(text)).read(); }

Quantity parse_quantity(std::string_view text) {
  const std::string_view body = trimmed(text);
  Quantity quantity;
  const bool plus = !body.empty() && body.front() == '+' && body.substr(1, 1) != "-";
  const char* begin = body.data() + (plus ? 1 : 0);
  const auto [end, error] = std::from_chars(begin, body.data() + body.size(), quantity.number);
  if (error == std::errc::result_out_of_range ||
      (error == std::errc() && !std::isfinite(quantity.number))) {
    throw InputError("the number in " + quoted(text) + " is not finite or out of range");
  }
  if (error != std::errc()) throw InputError("no number at the start of " + quoted(text));
  const auto n_number = static_cast<std::size_t>(end - body.data());
  const std::string_view unit = trimmed(body.substr(n_number));
  if (unit.empty()) return quantity;
  // "1.2.3 fs" and "1,5 fs" are slips in the number, not units.
  if (!is_unit_letter(unit.front()) && unit.front() != '/' && unit.front() != '1') {
    throw InputError("cannot read the number in " + quoted(text));
  }
  quantity.unit = parse_unit(unit);
  quantity.has_unit = true;
  if (!std::isfinite(quantity.internal())) {
    throw InputError("the number in " + quoted(text) + " is not finite or out of range");
  }
  return quantity;
}

std::string describe(const Dimension& dimension) {
  for (const DimensionName& known : kDimensionNames) {
    if (known.dimension == dimension) return known.name;
  }
  constexpr std::array<const char*, 7> kBases = {"length", "time",   "mass", "temperature",
                                                 "amount", "charge", "angle"};
  std::string text;
  for (std::size_t i = 0; i < kBases.size(); ++i) {
    const int power = dimension.exponents[i];
    if (power == 0) continue;
    text += (text.empty() ? "" : " ") + std::string(kBases[i]);
    if (power != 1) text += '^' + std::to_string(power);
  }
  return text;
}

std::string with_article(const std::string& noun) {
  const bool vowel =
      !noun.empty() && std::string_view("aeio").find(noun.front()) != std::string::npos;
  return (vowel ? "an " : "a ") + noun;
}

std::string format_quantity(double internal, std::string_view unit) {
  constexpr int kMaxDigits = 15;
  const double factor = parse_unit(unit).to_internal;
  const double guess = internal / factor;
  for (int digits = 1; digits <= kMaxDigits; ++digits) {
    std::array<char, 64> buffer{};
    const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), guess,
                                            std::chars_format::general, digits);
    if (error != std::errc()) break;
    double number = 0.0;
    std::from_chars(buffer.data(), end, number);
    if (number * factor == internal) return engine::shortest_text(number) + ' ' + std::string(unit);
  }
  return engine::shortest_text(internal);
}

}  // namespace saltus::io
