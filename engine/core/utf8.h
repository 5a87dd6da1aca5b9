#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace saltus::engine {

/// One character of a text in UTF-8.
struct Utf8Character {
  std::uint32_t code = 0;  ///< Unicode code point, or the byte where the bytes are no UTF-8
  std::size_t size = 0;    ///< bytes it takes; 0 where the bytes are no UTF-8
};

/// The character that begins at a byte. Surrogates and forms longer than needed are no UTF-8.
/// @param at  below text.size()
Utf8Character utf8_character(const std::string& text, std::size_t at);

}  // namespace saltus::engine
