#include "engine/core/file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "engine/core/error.h"
#include "engine/core/special_file.h"

namespace saltus::engine {

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  if (this != &other) {
    reset();
    descriptor_ = other.descriptor_;
    other.descriptor_ = -1;
  }
  return *this;
}

bool FileDescriptor::reset() {
  if (descriptor_ < 0) return true;
  const int status = ::close(descriptor_);
  descriptor_ = -1;
  return status == 0;
}

int FileDescriptor::release() {
  const int descriptor = descriptor_;
  descriptor_ = -1;
  return descriptor;
}

std::string system_reason(int error_number) {
  return std::generic_category().message(error_number);
}

FileDescriptor open_file(const std::filesystem::path& path, int flags) {
  constexpr mode_t kReadWriteForAll = 0666;  // the user's umask takes away what he wishes
  return FileDescriptor(::open(path.c_str(), flags | O_CLOEXEC | O_NONBLOCK, kReadWriteForAll));
}

int read_rest(const FileDescriptor& file, std::string& bytes, std::size_t max_bytes) {
  constexpr std::size_t kBlock = 1 << 16;
  for (std::size_t left = max_bytes; left > 0;) {
    const std::size_t start = bytes.size(), wanted = std::min(kBlock, left);
    bytes.resize(start + wanted);
    const ssize_t n = ::read(file.get(), bytes.data() + start, wanted);
    const int error = n < 0 ? errno : 0;
    const auto n_read = static_cast<std::size_t>(std::max<ssize_t>(n, 0));
    bytes.resize(start + n_read);
    left -= n_read;
    if (error != 0 && error != EINTR) return error;
    if (n == 0) break;
  }
  return 0;
}

int write_all(const FileDescriptor& file, const std::string& bytes) {
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t n = ::write(file.get(), bytes.data() + done, bytes.size() - done);
    if (n < 0 && errno != EINTR) return errno;
    if (n > 0) done += static_cast<std::size_t>(n);
  }
  return 0;
}

std::string read_file(const std::filesystem::path& path, std::size_t max_bytes) {
  refuse_special_file(path);
  std::error_code ignored;
  const FileDescriptor file = open_file(path, O_RDONLY);
  if (file.get() < 0 || std::filesystem::is_directory(path, ignored))
    throw FileError(path.string() + ": cannot be opened for reading");
  std::string bytes;
  if (read_rest(file, bytes, max_bytes) != 0) throw FileError(path.string() + ": cannot be read");
  return bytes;
}

}  // namespace saltus::engine
