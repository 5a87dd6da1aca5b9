// A library that prints while it is loaded, as some that LibTorch brings do.
#include <cstdio>

namespace {
__attribute__((constructor)) void print() { std::puts("a library is loaded"); }
}  // namespace
