#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "engine/core/units.h"
#include "engine/dynamics/integrator.h"
#include "engine/moves/bond_rotation.h"
#include "engine/moves/move.h"

namespace saltus::engine {

/// By how much a torsion is changed: drawn without looking at the state, an angle as often as its
/// negative.
enum class TorsionChange {
  kHalfTurn,  ///< 180 degrees, one way round or the other
  kWalk,      ///< normal about 0
  kUniform,   ///< to anywhere on the circle, the shorter way round
};

/// How torsions are driven.
struct DrivenTorsionOptions {
  TorsionChange change = TorsionChange::kUniform;
  double width_rad = 60.0 * kRadianPerDegree;  ///< of kWalk: standard deviation of the change
  VerletSteps steps = {0.001, 200};            ///< of the protocol, each with a part of the turn
  /// Of the spring that takes the torsion along, kJ/mol/rad^2; 0: none. Stiffer than the slope of
  /// the barriers by far, or dynamics carries the torsion back down while it is turned up.
  double stiffness = 1000.0;
};

/// Half the distance of neighbouring rotamers of a bond between tetrahedral atoms: a smaller change
/// leaves a torsion in its basin.
inline constexpr double kFarTurn_rad = kPi / 3.0;

/// Nonequilibrium candidate: one bond is carried to its new place in n small turns while everything
/// else, a whole box of solvent with its constraints, follows by dynamics. A bond is drawn
/// uniformly and a change d of its torsion phi from a symmetric density, both whatever the state;
/// fresh velocities from the Maxwell distribution on the constraints; the center c of a spring from
/// the density exp(-beta k/2 (phi(x) - c)^2) / Z on the circle, angles in [-pi, pi); n steps of
/// velocity Verlet with a turn by d / n in the middle of each, c moving along
/// (Integrator::driven_verlet); one decision,
///   log alpha = -beta (H(x', v', c + d) - H(x, v, c)),  H = U + K + k/2 (phi(x) - c)^2.
/// For a target that is not canonical, its log-density stands for -beta U.
/// Exact: the map (x, v, c, d) -> (x', -v', c + d, -d) preserves volume and is its own inverse, d
/// and v are as likely as -d and -v, and drawn centers make exp(-beta H) the density of all before
/// the move, whose norm does not depend on x; with constraints on their surface, as hybrid Monte
/// Carlo.
/// -log alpha is the work in kT: that of the turns and, added to it, the error of the integrator,
/// which grows with the size of the box and the square of the time step.
/// In the one step of n = 1 it is a plain torsion step within a step of dynamics.
/// Source: Nilmeier, Crooks, Minh, Chodera, PNAS 108, E1009 (2011), doi:10.1073/pnas.1106094108,
/// there with a stochastic protocol as well; one decision on the total energy is their
/// deterministic, symplectic case.
class DrivenTorsion final : public Move {
 public:
  /// @param torsions  virtual sites among the moving atoms follow their parents
  /// @throws InputError  when there is no torsion, one does not end at a moving atom and begin
  ///                     at another, an option is out of range, or as
  ///                     Integrator::require_turns_keep for one of the bonds
  DrivenTorsion(std::vector<RotatableTorsion> torsions, MovingParticles particles,
                const DrivenTorsionOptions& options);

  std::string name() const override { return "driven_torsion"; }
  bool treats_chains_alone() const override { return true; }
  /// Which chains `apply` with this key would take to another place of a torsion: by kFarTurn_rad
  /// or more, for kWalk by its width if that is less. Smaller turns dynamics makes by itself.
  std::vector<bool> turns_far(const ChainBatch& chains, const StepKey& key) const;
  /// Velocities afterwards are Maxwell's.
  /// @throws NumericalError  when a chain's current energy is not finite, or it does not start on
  ///                         the constraints
  TransitionInfo apply(ChainBatch& chains, const TargetDensity& target,
                       const StepKey& key) const override;

 private:
  /// What chain c does, from its own random streams.
  BondTurn draw_turn(const ChainBatch& chains, std::size_t c, const StepKey& key) const;

  std::vector<RotatableTorsion> torsions_;
  DrivenTorsionOptions options_;
  Integrator integrator_;
};

}  // namespace saltus::engine
