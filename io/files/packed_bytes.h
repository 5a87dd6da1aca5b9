#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "engine/core/error.h"

namespace saltus::io {

/// Appends numbers, texts and lists of both as they lie in memory: for files that are read again by
/// the same version of the program on the same type of machine, and for messages between processes.
class Packer {
 public:
  Packer() = default;
  /// @param expected_bytes  that are likely to come: then nothing is moved while they come
  explicit Packer(std::size_t expected_bytes) { bytes_.reserve(expected_bytes); }

  template <class T>
  void operator()(const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void operator()(const std::string& text) {
    (*this)(text.size());
    bytes_ += text;
  }
  template <class T>
  void operator()(const std::vector<T>& values) {
    (*this)(values.size());
    if constexpr (std::is_trivially_copyable_v<T>)
      bytes_.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
    else
      for (const T& value : values) (*this)(value);
  }
  void operator()(const std::vector<bool>& values) {
    (*this)(values.size());
    for (const bool value : values) (*this)(value);
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

/// Takes the same out of a block again, in the same order.
/// Each call throws FileError when the block does not hold what is asked for.
class Unpacker {
 public:
  /// @param what  the file, for messages; outlives this object
  Unpacker(std::string bytes, const std::string& what) : bytes_(std::move(bytes)), what_(what) {}

  template <class T>
  void operator()(T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    std::memcpy(&value, take(sizeof value), sizeof value);
  }
  void operator()(std::string& text) {
    const std::size_t n = count(1);
    text.assign(take(n), n);
  }
  template <class T>
  void operator()(std::vector<T>& values) {
    // Texts and lists begin with their size.
    values.resize(count(std::is_trivially_copyable_v<T> ? sizeof(T) : sizeof(std::size_t)));
    if constexpr (std::is_trivially_copyable_v<T>) {
      if (!values.empty())
        std::memcpy(values.data(), take(values.size() * sizeof(T)), values.size() * sizeof(T));
    } else {
      for (T& value : values) (*this)(value);
    }
  }
  void operator()(std::vector<bool>& values) {
    values.resize(count(sizeof(bool)));
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = *take(1) != 0;
  }
  /// Whether nothing is left.
  bool at_end() const { return at_ == bytes_.size(); }

 private:
  const char* take(std::size_t n) {
    if (n > bytes_.size() - at_) throw engine::FileError(what_ + " has been changed");
    at_ += n;
    return bytes_.data() + at_ - n;
  }
  std::size_t count(std::size_t size_of_one) {
    std::size_t n = 0;
    (*this)(n);
    if (n > (bytes_.size() - at_) / size_of_one)
      throw engine::FileError(what_ + " has been changed");
    return n;
  }

  std::string bytes_;
  const std::string& what_;
  std::size_t at_ = 0;
};

}  // namespace saltus::io
