#pragma once

#include <cstdint>

namespace saltus::engine {

/// Says at which steps something happens: every `period` steps, counted from step 0; period 0
/// never.
struct Trigger {
  std::uint64_t period = 1;
  bool fires(std::uint64_t step) const { return period != 0 && step % period == 0; }
};

}  // namespace saltus::engine
