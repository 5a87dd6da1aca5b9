#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "engine/moves/move.h"
#include "engine/run/move_statistics.h"
#include "engine/run/reporter.h"

namespace saltus::engine {

/// How long to run and how often to look.
struct SimulationOptions {
  std::uint64_t seed = 0;
  std::uint64_t n_steps = 0;     ///< total, counted from step 0 also after a restart
  std::uint64_t first_step = 0;  ///< steps already done
  /// Every so many steps all that chains carry is compared with fresh values; 0 never.
  std::uint64_t energy_check_period = 1000;
  double energy_tolerance = 1e-6;  ///< kJ/mol, relative to max(1, |U|)
  /// Looks at the chains whenever energies are compared, when a move fails with a NumericalError
  /// and, when no interruption ends the run, after the last step; may throw. Empty: no inspection.
  std::function<void(std::uint64_t step, const ChainBatch& chains)> inspect = {};
};

/// Why a run returned.
enum class RunEnd { kFinished, kInterrupted };

/// The loop of everything that moves chains step by step (production, warm-up, pilots, ensembles,
/// annealing): applies one move over and over, checks what chains carry, adds up statistics and
/// tells reporters. Step s draws by the key {seed, s}.
class Simulation {
 public:
  /// @param target  must outlive this
  Simulation(std::shared_ptr<const Move> move, const TargetDensity& target,
             SimulationOptions options);

  void add_reporter(std::shared_ptr<Reporter> reporter);
  MoveStatisticsTable& statistics() { return statistics_; }

  /// Runs until n_steps are done or `interrupted` returns true (asked between steps). Reporters'
  /// on_end is called in both cases.
  /// @throws NumericalError  when a chain's energy is not finite or has drifted from its positions;
  ///                         names chain and step
  RunEnd run(ChainBatch& chains, const std::function<bool()>& interrupted);

 private:
  TransitionInfo apply_move(std::uint64_t step, ChainBatch& chains) const;
  void check_energies(std::uint64_t step, const ChainBatch& chains) const;

  std::shared_ptr<const Move> move_;
  const TargetDensity& target_;
  SimulationOptions options_;
  std::vector<std::shared_ptr<Reporter>> reporters_;
  MoveStatisticsTable statistics_;
};

}  // namespace saltus::engine
