#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "engine/run/move_statistics.h"
#include "engine/run/reporter.h"

namespace saltus::tools {

/// Where a program reports what it is doing: one updated line on a terminal, plain lines from time
/// to time otherwise, nothing when quiet. Writes to standard error.
class Progress {
 public:
  /// @param plain_period  seconds between plain lines
  explicit Progress(bool quiet, double plain_period = 10.0);

  /// A sentence of its own.
  void say(const std::string& text);
  /// A warning; shown even when quiet.
  void warn(const std::string& text);
  /// Starts the clock of a new activity.
  void start(const std::string& activity);
  /// How far the activity is. `details` follow the rate and the time left.
  void update(double fraction, const std::string& details = "");
  /// Ends the activity's line with the time it took.
  void finish(const std::string& details = "");

 private:
  using Clock = std::chrono::steady_clock;
  void show(const std::string& line, bool last);

  bool quiet_, terminal_;
  double plain_period_;
  std::string activity_;
  Clock::time_point started_, shown_;
  std::size_t line_length_ = 0;
};

/// Shows a run: steps, rate, time left and the acceptance of every move.
class ProgressReporter final : public engine::Reporter {
 public:
  ProgressReporter(Progress& progress, std::uint64_t first_step, std::uint64_t n_steps);
  engine::Trigger trigger() const override { return {1}; }
  void on_step(std::uint64_t step, const engine::ChainBatch& chains,
               const engine::TransitionInfo& info) override;
  void on_end(std::uint64_t step, const engine::ChainBatch& chains) override;

 private:
  Progress& progress_;
  std::uint64_t first_step_, n_steps_;
  std::chrono::steady_clock::time_point started_;
  engine::MoveStatisticsTable statistics_;
};

}  // namespace saltus::tools
