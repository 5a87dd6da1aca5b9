#pragma once

#include <filesystem>

#include "engine/core/span.h"
#include "io/hdf5/trajectory_layout_detail.h"

namespace saltus::io::detail {

/// @throws InputError  when options, topology, masses and chains cannot make a trajectory
void check_trajectory_options(const engine::Topology& topology, std::size_t n_chains,
                              const TrajectoryOptions& options);

/// Where a trajectory lies and where it will lie.
struct TrajectoryPlace {
  std::filesystem::path now;
  std::filesystem::path path;
};

/// Writes a trajectory without frames under a temporary name. Its writer renames it to `path` (what
/// `name` leads to; a link stays) as soon as readers may open it: there is never a file of that
/// name without its whole header, and none that HDF5 has locked. @throws FileError, InputError
TrajectoryPlace create_empty_trajectory(const std::filesystem::path& name,
                                        const engine::Topology& topology,
                                        engine::Span<const double> masses, std::size_t n_chains,
                                        const TrajectoryOptions& options);

}  // namespace saltus::io::detail
