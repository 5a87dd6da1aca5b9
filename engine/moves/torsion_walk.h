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
  /// Part of the steps that turn by 180 degrees more, in [0, 1]: over barriers that no small turn
  /// crosses, such as those between cis and trans.
  double half_turns = 0.0;
};

/// Turns one bond, chosen uniformly, by a normal angle of the given width about 0, or about 180
/// degrees, which is as symmetric: 180 and -180 degrees are one turn.
/// Both log-densities are 0: the map is a rotation (it preserves Cartesian volume) with a symmetric
/// angle, so its path terms cancel; the proposal is not tractable as a density in 3N dimensions.
class TorsionWalk final : public Proposal {
 public:
  /// @throws InputError  when there is no rotatable bond the width is not
  ///                     positive, or the part of half-turns is not in [0, 1]
  TorsionWalk(std::vector<RotatableBond> bonds, const TorsionWalkOptions& options);

  std::string name() const override { return "torsion_walk"; }
  bool treats_chains_alone() const override { return true; }
  ReferenceMeasure measure() const override { return ReferenceMeasure::kCartesian; }
  ProposalBatch sample(const ChainView& current, const StepKey& key) const override;

 private:
  std::vector<RotatableBond> bonds_;
  TorsionWalkOptions options_;
};

}  // namespace saltus::engine
