#include "io/report/atomic_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "engine/core/error.h"

namespace saltus::io {
namespace {

[[noreturn]] void fail(const std::string& path, const std::string& what) {
  const std::string reason = std::generic_category().message(errno);
  throw engine::FileError("cannot " + what + " " + path + ": " + reason);
}

/// Writes, syncs and closes; false with errno set when any of it failed.
bool write_and_close(int file, const std::string& text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t written = ::write(file, text.data() + done, text.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) break;
    done += static_cast<std::size_t>(written);
  }
  const bool good = done == text.size() && ::fsync(file) == 0;
  const int reason = errno;
  const bool closed = ::close(file) == 0;
  if (!good) errno = reason;
  return good && closed;
}

}  // namespace

void write_file_atomically(const std::string& path, const std::string& text) {
  const std::string temporary = path + ".tmp";
  constexpr int kReadableByAll = 0644;
  const int file =
      ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kReadableByAll);
  if (file < 0) fail(temporary, "create");
  const bool written = write_and_close(file, text);
  if (!written || std::rename(temporary.c_str(), path.c_str()) != 0) {
    const int reason = errno;
    ::unlink(temporary.c_str());
    errno = reason;
    fail(path, "write");
  }
}

}  // namespace saltus::io
