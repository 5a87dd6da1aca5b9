#include "engine/ensemble/canonical.h"

#include "engine/core/error.h"
#include "engine/potential/decorators.h"

namespace saltus::engine {

Canonical::Canonical(const std::shared_ptr<const EnergyFunction>& energy, ReferenceMeasure measure)
    : measure_(measure) {
  if (!energy) throw InternalError("canonical density without an energy function");
  energy_ = split_to_limits(energy);
}

void Canonical::evaluate(ConstCoordinates x, TargetTerms& terms) const {
  terms.resize(x.n_chains, 0);
  energy_->evaluate(x, terms.energies, {});
}

void Canonical::evaluate_with_guide(ConstCoordinates x, Span<const double> guide_energies,
                                    TargetTerms& terms) const {
  terms.resize(x.n_chains, 0);
  terms.energies.assign(guide_energies.begin(), guide_energies.end());
}

double Canonical::log_density(double energy, Span<const double>,
                              const ThermodynamicState& state) const {
  return -state.beta() * energy;
}

}  // namespace saltus::engine
