#pragma once

#include <cstdint>
#include <filesystem>

namespace saltus::tests {

/// Expects the frames of two trajectories to be the same, bit for bit: steps, times, positions,
/// boxes, velocities and every observable.
/// @param prefix  whether `path` may have fewer frames than `reference`
/// @returns frames of `path`
std::uint64_t expect_same_frames(const std::filesystem::path& path,
                                 const std::filesystem::path& reference, bool prefix = false);

}  // namespace saltus::tests
