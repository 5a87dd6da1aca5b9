// What libraries do while they are loaded must not reach the user. UCX, which LibTorch brings on
// Debian 13, prints on standard output where /proc is missing and catches SIGHUP, which nohup has
// told the program to ignore. Until main begins, standard output goes nowhere; then both it and the
// signals are again as the program was started with them.
#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

namespace {

constexpr int kSignals[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGILL,  SIGABRT, SIGBUS, SIGFPE,
                            SIGUSR1, SIGSEGV, SIGUSR2, SIGPIPE, SIGALRM, SIGTERM};
constexpr int kMaxSignal = 64;

int results = -1;  // the descriptor of standard output, kept meanwhile
struct sigaction dispositions[kMaxSignal];

// Before the constructors of all libraries: nothing but system calls may be used here.
void keep() {
  for (const int signal : kSignals) ::sigaction(signal, nullptr, &dispositions[signal]);
  results = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
  const int nowhere = results < 0 ? -1 : ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (nowhere < 0) return;
  ::dup2(nowhere, STDOUT_FILENO);
  ::close(nowhere);
}

__attribute__((section(".preinit_array"), used)) void (*const kKeep)() = keep;

// After the constructors of all libraries.
__attribute__((constructor)) void restore() {
  for (const int signal : kSignals) ::sigaction(signal, &dispositions[signal], nullptr);
  if (results < 0) return;
  std::fflush(stdout);
  ::dup2(results, STDOUT_FILENO);
  ::close(results);
}

}  // namespace
