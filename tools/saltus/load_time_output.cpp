// Libraries that print while they are loaded would mix their messages with the program's results:
// UCX, which LibTorch brings on Debian 13, does so where /proc is missing. Until main begins,
// standard output is standard error.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

namespace {

int results = -1;  // the descriptor of standard output, kept meanwhile

// Before the constructors of all libraries: nothing but system calls may be used here.
void divert() {
  results = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
  if (results >= 0) ::dup2(STDERR_FILENO, STDOUT_FILENO);
}

__attribute__((section(".preinit_array"), used)) void (*const kDivert)() = divert;

// After the constructors of all libraries.
__attribute__((constructor)) void restore() {
  if (results < 0) return;
  std::fflush(stdout);
  ::dup2(results, STDOUT_FILENO);
  ::close(results);
}

}  // namespace
