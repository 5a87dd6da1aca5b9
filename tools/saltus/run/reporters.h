#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "engine/run/reporter.h"
#include "engine/system/molecules.h"
#include "io/hdf5/trajectory_writer.h"
#include "tools/saltus/run/observables.h"
#include "tools/saltus/run/record.h"

namespace saltus::tools {

/// Appends frames with what is measured of them, and the weights chains have by then, to a
/// trajectory.
class TrajectoryReporter final : public engine::Reporter {
 public:
  /// @param options    those of the writer: which of velocities and boxes it stores; its
  /// observables
  ///                   are the columns of these
  /// @param molecules  which are stored in the box of their chain, each whole; the chains' own
  ///                   positions stay as they are
  TrajectoryReporter(io::TrajectoryWriter& writer, FrameObservables observables,
                     const io::TrajectoryOptions& options, engine::Molecules molecules,
                     std::uint64_t period);
  engine::Trigger trigger() const override { return {period_}; }
  void on_step(std::uint64_t step, const engine::ChainBatch& chains,
               const engine::TransitionInfo& info) override;

 private:
  io::TrajectoryWriter& writer_;
  FrameObservables observables_;
  bool velocities_, boxes_;
  engine::Molecules molecules_;
  std::uint64_t period_;
};

/// What every checkpoint of a run says.
struct RunFacts {
  std::uint64_t seed = 0;
  std::string deck_digest;
  RunRecord record;
};

/// What a run counts as it goes.
struct RunCounts {
  const engine::MoveStatisticsTable& statistics;
  const engine::RoundTrips& round_trips;
};

/// Brings the trajectory to disk, then writes a checkpoint; also at the end of a run.
class CheckpointReporter final : public engine::Reporter {
 public:
  CheckpointReporter(std::filesystem::path path, io::TrajectoryWriter& writer, std::uint64_t period,
                     RunFacts facts, const RunCounts& counts);
  engine::Trigger trigger() const override { return {period_}; }
  void on_step(std::uint64_t step, const engine::ChainBatch& chains,
               const engine::TransitionInfo& info) override;
  void on_end(std::uint64_t step, const engine::ChainBatch& chains) override;
  void save(std::uint64_t step, const engine::ChainBatch& chains);

 private:
  std::filesystem::path path_;
  io::TrajectoryWriter& writer_;
  std::uint64_t period_;
  RunFacts facts_;
  RunCounts counts_;
};

}  // namespace saltus::tools
