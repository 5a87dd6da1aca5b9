#pragma once

#include <functional>
#include <limits>
#include <memory>

#include "engine/moves/move.h"

namespace saltus::engine {

/// What to aim for, and how long.
struct StepSizeTunerOptions {
  double initial_step = 0.001;     ///< in the unit the factory expects, > 0
  double target_acceptance = 0.8;  ///< in (0, 1)
  std::size_t n_rounds = 40;       ///< >= 8; applications of trial moves after the first search
  /// The largest step worth having, e.g. pi for an angle; >= initial_step.
  double max_step = std::numeric_limits<double>::infinity();
};

/// A move with its step frozen.
struct TunedMove {
  std::unique_ptr<const Move> move;
  double step = 0.0;
  double acceptance = 0.0;  ///< mean acceptance probability over the last quarter of the rounds
};

/// Finds the step at which a move reaches an acceptance: first by factors of 2 until the acceptance
/// crosses the target, then by stochastic approximation of log step (dual averaging; Hoffman,
/// Gelman, JMLR 15, 1593 (2014), section 3.2, with gamma 0.2). Moves the chains meanwhile: warm-up
/// only, since an adapting chain has no invariant density. Returns a new move with the step frozen;
/// when acceptance is above the target even at `max_step`, that step.
/// @param factory  makes the move of a given step; acceptance is averaged over all its records
/// @throws InputError      when an option is out of range, or the move does not accept or reject
/// @throws NumericalError  when no step within a factor 1e6 of the first one reaches the target
/// from
///                         the other side (nothing is accepted, or no step is ever too large)
TunedMove tune_step_size(const std::function<std::unique_ptr<const Move>(double step)>& factory,
                         const StepSizeTunerOptions& options, ChainBatch& chains,
                         const TargetDensity& target, const StepKey& key);

}  // namespace saltus::engine
