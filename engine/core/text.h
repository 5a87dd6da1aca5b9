#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace saltus::engine {

/// A number with so many digits after the point, as printf's "%.<decimals>f".
std::string fixed_text(double value, int decimals);

/// A number with at most so many significant digits, as printf's "%.<digits>g".
std::string significant_text(double value, int digits);

/// Fewest digits that read back as the same double: "0.1", "1e+30", "inf", "nan".
std::string shortest_text(double value);

/// A whole number padded with zeros to so many digits, as printf's "%0<n_digits>zu".
std::string zero_padded(std::uint64_t value, int n_digits);

/// Lower-case hexadecimal digits padded with zeros to so many digits, as printf's
/// "%0<n_digits>llx".
std::string hexadecimal_text(std::uint64_t value, int n_digits);

/// Whether it is one of 0 to 9, whatever the locale.
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Whether `text` begins with `start`.
bool starts_with(std::string_view text, std::string_view start);

/// The text without blanks and tabs at its ends.
std::string trimmed(std::string_view text);

/// The text with its ASCII capitals made small.
std::string lower_case(std::string_view text);

/// "a, b, c".
std::string joined(const std::vector<std::string>& parts, std::string_view separator = ", ");

/// Number of insertions, deletions, substitutions and swaps of neighbouring letters that turn one
/// word into the other, no letter being edited twice (optimal string alignment; Damerau, Commun.
/// ACM 7, 171 (1964), doi:10.1145/363958.363994).
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace saltus::engine
