#pragma once

#include <memory>

#include "engine/ensemble/canonical.h"
#include "engine/ensemble/target_density.h"

namespace saltus::engine {

/// Density of each chain and its box at a temperature and a pressure of its own:
///   log pi_c(x, V) = -beta_c (U(x) + P_c V) + const
/// with respect to d^3N x dV, V the volume of the box: the isothermal-isobaric ensemble. Boxes
/// whose edges change by themselves add d ln(ax/cz) d ln(by/cz); dV times that is dax dby dcz.
/// Chains carry U and V (nm^3); U is the guide. At a fixed box this is the canonical density, so
/// that every move of the measure at fixed volume may be used.
///
/// Boxes narrower than twice the cutoff of U have density 0 (BoxNeeds), which is part of what is
/// sampled: where they would matter, more atoms or a shorter cutoff are needed. They have U = +inf.
/// Source: Wood, J. Chem. Phys. 48, 415 (1968), doi:10.1063/1.1667938; McDonald, Mol. Phys. 23, 41
/// (1972), doi:10.1080/00268977200100031.
class Isobaric final : public TargetDensity {
 public:
  /// Batches are split to what the energy takes (split_to_limits).
  /// @param at_fixed_volume  see measure_of; with constraints d^3N x above is their surface
  explicit Isobaric(const std::shared_ptr<const EnergyFunction>& energy,
                    ReferenceMeasure at_fixed_volume = ReferenceMeasure::kCartesian);

  std::size_t n_atoms() const override { return canonical_.n_atoms(); }
  ReferenceMeasure measure() const override { return with_volume(canonical_.measure()); }
  std::size_t n_other_terms() const override { return 1; }
  /// @throws InputError  when positions come without boxes
  void evaluate(ConstCoordinates x, TargetTerms& terms) const override;
  void evaluate_with_guide(ConstCoordinates x, Span<const double> guide_energies,
                           TargetTerms& terms) const override;
  /// @throws InputError  when the state has no pressure
  double log_density(double energy, Span<const double> other_terms,
                     const ThermodynamicState& state) const override;
  using TargetDensity::log_density;
  const EnergyFunction* guide() const override { return canonical_.guide(); }

 private:
  Canonical canonical_;
};

}  // namespace saltus::engine
