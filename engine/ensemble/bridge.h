#pragma once

#include <memory>

#include "engine/ensemble/reference_density.h"
#include "engine/ensemble/target_density.h"

namespace saltus::engine {

/// Densities between a reference p0 and the canonical one:
///   log pi(x) = (1 - l) log p0(x) - l beta U(x) + const, l = ThermodynamicState::path in [0, 1].
/// Chains carry U and log p0, neither of which depends on l. The guide is U. Where a density that
/// counts vanishes or is undefined, so does pi.
/// Source: Neal, Stat. Comput. 11, 125 (2001), eq. 3, doi:10.1023/A:1008923215028.
class Bridge final : public TargetDensity {
 public:
  /// @throws InternalError  when one is null or their atom numbers differ
  Bridge(const std::shared_ptr<const EnergyFunction>& energy,
         std::shared_ptr<const ReferenceDensity> reference, ReferenceMeasure measure);

  std::size_t n_atoms() const override { return energy_->n_atoms(); }
  ReferenceMeasure measure() const override { return measure_; }
  std::size_t n_other_terms() const override { return 1; }
  void evaluate(ConstCoordinates x, TargetTerms& terms) const override;
  void evaluate_with_guide(ConstCoordinates x, Span<const double> guide_energies,
                           TargetTerms& terms) const override;
  double log_density(double energy, Span<const double> other_terms,
                     const ThermodynamicState& state) const override;
  using TargetDensity::log_density;
  const EnergyFunction* guide() const override { return energy_.get(); }

 private:
  std::shared_ptr<const EnergyFunction> energy_;
  std::shared_ptr<const ReferenceDensity> reference_;
  ReferenceMeasure measure_;
};

}  // namespace saltus::engine
