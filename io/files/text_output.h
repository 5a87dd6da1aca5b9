#pragma once

#include <filesystem>
#include <string>

namespace saltus::io {

/// Text on its way into a file. It is written beside the file and takes its name only when all is
/// there: nobody ever sees half a file, and an old one stays until then. "-" is standard output.
class TextOutput {
 public:
  struct Options {
    bool gzip = false;
    bool overwrite = false;  ///< whether a file of that name may be replaced
  };

  /// @throws FileError  when the file exists and may not be replaced, or cannot be created
  TextOutput(const std::filesystem::path& path, const Options& options);
  /// Without commit() nothing is left behind.
  ~TextOutput();
  TextOutput(const TextOutput&) = delete;
  TextOutput& operator=(const TextOutput&) = delete;

  /// @throws FileError  when the disk is full, for instance
  void write(const std::string& text);
  /// Gives the file its name. @throws FileError
  void commit();

 private:
  void close();

  std::filesystem::path path_, temporary_;  ///< temporary_ is empty for standard output
  void* file_ = nullptr;                    ///< zlib's
};

/// @throws FileError  when `path` exists and `overwrite` is not allowed
void refuse_to_overwrite(const std::filesystem::path& path, bool overwrite);

}  // namespace saltus::io
