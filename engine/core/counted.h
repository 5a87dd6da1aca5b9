#pragma once

#include <cstdint>
#include <string>

namespace saltus::engine {

/// "1 molecule", "2 molecules", "0 molecules": a number and what it counts.
/// @param many  the plural; empty: `one` with an s appended
inline std::string counted(std::uint64_t n, const std::string& one, const std::string& many = "") {
  return std::to_string(n) + " " + (n == 1 ? one : many.empty() ? one + "s" : many);
}

}  // namespace saltus::engine
