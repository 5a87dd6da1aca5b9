#include "tests/fuzz/feeding.h"

#include <sys/mman.h>
#include <unistd.h>

#include <filesystem>

namespace saltus::fuzz {

namespace {

constexpr const char* kDescriptors = "/proc/self/fd/";

/// Where there is no /proc, as in a bare chroot, a file on disk serves as well.
int open_file(std::string& path) {
  if (access(kDescriptors, X_OK) == 0) {
    const int file = memfd_create("input", MFD_CLOEXEC);
    path = kDescriptors + std::to_string(file);
    return file;
  }
  path = (std::filesystem::temp_directory_path() / "saltus_input_XXXXXX").string();
  return mkstemp(path.data());
}

}  // namespace

MemoryFile::MemoryFile(Bytes bytes) : file_(open_file(path_)) {
  std::size_t done = 0;
  while (file_ >= 0 && done < bytes.size()) {
    const ssize_t n = write(file_, bytes.data() + done, bytes.size() - done);
    if (n <= 0) break;
    done += static_cast<std::size_t>(n);
  }
  if (file_ < 0 || done != bytes.size()) {
    std::cerr << "cannot make a file in memory" << std::endl;
    std::abort();
  }
}

MemoryFile::~MemoryFile() {
  close(file_);
  if (path_.rfind(kDescriptors, 0) != 0) unlink(path_.c_str());
}

}  // namespace saltus::fuzz
