#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "engine/core/text.h"

namespace saltus::engine {

/// 64-bit FNV-1a hash of bytes. Any change of a single byte changes it; it finds accidents, not
/// forgeries. Source: Fowler, Noll, Vo, draft-eastlake-fnv.
class Fnv1a {
 public:
  void add(const void* bytes, std::size_t size) {
    const auto* next = static_cast<const unsigned char*>(bytes);
    for (std::size_t i = 0; i < size; ++i) hash_ = (hash_ ^ next[i]) * 1099511628211ull;
  }
  /// Sixteen hexadecimal digits.
  std::string hex() const { return hexadecimal_text(hash_, 16); }

 private:
  std::uint64_t hash_ = 14695981039346656037ull;
};

}  // namespace saltus::engine
