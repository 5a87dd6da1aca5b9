#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/diagnostics/tica.h"
#include "engine/run/run_summary.h"
#include "engine/system/topology.h"
#include "tools/saltus/run/compared_coordinates.h"
#include "tools/saltus/run/series.h"

namespace saltus::tools {

/// A finished run as a comparison needs it: all frames of the chains at the lowest temperature.
/// Series are chain-major, [n_chains * n_steps].
struct ComparedTrajectory {
  std::filesystem::path path;
  std::string force_field;
  engine::RunSummary summary;  ///< what summary.json of the run says; costs only with a checkpoint
  double temperature_K = 0.0;  ///< lowest level
  std::size_t n_chains = 0, n_steps = 0;
  std::vector<double> energies_kT;
  std::vector<std::vector<double>> angles;  ///< as ComparedCoordinates::torsions; rad
  std::vector<std::vector<double>> tics;    ///< after project()
  std::vector<float> heavy_positions;       ///< [n_chains * n_steps, heavy atoms, 3], nm

  std::size_t n_frames() const { return n_chains * n_steps; }
  engine::ChainSeries series(const std::vector<double>& values) const {
    return {values, n_chains, n_steps};
  }
  /// Whether costs are known, and which.
  const engine::SamplerEfficiency* costs() const {
    return summary.samplers.empty() ? nullptr : &summary.samplers.front();
  }
};

/// Topology of a trajectory.
engine::Topology topology_of(const std::filesystem::path& path);

/// Reads a trajectory and measures its frames, those its checkpoint vouches for.
/// @param topology  what its atoms have to be
/// @throws InputError  when its atoms are others, it has boxes, its chains are weighted, or as
///                     analyse_run
ComparedTrajectory read_compared(const std::filesystem::path& path,
                                 const engine::Topology& topology,
                                 const ComparedCoordinates& coordinates);

/// Features of parts of a trajectory, of at most about `max_frames` frames: whole chains, or else
/// pieces of at least ten lags spread evenly over all chains. Refers to both arguments.
engine::FeatureChains features_for_fit(const ComparedTrajectory& trajectory,
                                       const ComparedCoordinates& coordinates, FeatureChoice choice,
                                       std::size_t lag, std::size_t max_frames);

/// Sets `tics` and frees the positions.
void project(const engine::TicaModel& tica, const ComparedCoordinates& coordinates,
             FeatureChoice choice, ComparedTrajectory& trajectory);

}  // namespace saltus::tools
