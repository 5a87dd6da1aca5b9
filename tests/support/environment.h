#pragma once

#include <cstdint>

#include "engine/core/random.h"

namespace saltus::tests {

/// Factor on every tolerance and threshold of the assertions in this folder: the environment
/// variable SALTUS_TOLERANCE_SCALE, 1 when unset. With 0 every comparison fails and prints its true
/// residual.
/// @throws std::runtime_error  when the variable is not a number >= 0
double tolerance_scale();

/// Seed of a test's random numbers: `fixed`, unless the environment variable SALTUS_TEST_SEED is a
/// number or "random"; the seed is then mixed with `fixed` and printed once.
/// @throws std::runtime_error  when the variable is neither
std::uint64_t test_seed(std::uint64_t fixed);

/// Random numbers for a test, not for the code under test.
engine::RandomStream test_stream(std::uint64_t fixed_seed, std::uint32_t index = 0);

}  // namespace saltus::tests
