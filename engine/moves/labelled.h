#pragma once

#include <memory>
#include <string>

#include "engine/moves/move.h"

namespace saltus::engine {

/// An elementary move under another name, so that two moves of one kind can be told apart.
class Labelled final : public Move {
 public:
  Labelled(std::shared_ptr<const Move> move, std::string label)
      : move_(std::move(move)), label_(std::move(label)) {}

  std::string name() const override { return label_; }
  Invariance invariance() const override { return move_->invariance(); }
  MoveRequirements requirements() const override { return move_->requirements(); }
  bool treats_chains_alone() const override { return move_->treats_chains_alone(); }
  TransitionInfo apply(ChainBatch& chains, const TargetDensity& target,
                       const StepKey& key) const override {
    TransitionInfo info = move_->apply(chains, target, key);
    for (MoveRecord& record : info.records) record.name = label_;
    return info;
  }

 private:
  std::shared_ptr<const Move> move_;
  std::string label_;
};

}  // namespace saltus::engine
