#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace saltus::io {

/// Text that is being written to a file. It is written beside the file and takes its name only when
/// all is there: nobody ever sees half a file, and an old one stays until then. "-" is standard
/// output. A link stays, and the file it leads to is written.
class TextOutput {
 public:
  struct Options {
    bool gzip = false;
    bool overwrite = false;  ///< whether a file of that name may be replaced
    /// Continues after what another process had written when it called mark(), which returned this.
    std::optional<std::uint64_t> resume_at;
  };

  /// @throws FileError  when the file exists and may not be replaced, is a pipe, a device, a folder
  ///                    or a link that leads nowhere, cannot be created, is being written by
  ///                    another process, or is too short to continue after `resume_at`
  TextOutput(const std::filesystem::path& path, const Options& options);
  /// Without commit() nothing is left behind, unless mark() was called or answered to.
  ~TextOutput();
  TextOutput(const TextOutput&) = delete;
  TextOutput& operator=(const TextOutput&) = delete;

  /// @throws FileError  when the disk is full, for instance
  void write(const std::string& text);
  /// Brings on the disk what was written, and returns how much that is in bytes: from there another
  /// process can continue, even when this one is killed. A gzipped file gets a new member.
  /// @throws FileError
  std::uint64_t mark();
  /// Gives the file its name. @throws FileError
  void commit();

 private:
  int open_new();
  int open_marked(std::uint64_t size);
  void close();

  std::filesystem::path path_, temporary_;  ///< temporary_ is empty for standard output
  void* file_ = nullptr;                    ///< zlib's
  int descriptor_ = -1;                     ///< zlib's
  bool marked_ = false;
};

/// @throws FileError  when `path` exists and `overwrite` is not allowed
void refuse_to_overwrite(const std::filesystem::path& path, bool overwrite);

/// Where a file is written before it gets its name.
std::filesystem::path part_of(const std::filesystem::path& path);

}  // namespace saltus::io
