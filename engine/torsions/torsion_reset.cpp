#include "engine/torsions/torsion_reset.h"

#include <algorithm>
#include <limits>

#include "engine/torsions/subset_density.h"

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

ProposalBatch TorsionReset::sample(const ChainView& current, const StepKey& key) const {
  const TorsionResetParts parts{graph_, model_, options_};
  const ConstCoordinates x = current.positions;
  ProposalBatch result(x.n_chains, x.n_atoms);
  std::copy(x.data, x.data + x.size(), result.positions.values().begin());
  std::vector<double> tau;
  for (std::size_t c = 0; c < x.n_chains; ++c) {
    const std::uint32_t chain = current.first_chain + static_cast<std::uint32_t>(c);
    RandomStream subset_stream(key, StreamName::kTorsionSubset, chain);
    std::optional<SubsetState> state =
        begin_reset(parts, current.states[c].temperature_K, x.chain(c), subset_stream);
    if (!state) {
      result.log_forward[c] = -std::numeric_limits<double>::infinity();
      continue;
    }
    RandomStream angle_stream(key, StreamName::kProposal, chain);
    tau.resize(state->tau.size());
    result.log_forward[c] = state->density.draw(angle_stream, tau);
    result.log_reverse[c] = state->density.log_density(state->tau);
    set_torsions(*graph_, state->density.subset(), tau, result.positions.chain(c));
  }
  return result;
}

}  // namespace saltus::engine
