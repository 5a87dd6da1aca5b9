#include "engine/ensemble/bridge.h"

#include <cmath>
#include <limits>
#include <utility>

#include "engine/core/error.h"
#include "engine/potential/decorators.h"

namespace saltus::engine {

namespace {

/// A factor of 0 switches a number off, infinite or not.
double scaled(double factor, double value) { return factor == 0.0 ? 0.0 : factor * value; }

}  // namespace

Bridge::Bridge(const std::shared_ptr<const EnergyFunction>& energy,
               std::shared_ptr<const ReferenceDensity> reference, ReferenceMeasure measure)
    : reference_(std::move(reference)), measure_(measure) {
  if (!energy || !reference_ || energy->n_atoms() != reference_->n_atoms())
    throw InternalError("bridge: an energy and a reference density of the same atoms are needed");
  energy_ = split_to_limits(energy);
}

void Bridge::evaluate(ConstCoordinates x, TargetTerms& terms) const {
  terms.resize(x.n_chains, 1);
  energy_->evaluate(x, terms.energies, {});
  reference_->log_density(x, terms.others);
}

void Bridge::evaluate_with_guide(ConstCoordinates x, Span<const double> guide_energies,
                                 TargetTerms& terms) const {
  terms.resize(x.n_chains, 1);
  terms.energies.assign(guide_energies.begin(), guide_energies.end());
  reference_->log_density(x, terms.others);
}

double Bridge::log_density(double energy, Span<const double> other_terms,
                           const ThermodynamicState& state) const {
  const double value =
      scaled(1.0 - state.path, other_terms[0]) - scaled(state.path * state.beta(), energy);
  return std::isnan(value) || value == std::numeric_limits<double>::infinity()
             ? -std::numeric_limits<double>::infinity()
             : value;
}

}  // namespace saltus::engine
