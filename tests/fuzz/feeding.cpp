#include "tests/fuzz/feeding.h"

#include <sys/mman.h>
#include <unistd.h>

namespace saltus::fuzz {

MemoryFile::MemoryFile(Bytes bytes) : file_(memfd_create("input", MFD_CLOEXEC)) {
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
  path_ = "/proc/self/fd/" + std::to_string(file_);
}

MemoryFile::~MemoryFile() { close(file_); }

}  // namespace saltus::fuzz
