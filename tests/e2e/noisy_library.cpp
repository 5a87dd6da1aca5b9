// A library that prints and catches a signal while it is loaded, as some that LibTorch brings do.
#include <csignal>
#include <cstdio>

namespace {
void ignore(int) {}
__attribute__((constructor)) void meddle() {
  std::puts("a library is loaded");
  std::signal(SIGHUP, ignore);
}
}  // namespace
