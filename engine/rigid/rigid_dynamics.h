#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "engine/core/random.h"
#include "engine/potential/energy_function.h"
#include "engine/rigid/rigid_bodies.h"

namespace saltus::engine {

/// How a rigid body moves.
struct RigidMotion {
  Vec3 velocity;          ///< nm/ps, of the centre of mass
  Vec3 angular_momentum;  ///< dalton nm^2/ps, about the centre of mass, along the axes of the body
};

/// All bodies of one chain.
struct RigidState {
  std::vector<RigidPose> poses;
  std::vector<RigidMotion> motions;
};

/// sum_i m_i V_i^2 / 2 + sum_i sum_k L_ik^2 / (2 I_ik), kJ/mol.
double kinetic_energy(const RigidBodies& bodies, Span<const RigidMotion> motions);

/// Maxwell's distribution: V ~ N(0, kT / m), L_k ~ N(0, I_k kT), independent of the poses.
std::vector<RigidMotion> draw_motions(const RigidBodies& bodies, double kt, RandomStream& stream);

/// Velocities of the atoms [N, 3], nm/ps: V + R (omega x b), omega_k = L_k / I_k; 0 for virtual
/// sites.
void write_velocities(const RigidBodies& bodies, const RigidState& state, Span<double> v);

/// Turns a body without torques for a time: rotations about its axes, each by L_k / I_k times its
/// share of dt, in the order 3, 2, 1, 2, 3 with halves on both sides. Each is the exact motion of
/// one term of the kinetic energy and keeps the angular momentum in space, q <- q r, L <- r* L r;
/// the whole preserves d S(q) d^3 L, is its own inverse once L is turned round and correct to order
/// dt^2. Bodies of two atoms turn exactly, about their one axis. Sources: Dullweber, Leimkuhler,
/// McLachlan, J. Chem. Phys. 107, 5840 (1997), doi:10.1063/1.474310; in quaternions Miller,
/// Eleftheriou, Pattnaik, Ndirango, Newns, Martyna, J. Chem. Phys. 116, 8649 (2002),
/// doi:10.1063/1.1473654 (NO_SQUISH).
void turn_freely(const RigidShape& shape, double dt, Quaternion& orientation,
                 Vec3& angular_momentum);

/// Velocity Verlet of rigid bodies: half a kick, V += h F / m and L += h R^T sum (x - p) x F;
/// drift, p += dt V and turn_freely; half a kick. Kicks are shears for any function F of the
/// positions, so the trajectory preserves volume and is its own inverse as in Integrator. Forces on
/// virtual sites may be on the sites or on their parents.
class RigidIntegrator {
 public:
  explicit RigidIntegrator(std::shared_ptr<const RigidBodies> bodies);

  const RigidBodies& bodies() const { return *bodies_; }

  /// n_steps of dt for all chains. Returns the energies [B] of the end points; +inf for chains
  /// whose energy or forces did not stay finite, which are left where they began.
  /// @param states  [B], in and out: where the chains are, and how they move
  /// @param x       [B, N, 3], out: the atoms; boxes are kept
  std::vector<double> velocity_verlet(std::vector<RigidState>& states, CoordinateBatch& x,
                                      const EnergyFunction& energy, double dt,
                                      std::size_t n_steps) const;

 private:
  void kick(double h, Span<const double> forces, Span<const double> x, RigidState& state) const;
  void drift(double dt, RigidState& state) const;
  void place(const RigidState& state, Span<double> x) const;

  std::shared_ptr<const RigidBodies> bodies_;
};

}  // namespace saltus::engine
