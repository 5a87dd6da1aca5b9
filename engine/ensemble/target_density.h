#pragma once

#include <memory>

#include "engine/ensemble/chain_batch.h"
#include "engine/potential/energy_function.h"
#include "engine/system/system.h"

namespace saltus::engine {

/// With respect to which volume element a density is one.
enum class ReferenceMeasure {
  kCartesian,                 ///< all 3N Cartesian coordinates
  kCartesianUpToRigidMotion,  ///< Cartesian; density invariant under translation and rotation
  kTorsionsAtFixedBonds,      ///< torsions only, no metric factor
  kRigidBodies,               ///< positions and orientations
};

/// "Cartesian", "Cartesian up to rigid motion", ...: for messages and model cards.
const char* name_of(ReferenceMeasure measure);

/// The measure of a system's canonical density: up to rigid motion when nothing ties the system to
/// the laboratory (laboratory_tie), else Cartesian.
ReferenceMeasure measure_of(const System& system);

/// Canonical density of each chain at its own temperature:
/// log pi_c(x) = -beta_c U(x) + const, with respect to `measure`.
class TargetDensity {
 public:
  TargetDensity(std::shared_ptr<const EnergyFunction> energy, ReferenceMeasure measure);

  const EnergyFunction& energy() const { return *energy_; }
  std::shared_ptr<const EnergyFunction> shared_energy() const { return energy_; }
  ReferenceMeasure measure() const { return measure_; }

  /// -beta U; -inf for U = +inf.
  double log_density(double energy, const ThermodynamicState& state) const;

  /// Sets chains.energies from the positions.
  /// @throws NumericalError  naming the first chain whose energy is not finite
  void refresh_energies(ChainBatch& chains) const;

 private:
  std::shared_ptr<const EnergyFunction> energy_;
  ReferenceMeasure measure_;
};

/// True when a proposal of one measure may be used on a target of the other: when they are equal,
/// or when a target up to rigid motion gets a Cartesian proposal, because an invariant density is a
/// Cartesian one as well. The reverse is refused.
bool measures_agree(ReferenceMeasure target, ReferenceMeasure proposal);

}  // namespace saltus::engine
