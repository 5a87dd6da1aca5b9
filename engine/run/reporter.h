#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

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

using StepCallback =
    std::function<void(std::uint64_t step, const ChainBatch& chains, const TransitionInfo& info)>;

/// A reporter that calls a function every `period` steps.
class CallbackReporter final : public Reporter {
 public:
  CallbackReporter(std::uint64_t period, StepCallback callback)
      : period_(period), callback_(std::move(callback)) {}
  Trigger trigger() const override { return {period_}; }
  void on_step(std::uint64_t step, const ChainBatch& chains, const TransitionInfo& info) override {
    callback_(step, chains, info);
  }

 private:
  std::uint64_t period_;
  StepCallback callback_;
};

/// A CallbackReporter.
inline std::shared_ptr<Reporter> every(std::uint64_t period, StepCallback callback) {
  return std::make_shared<CallbackReporter>(period, std::move(callback));
}

}  // namespace saltus::engine
