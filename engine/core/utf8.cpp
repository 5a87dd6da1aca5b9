#include "engine/core/utf8.h"

namespace saltus::engine {

Utf8Character utf8_character(const std::string& text, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i]));
  };
  const std::uint32_t first = byte(at);
  const Utf8Character none{first, 0};
  if (first < 0x80) return {first, 1};
  const std::size_t size = first >= 0xF0 && first < 0xF5   ? 4
                           : first >= 0xE0 && first < 0xF0 ? 3
                           : first >= 0xC2 && first < 0xE0 ? 2
                                                           : 0;
  if (size == 0 || at + size > text.size()) return none;
  std::uint32_t code = first & (0xFFu >> (size + 1));
  for (std::size_t i = at + 1; i < at + size; ++i) {
    if ((byte(i) & 0xC0u) != 0x80u) return none;
    code = (code << 6) | (byte(i) & 0x3Fu);
  }
  const bool surrogate = code >= 0xD800 && code < 0xE000;
  const bool longer = (size == 3 && code < 0x800) || (size == 4 && code < 0x10000);
  return surrogate || longer || code > 0x10FFFF ? none : Utf8Character{code, size};
}

}  // namespace saltus::engine
