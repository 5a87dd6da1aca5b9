#pragma once

#include <cstdint>
#include <string>

namespace saltus::io {

/// Shortest decimal text that reads back as the same double; "NaN", "inf", "-inf" otherwise.
std::string exact_text(double value);

/// Rounded for reading: "0.0123", "-12.3", "1.23×10⁻⁵"; "∞"; a dash for NaN.
std::string rounded_text(double value, int significant_digits = 3);

/// Whole number in groups of three digits, separated by narrow spaces, from 10 000 on.
std::string count_text(std::uint64_t value);

/// "12.34 ± 0.12" with two digits of the error, "(1.23 ± 0.04)×10⁻⁵"; without "±" when the error is
/// not a positive finite number.
struct ValueAndError {
  std::string before, value, between, error, after;  ///< "(", "1.23", " ± ", "0.04", ")×10⁻⁵"
  std::string text() const { return before + value + between + error + after; }
};
ValueAndError value_and_error_text(double value, double error);

}  // namespace saltus::io
