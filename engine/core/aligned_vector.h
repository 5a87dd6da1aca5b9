#pragma once

#include <cstddef>
#include <new>
#include <vector>

namespace saltus::engine {

/// Gives memory at multiples of a cache line, which is also the widest vector.
template <class T>
struct CacheLineAllocator {
  using value_type = T;
  static constexpr std::align_val_t kAlignment{64};

  CacheLineAllocator() = default;
  template <class U>
  CacheLineAllocator(const CacheLineAllocator<U>&) {}

  T* allocate(std::size_t n) { return static_cast<T*>(::operator new(n * sizeof(T), kAlignment)); }
  void deallocate(T* p, std::size_t) { ::operator delete(p, kAlignment); }

  template <class U>
  bool operator==(const CacheLineAllocator<U>&) const {
    return true;
  }
  template <class U>
  bool operator!=(const CacheLineAllocator<U>&) const {
    return false;
  }
};

/// A vector whose first value lies at a multiple of 64 bytes.
template <class T>
using AlignedVector = std::vector<T, CacheLineAllocator<T>>;

}  // namespace saltus::engine
