#pragma once

#include <cstddef>
#include <filesystem>
#include <limits>
#include <string>

/// Whole files by the calls of POSIX. What fails is returned as the operating system's number, for
/// callers to say what they were doing, but for read_file.
namespace saltus::engine {

/// Owns a file descriptor.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int descriptor) : descriptor_(descriptor) {}
  FileDescriptor(FileDescriptor&& other) noexcept : descriptor_(other.descriptor_) {
    other.descriptor_ = -1;
  }
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  ~FileDescriptor() { reset(); }

  int get() const { return descriptor_; }
  /// False when the operating system reports a delayed write error.
  bool reset();
  /// Gives the descriptor away.
  int release();

 private:
  int descriptor_ = -1;
};

/// What an errno means: "No space left on device".
std::string system_reason(int error_number);

/// Opens a file with the flags of open(2); a new one may be read and written by all whom the umask
/// lets. Waits for no other end of a pipe, and is closed in programs that are started later. The
/// descriptor is negative, and errno says why, when it cannot be opened.
FileDescriptor open_file(const std::filesystem::path& path, int flags);

/// Appends what is left of a file to `bytes`, at most so many.
/// @return 0 or the errno of the failure
int read_rest(const FileDescriptor& file, std::string& bytes,
              std::size_t max_bytes = std::numeric_limits<std::size_t>::max());

/// @return 0 or the errno of the failure
int write_all(const FileDescriptor& file, const std::string& bytes);

/// Bytes of a regular file, no more than `max_bytes` of them.
/// @throws FileError  "<path>: is a named pipe (FIFO), expected a regular file", "<path>: cannot be
///                    opened for reading" (folders too), "<path>: cannot be read"
std::string read_file(const std::filesystem::path& path,
                      std::size_t max_bytes = std::numeric_limits<std::size_t>::max());

}  // namespace saltus::engine
