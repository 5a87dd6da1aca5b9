#include "io/report/number_text.h"

#include <algorithm>
#include <cmath>

#include "engine/core/text.h"

namespace saltus::io {
namespace {

/// Outside [10^-3, 10^6) a power of ten is written out.
constexpr int kMinPlainExponent = -3, kMaxPlainExponent = 5;

const char kMinus[] = "\u2212";
const char kDash[] = "\u2013";
const char kPlusMinus[] = " \u00b1 ";

/// Decimal exponent of |value| > 0.
int exponent_of(double value) { return static_cast<int>(std::floor(std::log10(std::abs(value)))); }

std::string fixed(double value, int decimals) {
  const std::string digits = engine::fixed_text(std::abs(value), std::max(decimals, 0));
  const bool is_zero = digits.find_first_not_of("0.") == std::string::npos;
  return (value < 0.0 && !is_zero ? kMinus : "") + digits;
}

/// "×10⁻⁵"
std::string power_of_ten(int exponent) {
  static const char* const kSuperscripts[] = {"\u2070", "\u00b9", "\u00b2", "\u00b3", "\u2074",
                                              "\u2075", "\u2076", "\u2077", "\u2078", "\u2079"};
  std::string text = "\u00d710";
  if (exponent < 0) text += "\u207b";
  for (char digit : std::to_string(std::abs(exponent))) text += kSuperscripts[digit - '0'];
  return text;
}

bool is_plain(int exponent) {
  return exponent >= kMinPlainExponent && exponent <= kMaxPlainExponent;
}

}  // namespace

std::string exact_text(double value) {
  if (std::isnan(value)) return "NaN";
  return engine::shortest_text(value);
}

std::string rounded_text(double value, int significant_digits) {
  if (std::isnan(value)) return kDash;
  if (std::isinf(value)) return value > 0.0 ? "\u221e" : std::string(kMinus) + "\u221e";
  if (value == 0.0) return "0";
  const int exponent = exponent_of(value);
  if (is_plain(exponent)) return fixed(value, significant_digits - 1 - exponent);
  return fixed(value * std::pow(10.0, -exponent), significant_digits - 1) + power_of_ten(exponent);
}

std::string count_text(std::uint64_t value) {
  const std::string digits = std::to_string(value);
  if (digits.size() < 5) return digits;
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += "\u202f";
    text += digits[i];
  }
  return text;
}

ValueAndError value_and_error_text(double value, double error) {
  if (!(error > 0.0) || !std::isfinite(error) || !std::isfinite(value)) {
    return {"", rounded_text(value, 4), "", "", ""};
  }
  constexpr int kErrorDigits = 2;
  const int exponent = exponent_of(std::max(std::abs(value), error));
  if (is_plain(exponent)) {
    const int decimals = kErrorDigits - 1 - exponent_of(error);
    return {"", fixed(value, decimals), kPlusMinus, fixed(error, decimals), ""};
  }
  const double scale = std::pow(10.0, -exponent);
  const int decimals = kErrorDigits - 1 - exponent_of(error * scale);
  return {"(", fixed(value * scale, decimals), kPlusMinus, fixed(error * scale, decimals),
          ")" + power_of_ten(exponent)};
}

}  // namespace saltus::io
