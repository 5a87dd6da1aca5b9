#pragma once

#include <filesystem>
#include <string>

#include "io/hdf5/hdf5_detail.h"
#include "io/hdf5/superblock_detail.h"

namespace saltus::io::detail {

/// How much of a trajectory is whole.
struct Survey {
  std::size_t n_chains = 0;
  std::size_t good_rows = 0;  ///< rows whole and readable in every column; multiple of n_chains
  std::size_t max_rows = 0;   ///< of the longest column
  std::string reason;         ///< why a row is bad that all columns claim to have; empty if none
};

/// Opens without locking out a writer, also when the writer has died.
Handle open_for_reading(const std::filesystem::path& path, const std::string& what);

/// Reads every chunk. Rows are good up to the first that cannot be read, lies beyond the end of the
/// file, holds fill values, or has a chain number or step out of order.
/// @throws FileError, InputError  when the structure is damaged or foreign
Survey survey_trajectory(hid_t file, const Superblock& superblock, const std::string& what);

}  // namespace saltus::io::detail
