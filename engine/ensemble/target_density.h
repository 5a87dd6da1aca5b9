#pragma once

#include <cstddef>

#include "engine/ensemble/chain_batch.h"
#include "engine/potential/energy_function.h"
#include "engine/system/system.h"

namespace saltus::engine {

/// With respect to which volume element a density is one.
enum class ReferenceMeasure {
  kCartesian,                 ///< all 3N Cartesian coordinates
  kCartesianUpToRigidMotion,  ///< Cartesian; density invariant under translation and rotation
  kTorsionsAtFixedBonds,      ///< torsions only, no metric factor
  /// The surface on which constraints hold, its volume in the metric of the masses: what
  /// constrained sampling has. For rigid bodies it is, but for a constant, positions and
  /// orientations (RigidBodies).
  kConstraintSurface,
  kCartesianAndVolume,          ///< all 3N Cartesian coordinates and the volume of the box
  kConstraintSurfaceAndVolume,  ///< that surface and the volume of the box
};

/// "Cartesian", "Cartesian up to rigid motion", ...: for messages and model cards.
const char* name_of(ReferenceMeasure measure);

/// The measure of a system's canonical density: the surface of its constraints when it has some;
/// else up to rigid motion when nothing ties the system to the laboratory (laboratory_tie), and
/// Cartesian when something does.
ReferenceMeasure measure_of(const System& system);

/// The measure of a density of positions and volume, from that at a fixed volume: Cartesian, up to
/// rigid motion or on the surface of constraints.
ReferenceMeasure with_volume(ReferenceMeasure at_fixed_volume);

/// True when a proposal of one measure may be used on a target of the other: when they are equal,
/// or when a Cartesian proposal gets a target up to rigid motion, because an invariant density is a
/// Cartesian one as well, or when a proposal that leaves the box alone gets a target of positions
/// and volume, because at each volume that is one of its own measure. The reverse is refused.
bool measures_agree(ReferenceMeasure target, ReferenceMeasure proposal);

/// The density that chains are sampled from: log pi(x | state of the chain) + const, a function of
/// a few terms of the configuration that do not depend on the state. Chains carry the terms, so
/// that nothing is computed twice and changing the state of a chain costs no evaluation.
/// Implementations: Canonical, Isobaric, Bridge.
class TargetDensity {
 public:
  virtual ~TargetDensity() = default;
  virtual std::size_t n_atoms() const = 0;
  virtual ReferenceMeasure measure() const = 0;
  /// Terms beside the potential energy.
  virtual std::size_t n_other_terms() const { return 0; }

  /// Terms of each configuration of x [B, N, 3]: of its positions and its box.
  /// @param terms  out, sized by this; energies may be +inf and other terms infinite where the
  ///               density vanishes
  virtual void evaluate(ConstCoordinates x, TargetTerms& terms) const = 0;
  /// The same when guide() is an energy and its values at x are known; -inf and NaN do not occur
  /// among them. Default: evaluate, which computes them again.
  virtual void evaluate_with_guide(ConstCoordinates x, Span<const double> guide_energies,
                                   TargetTerms& terms) const;
  /// log pi + const; -inf where it vanishes.
  /// @param other_terms  [n_other_terms()]
  virtual double log_density(double energy, Span<const double> other_terms,
                             const ThermodynamicState& state) const = 0;

  /// An energy whose forces drive trajectories; need not be that of the density. Null: moves that
  /// need forces cannot be used.
  virtual const EnergyFunction* guide() const { return nullptr; }

  /// log pi of chain c from what it carries, in its own state or another one.
  double log_density(const ChainBatch& chains, std::size_t c) const;
  double log_density(const ChainBatch& chains, std::size_t c,
                     const ThermodynamicState& state) const;
  /// Sets what all chains carry from their positions.
  /// @throws InputError      naming the first chain whose box does not fit what the guide needs
  /// @throws NumericalError  naming the first chain whose energy is not finite
  void refresh(ChainBatch& chains) const;
};

/// The guide of a target.
/// @throws InputError  naming `who` wants it when there is none
const EnergyFunction& require_guide(const TargetDensity& target, const std::string& who);

}  // namespace saltus::engine
