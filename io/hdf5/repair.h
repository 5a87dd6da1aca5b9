#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>

namespace saltus::io {

/// What repair_trajectory found and did.
struct RepairReport {
  bool was_marked_open = false;   ///< a writer had not closed the file
  bool was_changed = false;       ///< false: nothing to repair
  std::uint64_t frames_kept = 0;  ///< each of all chains
  std::uint64_t rows_cut = 0;     ///< incomplete or unreadable rows of the longest column
  std::string reason_for_cut;     ///< empty when rows_cut is 0 or rows were only incomplete

  /// One line for users.
  std::string describe() const;
};

/// True when the file is marked as open for writing, or its end-of-file mark is not its end.
/// @throws FileError, InputError  when it cannot be read or is no HDF5 file
bool needs_repair(const std::filesystem::path& path);

/// Makes a trajectory readable again whose writer was killed: clears the "open" mark, sets the
/// end-of-file mark and cuts all columns to the same number of whole, readable frames. Every chunk
/// of the file is read to be sure of that. Needs no HDF5 tools. A file that is changed is replaced
/// by a new one, made beside it: whoever is killed meanwhile leaves the file as it was, and the
/// disk must have room for both. A file that needs nothing or of which nothing can be saved is left
/// as it is.
/// @param max_frames  later ones are cut off
/// @throws FileError   when the file is in use by another process, cannot be written, or its
///                     structure is damaged beyond repair; it is unchanged then
/// @throws InputError  when it is not a Saltus trajectory
RepairReport repair_trajectory(
    const std::filesystem::path& path,
    std::uint64_t max_frames = std::numeric_limits<std::uint64_t>::max());

/// Removes the copy of a trajectory, if there is one, that a repair was killed over.
void remove_unfinished_repair(const std::filesystem::path& path);

}  // namespace saltus::io
