#pragma once

#include <filesystem>

#include "engine/run/checkpoint.h"

namespace saltus::io {

/// Writes a checkpoint, all doubles bit for bit. The file is made under a temporary name, synced
/// and renamed, so `path` is always a whole checkpoint, the old or the new one. Sync the trajectory
/// first: `frames_written` must not promise what the disk does not have.
///
/// Chains keep all they carry. Boxes, pressures, places on a path and further terms of the density
/// are stored where there are any; files without are of layout version 1, which earlier versions of
/// the program read, others of version 2. Replicas are stored where some are not at their first
/// place, in files of version 3; in others each chain holds its own.
///
/// The file is an HDF5 file after a 512-byte text block that holds its checksum; HDF5 programs
/// (h5dump, h5py) read it as it is.
/// @throws InputError  when the arrays of checkpoint.chains differ in size
/// @throws FileError   e.g. "cannot write 'run.checkpoint': No space left on device"; an older file
///                     of the same name is left as it was
void write_checkpoint(const std::filesystem::path& path, const engine::Checkpoint& checkpoint);

/// Reads a checkpoint. Whether deck and system fit is for the caller to decide (deck_digest).
/// @throws FileError   when the file cannot be read or its checksum does not fit its content
/// @throws InputError  when it is not a Saltus checkpoint or of another version
engine::Checkpoint read_checkpoint(const std::filesystem::path& path);

}  // namespace saltus::io
