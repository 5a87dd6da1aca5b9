#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "engine/core/file.h"

/// Files that survive a crash of the machine, and locks against two writers; POSIX.
namespace saltus::io {

using engine::FileDescriptor;
using engine::system_reason;

/// Forces a file to the disk. @throws FileError
void sync_file(const std::filesystem::path& path);

/// Syncs `from`, renames it to `to` and syncs the directory: afterwards `to` is either the old or
/// the new file, whole, even when the power fails. @throws FileError
void rename_durably(const std::filesystem::path& from, const std::filesystem::path& to);

/// Writes `bytes` to a temporary file beside `name` and renames it; a link stays, and what it leads
/// to is replaced. @throws FileError
void write_file_durably(const std::filesystem::path& name, const std::string& bytes);

/// @throws FileError  "cannot read <kind> '<path>': <reason>"
std::string read_whole_file(const std::filesystem::path& path, const std::string& kind);

/// Takes a shared lock that lasts as long as the descriptor. HDF5 asks for an exclusive lock before
/// it opens a file for writing, so a second writer or a repair is refused while this one lives, and
/// a killed process leaves no lock behind. Without lock support in the file system: no lock.
FileDescriptor lock_as_writer(const std::filesystem::path& path);

/// Makes sure that `n_bytes` after `end` can be written, so that a full disk is noticed before a
/// library is half-way through its writes. The space is released when the file is truncated.
/// @param what  beginning of the message
/// @throws FileError  "<what>: No space left on device"
void reserve_space(int descriptor, std::uint64_t end, std::uint64_t n_bytes,
                   const std::string& what);

/// @throws FileError  when another process holds `path` open
void refuse_if_in_use(const std::filesystem::path& path);

}  // namespace saltus::io
