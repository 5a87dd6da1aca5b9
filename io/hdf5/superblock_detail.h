#pragma once

#include <cstdint>
#include <filesystem>

namespace saltus::io::detail {

/// What the first bytes of an HDF5 file of format 1.8 or later (superblock version 2 or 3) say.
/// Source: HDF5 File Format Specification 3.0, section II.A.
struct Superblock {
  bool open_for_writing = false;  ///< consistency flag, bit 0
  bool open_for_swmr = false;     ///< consistency flag, bit 2
  std::uint64_t stored_end = 0;   ///< end-of-file mark, bytes
  std::uint64_t file_size = 0;    ///< true end, bytes

  bool is_truncated() const { return file_size < stored_end; }
  bool is_clean() const { return !open_for_writing && !open_for_swmr && file_size == stored_end; }
};

/// @throws FileError   when the file cannot be read
/// @throws InputError  when it does not begin with such a superblock
Superblock read_superblock(const std::filesystem::path& path);

}  // namespace saltus::io::detail
