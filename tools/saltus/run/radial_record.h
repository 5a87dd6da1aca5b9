#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/run/radial_distribution.h"
#include "io/hdf5/trajectory_reader.h"

namespace saltus::tools {

/// Distances that are counted at most, some seconds; frames of larger trajectories are left out at
/// equal intervals.
constexpr double kMostRadialDistances = 4e8;

/// Radial distribution functions of the waters of a trajectory in periodic boxes, up to half the
/// shortest width of all boxes; empty when there are no boxes or fewer than two waters.
/// @param chains       that are analysed
/// @param n_frames     the first ones of the trajectory
/// @param log_weights  [chains, n_frames], chain-major; empty: equal
/// @throws FileError, InputError  as the reader
std::vector<engine::RadialCurve> water_distributions(const io::TrajectoryReader& reader,
                                                     const std::vector<std::size_t>& chains,
                                                     std::uint64_t n_frames,
                                                     const std::vector<double>& log_weights);

}  // namespace saltus::tools
