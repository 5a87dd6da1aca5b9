#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/moves/proposal.h"
#include "engine/torsions/torsion_subset_density.h"

namespace saltus::tests {

/// The density of one chain's subset and where the chain is.
struct SubsetState {
  engine::TorsionSubsetDensity density;
  std::vector<double> tau;  ///< [|S|], rad, of the configuration
};

/// Draws the subset of one chain and looks at its configuration [N, 3]; nothing when a torsion of
/// the graph is undefined there.
std::optional<SubsetState> begin_reset(const engine::TorsionResetParts& parts, double temperature_K,
                                       engine::Span<const double> x, engine::RandomStream& random);

/// A torsion reset chain by chain in scalar code, which measures torsions anew before each turn:
/// the reference of engine::TorsionReset, with the same random numbers.
class PlainTorsionReset final : public engine::Proposal {
 public:
  explicit PlainTorsionReset(engine::TorsionResetParts parts) : parts_(std::move(parts)) {}

  std::string name() const override { return "plain_torsion_reset"; }
  engine::ReferenceMeasure measure() const override { return engine::ReferenceMeasure::kCartesian; }
  engine::ProposalBatch sample(const engine::ChainView& current,
                               const engine::StepKey& key) const override {
    return sample_tries(current, 1, key);
  }
  engine::ProposalBatch sample_tries(const engine::ChainView& current, std::size_t n_tries,
                                     const engine::StepKey& key) const override;
  bool tries_are_interchangeable() const override { return true; }

 private:
  engine::TorsionResetParts parts_;
};

/// Expects the same draws and log-densities of n_tries tries of each chain, to 1e-10.
void expect_plain_reset(const engine::TorsionResetParts& parts, const engine::ChainView& chains,
                        std::size_t n_tries, const engine::StepKey& key);

}  // namespace saltus::tests
