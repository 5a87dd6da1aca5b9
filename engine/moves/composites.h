#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/moves/move.h"

namespace saltus::engine {

/// One move after another; exact when every part is.
class Sequence final : public Move {
 public:
  struct Part {
    std::shared_ptr<const Move> move;
    std::size_t repeat = 1;
    /// Runs in every so many steps only, the last of each period; its key then counts periods.
    std::size_t period = 1;
    /// Draws by the step's key itself instead of a key of its own: right for one part whose streams
    /// no other part uses, as those of ReplicaExchange.
    bool step_key = false;
  };
  /// @param first_slot  number of the first part's key among the step's children, so that two
  ///                    sequences of one step can have random numbers of their own
  /// @throws InputError  when empty, or a repeat or a period is 0
  explicit Sequence(std::vector<Part> parts, std::uint32_t first_slot = 0);

  std::string name() const override { return "sequence"; }
  Invariance invariance() const override;
  MoveRequirements requirements() const override;
  bool treats_chains_alone() const override;
  TransitionInfo apply(ChainBatch& chains, const TargetDensity& target,
                       const StepKey& key) const override;

 private:
  std::vector<Part> parts_;
  std::uint32_t first_slot_;
};

/// One of several moves, drawn with fixed probabilities that never depend on the state; the same
/// draw for all chains of a step. Exact when every part is.
class RandomMixture final : public Move {
 public:
  struct Part {
    std::shared_ptr<const Move> move;
    double weight = 1.0;
  };
  /// @throws InputError  when empty or a weight is not positive and finite
  explicit RandomMixture(std::vector<Part> parts);

  std::string name() const override { return "mixture"; }
  Invariance invariance() const override;
  MoveRequirements requirements() const override;
  bool treats_chains_alone() const override;
  TransitionInfo apply(ChainBatch& chains, const TargetDensity& target,
                       const StepKey& key) const override;

 private:
  std::vector<Part> parts_;
  double total_weight_ = 0.0;
};

}  // namespace saltus::engine
