#pragma once

#include <cstddef>
#include <vector>

#include "engine/core/units.h"
#include "engine/moves/bond_rotation.h"
#include "engine/moves/proposal.h"

namespace saltus::engine {

/// Step of TorsionWalk.
struct TorsionWalkOptions {
  double width_rad = 30.0 * kRadianPerDegree;  ///< standard deviation of the angle
};

/// Turns one bond, chosen uniformly, by a normal angle of the given width.
/// Both log-densities are 0: the map is a rotation (it preserves Cartesian volume) with a symmetric
/// angle, so its path terms cancel; the proposal is not tractable as a density in 3N dimensions.
class TorsionWalk final : public Proposal {
 public:
  /// @throws InputError  when there is no rotatable bond or the width is not positive
  TorsionWalk(std::vector<RotatableBond> bonds, const TorsionWalkOptions& options);

  std::string name() const override { return "torsion_walk"; }
  ReferenceMeasure measure() const override { return ReferenceMeasure::kCartesian; }
  ProposalBatch sample(const ChainView& current, const StepKey& key) const override;

 private:
  std::vector<RotatableBond> bonds_;
  TorsionWalkOptions options_;
};

}  // namespace saltus::engine
