#pragma once

#include <cstddef>
#include <vector>

namespace saltus::engine {

/// Frames of each ladder, as many of each.
/// @param ladders  [F], the ladder of each frame
std::vector<std::vector<std::size_t>> frames_of_ladders(const std::vector<std::size_t>& ladders);

/// Effective samples of a series of several ladders of one length, one ladder after the other; 0
/// for fewer than four steps and when the autocorrelation time is infinite.
double effective_samples(const std::vector<double>& series, std::size_t n_ladders);

}  // namespace saltus::engine
