#include "engine/moves/torsion_walk.h"

#include <cmath>

#include "engine/core/error.h"

namespace saltus::engine {

TorsionWalk::TorsionWalk(std::vector<RotatableBond> bonds, const TorsionWalkOptions& options)
    : bonds_(std::move(bonds)), options_(options) {
  if (bonds_.empty()) throw InputError("torsion_walk: the molecule has no rotatable bond");
  if (!(options_.width_rad > 0.0) || !std::isfinite(options_.width_rad))
    throw InputError("torsion_walk: width must be positive and finite");
}

ProposalBatch TorsionWalk::sample(const ChainView& current, const StepKey& key) const {
  const ConstCoordinates x = current.positions;
  ProposalBatch result(x);
  for (std::size_t c = 0; c < x.n_chains; ++c) {
    const std::uint32_t chain = current.first_chain + static_cast<std::uint32_t>(c);
    const std::size_t choice =
        RandomStream(key, StreamName::kTorsionChoice, chain).below(bonds_.size());
    const double angle =
        options_.width_rad * RandomStream(key, StreamName::kProposal, chain).normal();
    rotate_about_bond(bonds_[choice], angle, result.positions.chain(c));
  }
  return result;
}

}  // namespace saltus::engine
