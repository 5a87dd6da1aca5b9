#include "tests/support/environment.h"

#include <cstdlib>
#include <iostream>
#include <random>
#include <stdexcept>
#include <string>

namespace saltus::tests {

namespace {

double read_tolerance_scale() {
  const char* text = std::getenv("SALTUS_TOLERANCE_SCALE");
  if (text == nullptr) return 1.0;
  char* end = nullptr;
  const double scale = std::strtod(text, &end);
  if (end == text || *end != '\0' || !(scale >= 0.0))
    throw std::runtime_error("SALTUS_TOLERANCE_SCALE: expected a number >= 0, got '" +
                             std::string(text) + "'");
  return scale;
}

/// 0 when seeds are fixed.
std::uint64_t read_seed_offset() {
  const char* text = std::getenv("SALTUS_TEST_SEED");
  if (text == nullptr) return 0;
  std::uint64_t offset = 0;
  if (std::string(text) == "random") {
    std::random_device device;
    offset = (static_cast<std::uint64_t>(device()) << 20) ^ device();
  } else {
    char* end = nullptr;
    offset = std::strtoull(text, &end, 10);
    if (end == text || *end != '\0')
      throw std::runtime_error("SALTUS_TEST_SEED: expected a number or 'random', got '" +
                               std::string(text) + "'");
  }
  std::cout << "SALTUS_TEST_SEED=" << offset << " repeats this run" << std::endl;
  return offset;
}

}  // namespace

double tolerance_scale() {
  static const double scale = read_tolerance_scale();
  return scale;
}

std::uint64_t test_seed(std::uint64_t fixed) {
  static const std::uint64_t offset = read_seed_offset();
  constexpr std::uint64_t kMixer = 0x9E3779B97F4A7C15u;  // odd: offset -> seed is one to one
  return fixed + kMixer * offset;
}

engine::RandomStream test_stream(std::uint64_t fixed_seed, std::uint32_t index) {
  return engine::RandomStream({test_seed(fixed_seed), 0}, engine::StreamName::kTest, index);
}

}  // namespace saltus::tests
