#pragma once

#include <cstddef>
#include <vector>

#include "engine/moves/proposal.h"
#include "engine/system/topology.h"

namespace saltus::engine {

/// A bond that can be turned, and the atoms that turn with it (those on the side of `axis_to`).
struct RotatableBond {
  std::size_t axis_from = 0, axis_to = 0;
  std::vector<std::size_t> moving;  ///< ascending, without axis_to
};

/// Every acyclic bond with neighbours on both ends; the smaller side moves.
std::vector<RotatableBond> rotatable_bonds(const Topology& topology);

/// Turns one bond, chosen uniformly, by a normal angle of the given width.
/// Both log-densities are 0: the map is a rotation (it preserves Cartesian volume) with a symmetric
/// angle, so its path terms cancel; the proposal is not tractable as a density in 3N dimensions.
class TorsionWalk final : public Proposal {
 public:
  /// @throws InputError  when there is no rotatable bond or the width is not positive
  TorsionWalk(std::vector<RotatableBond> bonds, double width_rad);

  std::string name() const override { return "torsion_walk"; }
  ReferenceMeasure measure() const override { return ReferenceMeasure::kCartesian; }
  ProposalBatch sample(const ChainView& current, const StepKey& key) const override;

 private:
  std::vector<RotatableBond> bonds_;
  double width_rad_;
};

}  // namespace saltus::engine
