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
    case ReferenceMeasure::kRigidBodies:
      return "rigid bodies";
  }
  return "unknown";
}

bool measures_agree(ReferenceMeasure target, ReferenceMeasure proposal) {
  if (target == proposal) return true;
  return target == ReferenceMeasure::kCartesianUpToRigidMotion &&
         proposal == ReferenceMeasure::kCartesian;
}

ReferenceMeasure measure_of(const System& system) {
  return laboratory_tie(system).empty() ? ReferenceMeasure::kCartesianUpToRigidMotion
                                        : ReferenceMeasure::kCartesian;
}

TargetDensity::TargetDensity(std::shared_ptr<const EnergyFunction> energy, ReferenceMeasure measure)
    : energy_(std::move(energy)), measure_(measure) {
  if (!energy_) throw InternalError("TargetDensity without an energy function");
}

double TargetDensity::log_density(double energy, const ThermodynamicState& state) const {
  return -state.beta() * energy;
}

void TargetDensity::refresh_energies(ChainBatch& chains) const {
  energy_->evaluate(chains.positions.view(), chains.energies, {});
  for (std::size_t c = 0; c < chains.n_chains(); ++c)
    if (!std::isfinite(chains.energies[c]))
      throw NumericalError("the energy of chain " + std::to_string(c) +
                           " is not finite: atoms may lie on top of each other; minimise the "
                           "start or use other coordinates");
}

}  // namespace saltus::engine
