#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>

#include "io/files/text_output.h"
#include "io/hdf5/conformer_file.h"

namespace saltus::io {

/// Keeps conformer sets on the disk, one after the other, until they are all there: a file that
/// only grows at its end can be cut back to any earlier state, which an HDF5 file cannot.
class ConformerSpool {
 public:
  /// @param path       of the spool; it is written under part_of(path)
  /// @param resume_at  what mark() returned in the process that is gone
  /// @throws FileError  as TextOutput
  ConformerSpool(const std::filesystem::path& path, std::optional<std::uint64_t> resume_at);
  /// @throws FileError
  void write(const ConformerSet& set);
  /// As TextOutput::mark(). @throws FileError
  std::uint64_t mark();
  /// Hands on all that was written so far, in the same order.
  /// @throws FileError  when the file cannot be read or has been changed
  void read(const std::function<void(const ConformerSet&)>& take);
  /// Deletes the file; nothing can be written afterwards.
  void remove();

 private:
  std::filesystem::path part_;
  std::optional<TextOutput> file_;
};

}  // namespace saltus::io
