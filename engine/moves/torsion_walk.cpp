#include "engine/moves/torsion_walk.h"

#include <cmath>

#include "engine/core/error.h"

namespace saltus::engine {

TorsionWalk::TorsionWalk(std::vector<RotatableBond> bonds, const TorsionWalkOptions& options)
    : bonds_(std::move(bonds)), options_(options) {
  if (bonds_.empty()) throw InputError("torsion_walk: the molecule has no rotatable bond");
  if (!(options_.width_rad > 0.0) || !std::isfinite(options_.width_rad))
    throw InputError("torsion_walk: width must be positive and finite");
  if (!(options_.half_turns >= 0.0) || !(options_.half_turns <= 1.0))
    throw InputError("torsion_walk: the part of half-turns must be between 0 and 1");
}

ProposalBatch TorsionWalk::sample(const ChainView& current, const StepKey& key) const {
  const ConstCoordinates x = current.positions;
  ProposalBatch result(x);
  for (std::size_t c = 0; c < x.n_chains; ++c) {
    const std::uint32_t chain = current.first_chain + static_cast<std::uint32_t>(c);
    const std::size_t choice =
        RandomStream(key, StreamName::kTorsionChoice, chain).below(bonds_.size());
    RandomStream stream(key, StreamName::kProposal, chain);
    double angle = options_.width_rad * stream.normal();
    if (options_.half_turns > 0.0 && stream.uniform() < options_.half_turns) angle += kPi;
    rotate_about_bond(bonds_[choice], angle, result.positions.chain(c));
  }
  return result;
}

}  // namespace saltus::engine
