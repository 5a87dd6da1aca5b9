#include "engine/torsions/torsion_reset.h"

#include <limits>

#include "engine/torsions/torsion_subset_density.h"

namespace saltus::engine {

TorsionReset::TorsionReset(std::shared_ptr<const TorsionGraph> graph,
                           std::shared_ptr<const TorsionModel> model,
                           const TorsionResetOptions& options)
    : graph_(std::move(graph)), model_(std::move(model)), options_(options) {
  check_torsion_reset("torsion_reset", {graph_, model_, options_});
}

std::string TorsionReset::name() const {
  return "torsion_reset_" + std::to_string(options_.n_torsions);
}

ProposalBatch TorsionReset::sample_tries(const ChainView& current, std::size_t n_tries,
                                         const StepKey& key) const {
  const TorsionResetParts parts{graph_, model_, options_};
  const ConstCoordinates x = current.positions;
  ProposalBatch result(x, n_tries);
  std::vector<double> tau;
  for (std::size_t c = 0; c < x.n_chains; ++c) {
    const std::uint32_t chain = current.first_chain + static_cast<std::uint32_t>(c);
    RandomStream subset_stream(key, StreamName::kTorsionSubset, chain);
    std::optional<SubsetState> state =
        begin_reset(parts, current.states[c].temperature_K, x.chain(c), subset_stream);
    RandomStream angle_stream(key, StreamName::kProposal, chain);
    const double log_reverse = state ? state->density.log_density(state->tau) : 0.0;
    for (std::size_t row = c * n_tries; row < (c + 1) * n_tries; ++row) {
      result.log_reverse[row] = log_reverse;
      if (!state) {
        result.log_forward[row] = -std::numeric_limits<double>::infinity();
        continue;
      }
      tau.resize(state->tau.size());
      result.log_forward[row] = state->density.draw(angle_stream, tau);
      set_torsions(*graph_, state->density.subset(), tau, result.positions.chain(row));
    }
  }
  return result;
}

}  // namespace saltus::engine
