#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/moves/move.h"

namespace saltus::engine {

/// Mean and spread of the work of a move's proposals, -log acceptance ratio in kT, as they come in
/// (Welford, Technometrics 4, 419 (1962), doi:10.1080/00401706.1962.10490022).
struct WorkMoments {
  std::uint64_t count = 0;  ///< proposals with a finite work
  double mean = 0.0;
  double sum_of_squares = 0.0;  ///< of the deviations from the mean

  void add(double work);
  /// With count - 1 in the denominator; NaN for fewer than two.
  double standard_deviation() const;
};

/// Running totals of one elementary move over a run.
struct MoveStatistics {
  std::string name;
  /// Chains it was applied to, summed over applications; invalid proposals are rejections too.
  std::uint64_t proposed = 0, accepted = 0, invalid = 0;
  std::uint64_t n_energy_evaluations = 0;
  double cpu_seconds = 0.0;
  std::uint64_t longest_rejection_run = 0;  ///< in any chain, in applications of this move
  /// Of all proposals; 0 when none was above 0. A rough guard against heavy tails.
  double largest_log_ratio = 0.0;
  WorkMoments work;
  std::vector<std::uint64_t> current_rejection_run;  ///< [B]

  double acceptance() const {
    return proposed == 0 ? 0.0 : static_cast<double>(accepted) / static_cast<double>(proposed);
  }
};

/// Adds up TransitionInfos by move name, or "name/kind" for moves that propose in several ways, in
/// order of first appearance.
class MoveStatisticsTable {
 public:
  /// Rejection runs continue from call to call; a chain the move was not applied to keeps its run,
  /// and log-ratios that are NaN count for nothing.
  /// @throws InternalError  when a move reports another number of chains than before
  void add(const TransitionInfo& info);
  const std::vector<MoveStatistics>& rows() const { return rows_; }
  std::vector<MoveStatistics>& rows() { return rows_; }

 private:
  std::vector<MoveStatistics> rows_;
};

}  // namespace saltus::engine
