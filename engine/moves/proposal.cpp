#include "engine/moves/proposal.h"

#include <cmath>
#include <limits>

#include "engine/core/finite.h"

namespace saltus::engine {

void keep_possible(ConstCoordinates current, ProposalBatch& proposed) {
  for (std::size_t c = 0; c < current.n_chains; ++c) {
    if (std::isfinite(proposed.log_forward[c]) && std::isfinite(proposed.log_reverse[c]) &&
        all_finite(proposed.positions.chain(c)))
      continue;
    proposed.positions.copy_chain(current, c, c);
    proposed.log_forward[c] = -std::numeric_limits<double>::infinity();
  }
}

MoveRequirements Proposal::requirements() const {
  MoveRequirements result;
  result.no_constraints = true;
  result.movable_atoms = true;
  return result;
}

ProposalBatch Proposal::sample_tries(const ChainView& current, std::size_t n_tries,
                                     const StepKey& key) const {
  const std::size_t n = current.positions.n_chains;
  const CoordinateBatch copies = CoordinateBatch::repeated(current.positions, n_tries);
  const CoordinateBatch velocities = CoordinateBatch::repeated(current.velocities, n_tries);
  std::vector<ThermodynamicState> states;
  for (std::size_t c = 0; c < n; ++c) states.insert(states.end(), n_tries, current.states[c]);
  const auto first = static_cast<std::uint32_t>(current.first_chain * n_tries);
  return sample({copies.view(), states, first, velocities.view()}, key);
}

}  // namespace saltus::engine
