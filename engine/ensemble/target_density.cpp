#include "engine/ensemble/target_density.h"

#include <cmath>
#include <string>

#include "engine/core/error.h"

namespace saltus::engine {

const char* name_of(ReferenceMeasure measure) {
  switch (measure) {
    case ReferenceMeasure::kCartesian:
      return "Cartesian";
    case ReferenceMeasure::kCartesianUpToRigidMotion:
      return "Cartesian up to rigid motion";
    case ReferenceMeasure::kTorsionsAtFixedBonds:
      return "torsions at fixed bonds";
    case ReferenceMeasure::kConstraintSurface:
      return "constraint surface";
    case ReferenceMeasure::kCartesianAndVolume:
      return "Cartesian and volume";
    case ReferenceMeasure::kConstraintSurfaceAndVolume:
      return "constraint surface and volume";
  }
  return "unknown";
}

bool measures_agree(ReferenceMeasure target, ReferenceMeasure proposal) {
  if (target == proposal) return true;
  if (proposal == ReferenceMeasure::kConstraintSurface)
    return target == ReferenceMeasure::kConstraintSurfaceAndVolume;
  return proposal == ReferenceMeasure::kCartesian &&
         (target == ReferenceMeasure::kCartesianUpToRigidMotion ||
          target == ReferenceMeasure::kCartesianAndVolume);
}

ReferenceMeasure measure_of(const System& system) {
  if (!system.constraints.empty()) return ReferenceMeasure::kConstraintSurface;
  return laboratory_tie(system).empty() ? ReferenceMeasure::kCartesianUpToRigidMotion
                                        : ReferenceMeasure::kCartesian;
}

ReferenceMeasure with_volume(ReferenceMeasure at_fixed_volume) {
  return at_fixed_volume == ReferenceMeasure::kConstraintSurface
             ? ReferenceMeasure::kConstraintSurfaceAndVolume
             : ReferenceMeasure::kCartesianAndVolume;
}

void TargetDensity::evaluate_with_guide(ConstCoordinates x, Span<const double>,
                                        TargetTerms& terms) const {
  evaluate(x, terms);
}

double TargetDensity::log_density(const ChainBatch& chains, std::size_t c) const {
  return log_density(chains, c, chains.states[c]);
}

double TargetDensity::log_density(const ChainBatch& chains, std::size_t c,
                                  const ThermodynamicState& state) const {
  return log_density(chains.energies[c], chains.other_terms_of(c), state);
}

void TargetDensity::refresh(ChainBatch& chains) const {
  if (const EnergyFunction* energy = guide())
    energy->box_needs().require(chains.positions.boxes(), chains.n_chains());
  TargetTerms terms;
  evaluate(chains.positions.view(), terms);
  chains.energies = std::move(terms.energies);
  chains.other_terms = std::move(terms.others);
  for (std::size_t c = 0; c < chains.n_chains(); ++c)
    if (!std::isfinite(chains.energies[c]))
      throw NumericalError("the energy of chain " + std::to_string(c) +
                           " is not finite: atoms may lie on top of each other; minimise the "
                           "start or use other coordinates");
}

const EnergyFunction& require_guide(const TargetDensity& target, const std::string& who) {
  if (const EnergyFunction* guide = target.guide()) return *guide;
  throw InputError(who +
                   " moves along forces, and the target density has no energy that gives "
                   "some; use a move without forces");
}

}  // namespace saltus::engine
