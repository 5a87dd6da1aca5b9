#include "engine/rings/ring_flip.h"

#include <cmath>
#include <limits>
#include <utility>

#include "engine/core/error.h"

namespace saltus::engine {

RingFlip::RingFlip(std::vector<std::shared_ptr<const RingStates>> systems)
    : systems_(std::move(systems)) {
  if (systems_.empty()) throw InputError("ring_flip: no ring has states that are known");
  for (const auto& system : systems_)
    if (!system || system->size() < 2)
      throw InputError("ring_flip: a ring system needs two states at least");
}

ProposalBatch RingFlip::sample(const ChainView& current, const StepKey& key) const {
  constexpr double kImpossible = -std::numeric_limits<double>::infinity();
  const ConstCoordinates x = current.positions;
  ProposalBatch result(x);
  std::vector<double> q;
  for (std::size_t c = 0; c < x.n_chains; ++c) {
    const std::uint32_t chain = current.first_chain + static_cast<std::uint32_t>(c);
    RandomStream stream(key, StreamName::kProposal, chain);
    const RingStates& states = *systems_[stream.below(systems_.size())];
    const double uniform = stream.uniform();
    result.log_forward[c] = kImpossible;
    const std::size_t i = states.nearest(x.chain(c));
    if (i == states.size()) continue;
    const std::size_t j = states.choose(i, uniform);

    q.resize(states.system().n_coordinates());
    RingPose pose;
    const double before = states[i].coordinates.measure(x.chain(c), q, pose);
    const double log_det = states.carry(i, j, q);
    const double after =
        states[j].coordinates.build(q, pose, x.chain(c), result.positions.chain(c));
    if (!std::isfinite(before) || !std::isfinite(after)) continue;
    // From x' the same map would be tried backwards only if x' counts as state j.
    if (states.nearest(result.positions.view().chain(c)) != j) continue;
    result.log_forward[c] = states.log_choice(i, j);
    result.log_reverse[c] = states.log_choice(j, i) + log_det + after - before;
  }
  return result;
}

}  // namespace saltus::engine
