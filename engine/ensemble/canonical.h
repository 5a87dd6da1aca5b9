#pragma once

#include <memory>

#include "engine/ensemble/target_density.h"

namespace saltus::engine {

/// Canonical density of each chain at its own temperature:
/// log pi_c(x) = -beta_c U(x) + const, with respect to `measure`. U is also the guide.
class Canonical final : public TargetDensity {
 public:
  /// Batches are split to what the energy takes (split_to_limits).
  Canonical(const std::shared_ptr<const EnergyFunction>& energy, ReferenceMeasure measure);

  std::size_t n_atoms() const override { return energy_->n_atoms(); }
  ReferenceMeasure measure() const override { return measure_; }
  void evaluate(ConstCoordinates x, TargetTerms& terms) const override;
  void evaluate_with_guide(ConstCoordinates x, Span<const double> guide_energies,
                           TargetTerms& terms) const override;
  double log_density(double energy, Span<const double> other_terms,
                     const ThermodynamicState& state) const override;
  using TargetDensity::log_density;
  const EnergyFunction* guide() const override { return energy_.get(); }
  std::shared_ptr<const EnergyFunction> shared_energy() const { return energy_; }

 private:
  std::shared_ptr<const EnergyFunction> energy_;
  ReferenceMeasure measure_;
};

}  // namespace saltus::engine
