#pragma once

#include <vector>

#include "engine/system/topology.h"
#include "io/hdf5/trajectory_layout_detail.h"
#include "io/hdf5/trajectory_reader.h"

namespace saltus::io::detail {

/// What a trajectory file holds besides its frames.
struct TrajectoryHeader {
  engine::Topology topology;
  std::vector<double> masses;  ///< [N], dalton
  TrajectoryInfo info;
};

/// @throws FileError  when something is missing, damaged or of another size than `shape`
TrajectoryHeader read_trajectory_header(hid_t file, const TrajectoryShape& shape,
                                        const std::string& what);

/// Options that would create a file like this one. `n_chains` rows make a frame.
TrajectoryOptions options_like(hid_t file, const TrajectoryShape& shape, const TrajectoryInfo& info,
                               const std::string& what);

}  // namespace saltus::io::detail
