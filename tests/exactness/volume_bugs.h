#pragma once

#include <cmath>
#include <string>
#include <utility>

#include "engine/moves/volume_change.h"

namespace saltus::tests {

/// A change of volume with a wrong number of molecules in its ratio; 0 is right.
class MiscountingVolumeChange final : public engine::Proposal {
 public:
  MiscountingVolumeChange(engine::VolumeChange inner, double miscount)
      : inner_(std::move(inner)), miscount_(miscount) {}
  std::string name() const override { return "miscounting"; }
  engine::ReferenceMeasure measure() const override { return inner_.measure(); }
  engine::ProposalBatch sample(const engine::ChainView& current,
                               const engine::StepKey& key) const override {
    engine::ProposalBatch batch = inner_.sample(current, key);
    for (std::size_t c = 0; c < batch.log_reverse.size(); ++c)
      batch.log_reverse[c] += miscount_ * std::log(batch.positions.boxes()[c].volume() /
                                                   current.positions.boxes[c].volume());
    return batch;
  }

 private:
  engine::VolumeChange inner_;
  double miscount_;
};

}  // namespace saltus::tests
