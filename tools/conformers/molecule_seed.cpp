#include "tools/conformers/molecule_seed.h"

#include "engine/core/random.h"

namespace saltus::tools {

std::uint64_t molecule_seed(std::uint64_t seed, std::size_t record, const std::string& smiles) {
  // Each character moves on the state of a good generator.
  std::uint64_t state = seed;
  const auto mix = [&](std::uint32_t word, std::uint32_t purpose) {
    const auto bits = engine::philox4x32(
        {word, purpose, 0, 0},
        {static_cast<std::uint32_t>(state), static_cast<std::uint32_t>(state >> 32)});
    state = bits[0] | static_cast<std::uint64_t>(bits[1]) << 32;
  };
  mix(static_cast<std::uint32_t>(record), static_cast<std::uint32_t>(record >> 32));
  for (const char c : smiles) mix(static_cast<unsigned char>(c), 1u << 31);
  return state == 0 ? 1 : state;
}

}  // namespace saltus::tools
