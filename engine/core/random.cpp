#include "engine/core/random.h"

#include <cmath>

#include "engine/core/units.h"

namespace saltus::engine {

std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> c,
                                        std::array<std::uint32_t, 2> k) {
  constexpr std::uint64_t kMultiplier0 = 0xD2511F53u, kMultiplier1 = 0xCD9E8D57u;
  constexpr std::uint32_t kWeyl0 = 0x9E3779B9u, kWeyl1 = 0xBB67AE85u;
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t p0 = kMultiplier0 * c[0];
    const std::uint64_t p1 = kMultiplier1 * c[2];
    c = {static_cast<std::uint32_t>(p1 >> 32) ^ c[1] ^ k[0], static_cast<std::uint32_t>(p1),
         static_cast<std::uint32_t>(p0 >> 32) ^ c[3] ^ k[1], static_cast<std::uint32_t>(p0)};
    k[0] += kWeyl0;
    k[1] += kWeyl1;
  }
  return c;
}

namespace {

std::array<std::uint32_t, 2> split_seed(std::uint64_t seed) {
  return {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)};
}

}  // namespace

StepKey StepKey::child(std::uint32_t index) const {
  // Stream names stay below 2^15, so this counter block is used by no stream.
  constexpr std::uint32_t kChildBlock = 0xFFFFFFFFu;
  const auto bits = philox4x32({index, 0u, 0u, kChildBlock}, split_seed(seed));
  return {static_cast<std::uint64_t>(bits[0]) | (static_cast<std::uint64_t>(bits[1]) << 32), step,
          0};
}

StreamStart stream_start(const StepKey& key, StreamName name, std::uint32_t chain) {
  const auto high = static_cast<std::uint32_t>(key.step >> 32);
  return {{0u, static_cast<std::uint32_t>(key.step), chain,
           (high << 16) | static_cast<std::uint32_t>(name)},
          split_seed(key.seed)};
}

RandomStream::RandomStream(const StepKey& key, StreamName name, std::uint32_t chain)
    : next_bits_(stream_start(key, name, chain)) {}

void RandomStream::refill() {
  buffer_ = philox4x32(next_bits_.counter, next_bits_.key);
  ++next_bits_.counter[0];
  next_ = 0;
}

std::uint64_t RandomStream::bits() {
  if (next_ > 2) refill();
  const std::uint64_t value = static_cast<std::uint64_t>(buffer_[next_]) |
                              (static_cast<std::uint64_t>(buffer_[next_ + 1]) << 32);
  next_ += 2;
  return value;
}

double RandomStream::uniform() {
  constexpr double kStep = 1.0 / 4503599627370496.0;  // 2^-52; with 2^-53 the top value rounds to 1
  return (static_cast<double>(bits() >> 12) + 0.5) * kStep;
}

double RandomStream::normal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  const double radius = std::sqrt(-2.0 * std::log(uniform()));
  const double angle = kTwoPi * uniform();
  spare_ = radius * std::sin(angle);
  has_spare_ = true;
  return radius * std::cos(angle);
}

std::uint64_t RandomStream::below(std::uint64_t n) {
  const std::uint64_t limit = UINT64_MAX - (UINT64_MAX % n + 1) % n;
  std::uint64_t value = bits();
  while (value > limit) value = bits();
  return value % n;
}

}  // namespace saltus::engine
