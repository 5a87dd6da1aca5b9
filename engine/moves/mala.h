#pragma once

#include <memory>
#include <vector>

#include "engine/moves/proposal.h"

namespace saltus::engine {

/// Step of MalaProposal.
struct MalaOptions {
  double step_nm = 0.002;  ///< length for a mass of 1 dalton
};

/// Metropolis-adjusted Langevin proposal: x' = x + (s_i^2/2) beta F(x) + s_i xi, with one length
/// per atom, s_i = step_nm sqrt(1 dalton / m_i). Use inside Metropolis. Source: Roberts, Tweedie,
/// Bernoulli 2, 341 (1996), doi:10.2307/3318418.
class MalaProposal final : public TractableProposal {
 public:
  /// @throws InputError  when the step or a mass is not positive
  MalaProposal(const std::shared_ptr<const EnergyFunction>& energy, const MalaOptions& options,
               std::vector<double> masses);

  std::string name() const override { return "mala"; }
  bool treats_chains_alone() const override { return true; }
  ReferenceMeasure measure() const override { return ReferenceMeasure::kCartesian; }
  /// Atoms move by their masses; those of mass 0, also virtual sites, are refused by the
  /// constructor.
  MoveRequirements requirements() const override;
  ProposalBatch sample(const ChainView& current, const StepKey& key) const override;
  void log_density(ConstCoordinates to, const ChainView& from,
                   Span<double> log_density) const override;

 private:
  std::shared_ptr<const EnergyFunction> energy_;
  std::vector<double> lengths_;  ///< [N], nm
};

}  // namespace saltus::engine
