#pragma once

#include <cstdint>
#include <string>

#include "engine/core/span.h"

/// Files of the safetensors format, put together byte by byte.
namespace saltus::tests {

/// A number as eight bytes, little-endian.
inline std::string eight_bytes(std::uint64_t number) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(number >> (8 * i) & 0xffu);
  return bytes;
}

/// Header length, header, data.
inline std::string safetensors_text(const std::string& header, const std::string& data = "") {
  return eight_bytes(header.size()) + header + data;
}

inline engine::Span<const unsigned char> bytes_of_text(const std::string& text) {
  return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

}  // namespace saltus::tests
