#pragma once

#include <filesystem>

#include "engine/core/span.h"
#include "io/hdf5/trajectory_layout_detail.h"

namespace saltus::io::detail {

/// @throws InputError  when options, topology, masses and chains cannot make a trajectory
void check_trajectory_options(const engine::Topology& topology, std::size_t n_chains,
                              const TrajectoryOptions& options);

/// Writes a trajectory without frames under a temporary name and renames it to `name`: there is
/// never a file of that name without its whole header. A link stays, and what it leads to is
/// replaced. @throws FileError, InputError
void create_empty_trajectory(const std::filesystem::path& name, const engine::Topology& topology,
                             engine::Span<const double> masses, std::size_t n_chains,
                             const TrajectoryOptions& options);

}  // namespace saltus::io::detail
