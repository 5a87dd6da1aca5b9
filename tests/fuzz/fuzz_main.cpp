// The entry that libFuzzer calls; SALTUS_FUZZ_TARGET names one function of targets.h.
#include "tests/fuzz/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  saltus::fuzz::SALTUS_FUZZ_TARGET({data, size});
  return 0;
}
