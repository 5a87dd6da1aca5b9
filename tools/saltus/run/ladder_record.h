#pragma once

#include <cstdint>
#include <vector>

#include "engine/run/free_energy_summary.h"
#include "io/hdf5/trajectory_reader.h"
#include "io/report/report_data.h"

namespace saltus::tools {

/// What a trajectory holds of its ladders.
/// @param temperatures_K  its levels, ascending
/// @throws InputError  when chains are not in ladders of these levels, or there are volumes and the
///                     file does not say the pressure
engine::LadderRecord read_ladders(const io::TrajectoryReader& reader,
                                  const std::vector<double>& temperatures_K,
                                  std::uint64_t n_frames);

/// Free energies of the levels of a trajectory; why there are none, when weights differ.
engine::FreeEnergySummary ladder_free_energies(const io::TrajectoryReader& reader,
                                               const engine::LadderRecord& record);

/// For each pair of neighbours the distributions of work up and of minus the work down, of the map
/// if there is one; pairs whose work never changes are left out, and so are infinite works and half
/// a per cent of the others at each end.
std::vector<io::HistogramPlot> work_histograms(const engine::LadderRecord& record);

}  // namespace saltus::tools
