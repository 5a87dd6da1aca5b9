#pragma once

#include <cstdint>

#include "engine/ensemble/chain_batch.h"
#include "engine/moves/move.h"
#include "engine/run/trigger.h"

namespace saltus::engine {

/// Told about a run as it goes; the only way results leave it.
class Reporter {
 public:
  virtual ~Reporter() = default;
  virtual Trigger trigger() const = 0;
  /// `step` steps have been done; `info` is what the last one did.
  virtual void on_step(std::uint64_t step, const ChainBatch& chains,
                       const TransitionInfo& info) = 0;
  /// The run ended or is about to be left; everything must be on disk when this returns.
  virtual void on_end(std::uint64_t step, const ChainBatch& chains) {
    (void)step;
    (void)chains;
  }
};

}  // namespace saltus::engine
