#pragma once

#include <string>
#include <vector>

#include "engine/core/random.h"
#include "engine/dynamics/bond_turn.h"
#include "engine/dynamics/moving_particles.h"
#include "engine/ensemble/chain_batch.h"
#include "engine/potential/energy_function.h"

namespace saltus::engine {

class ThreadPool;

class BlockProgram;

/// Stretches of Langevin dynamics.
struct LangevinOptions {
  double time_step_ps = 0.001;
  double friction_per_ps = 1.0;
  std::size_t n_steps = 100;  ///< per application
};

/// Steps of velocity Verlet.
struct VerletSteps {
  double time_step_ps = 0.001;
  std::size_t n_steps = 1;
};

/// Moves all chains of a batch at once, one SIMD lane each. Positions and velocities are double;
/// forces are whatever the energy function has. Where it works in lanes itself
/// (EnergyFunction::lanes), a block of chains does all its steps in one task, without waiting for
/// the others. Results are the same bits whatever the number of threads and the other chains of
/// the batch.
///
/// Forces need not be exact gradients for hybrid Monte Carlo to be exact. A kick v += h F(x) / m is
/// a shear of phase space for any function F of the positions alone, and so is a drift x += h v:
/// both have Jacobian 1, and the sequence kick, drift, kick with the velocities turned round is its
/// own inverse. Volume and reversibility hold for forces in float arithmetic, too; only the
/// energies of the end points decide, and those are double (Precision::kMixed). The same is true of
/// RATTLE, a symplectic map of the constraint surface onto itself (Leimkuhler, Skeel, J. Comput.
/// Phys. 112, 117 (1994), doi:10.1006/jcph.1994.1085), as far as the constraints are solved:
/// kConstraintTolerance.
///
/// Virtual sites have neither velocities nor noise: their positions follow from the parents, which
/// is all that an energy may look at, and are set at the end of a trajectory.
class Integrator {
 public:
  /// @param source  starts messages: "hmc", "langevin"
  /// @throws InputError  when the particles do not validate
  Integrator(const std::string& source, MovingParticles particles);

  const MovingParticles& particles() const { return particles_; }
  std::size_t n_atoms() const { return particles_.n_atoms(); }
  /// 3 for each atom that moves by itself, less one for each constraint (taken as independent).
  std::size_t degrees_of_freedom() const;
  /// sum m v^2 / 2 of one chain [N, 3], kJ/mol.
  double kinetic_energy(Span<const double> velocities) const;

  /// Moves each chain onto the constraints along their own directions, weighted by inverse masses,
  /// and virtual sites to their places.
  /// @throws NumericalError  naming the first chain in which that does not converge
  void project_positions(CoordinateBatch& x) const;
  /// Takes from v what would change constrained distances, and all velocity from frozen atoms.
  /// @throws NumericalError  naming the first chain in which that does not converge
  void project_velocities(const CoordinateBatch& x, CoordinateBatch& v) const;
  /// v <- keep v + sqrt(1 - keep^2) xi, xi from the Maxwell distribution of each chain's
  /// temperature (on the constraints): leaves that distribution invariant.
  /// @param pool  threads that chains are shared out over; null: the calling thread alone
  void refresh_velocities(ChainBatch& chains, double keep, StreamName name, const StepKey& key,
                          ThreadPool* pool = nullptr) const;

  /// n_steps of velocity Verlet; RATTLE when there are constraints. Returns the energies [B] of the
  /// end points, as energy.evaluate would without forces; +inf for chains that blew up or whose
  /// constraints could not be solved. Their positions and velocities mean nothing.
  /// @throws NumericalError  when a chain does not start on the constraints
  std::vector<double> velocity_verlet(CoordinateBatch& x, CoordinateBatch& v,
                                      const EnergyFunction& energy, double dt,
                                      std::size_t n_steps) const;

  /// The same while a bond of each chain is turned (turn_lane), in the middle of every step: half
  /// kick, half drift, turn, half drift, half kick, with the force of the turn's spring in the
  /// kicks and its center moved on with the turn; constrained drifts are steps of RATTLE, before
  /// a turn velocities are projected. One evaluation for each step and one more, as without turns.
  /// Every part is reversible and keeps the volume of phase space, and the whole reads the same
  /// backwards: from the ends, with velocities reversed and the angles' signs changed, chains
  /// return to where they began. With constraints the volume is that of their surface, in the
  /// metric of the masses: a turn keeps it where det(J M^-1 J^T), J the gradients of all
  /// constraints, does not change by it, which require_turns_keep makes sure of. Energies are
  /// those of the energy function, without the springs'.
  /// @param turns  [B]
  std::vector<double> driven_verlet(CoordinateBatch& x, CoordinateBatch& v,
                                    const EnergyFunction& energy, const VerletSteps& steps,
                                    Span<const BondTurn> turns) const;
  /// @throws InputError  when a turn of the bond, by any angle, would break a constraint, or keeps
  ///                     constraints but not the volume of phase space on them: allowed are those
  ///                     among the moving atoms and axis_to, those among all others but axis_to,
  ///                     and that of the bond itself; or when a moving atom has mass 0
  void require_turns_keep(const BondTurn& turn) const;

  /// LangevinMiddle (Zhang, Liu, Yan, Tuckerman, Liu, JPCA 123, 6056 (2019),
  /// doi:10.1021/acs.jpca.9b02771): full kick, half drift, Ornstein-Uhlenbeck, half drift; with
  /// constraints, velocities are projected after the kick, positions constrained at the end and
  /// velocities changed by (x_constrained - x) / dt. Noise: coordinate i of chain c in inner step s
  /// is normal number i of blocks s ceil(3N/4) ... of stream (key, kLangevinNoise, c); see
  /// noise_lanes.h. Energies of the chains are left for the caller to set.
  /// @throws InputError      when the steps need more than 2^32 blocks of the stream
  /// @throws NumericalError  naming the chain that blew up, whose constraints could not be solved
  ///                         or that does not start on them
  void langevin_middle(ChainBatch& chains, const EnergyFunction& energy,
                       const LangevinOptions& options, const StepKey& key) const;

 private:
  void require_on_constraints(const CoordinateBatch& x) const;
  void place_sites(CoordinateBatch& x) const;
  /// Energies of the end points, +inf where constraints failed; places virtual sites.
  std::vector<double> run_verlet(const BlockProgram& program, const std::vector<char>& failed,
                                 const EnergyFunction& energy, CoordinateBatch& x,
                                 CoordinateBatch& v) const;

  std::string source_;
  MovingParticles particles_;
  ConstraintTable constraints_;
};

/// Draws all velocities from the Maxwell distribution of each chain's temperature, on the
/// constraints.
void draw_velocities(ChainBatch& chains, const MovingParticles& particles, const StepKey& key);

}  // namespace saltus::engine
