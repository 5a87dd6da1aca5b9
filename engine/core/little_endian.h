#pragma once

#include <cstddef>
#include <cstdint>

namespace saltus::engine {

/// The number that eight bytes are, the lowest one first, whatever the machine's own order.
inline std::uint64_t little_endian(const unsigned char* bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = sizeof value; i-- > 0;) value = value << 8u | bytes[i];
  return value;
}

}  // namespace saltus::engine
