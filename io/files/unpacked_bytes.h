#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace saltus::io {

/// Bytes of a file, unpacked when they are gzipped (seen by the first two). Archives of several
/// members are one text; zero bytes after the last one are padding.
class UnpackedBytes {
 public:
  /// @param descriptor  stays the caller's, and open as long as this object
  /// @param name        for messages
  UnpackedBytes(int descriptor, std::string name);
  ~UnpackedBytes();
  UnpackedBytes(const UnpackedBytes&) = delete;
  UnpackedBytes& operator=(const UnpackedBytes&) = delete;

  /// At most `size` bytes into `out`; returns how many, 0 at the end.
  /// @throws FileError  when the file cannot be read, the archive is damaged or cut off, or
  ///                    something else follows it
  std::size_t read(char* out, std::size_t size);

  /// Bytes of the file that were taken.
  std::uint64_t n_taken() const;

 private:
  class Inflater;
  bool refill();

  int descriptor_;
  std::string name_;
  std::unique_ptr<Inflater> inflater_;
};

}  // namespace saltus::io
