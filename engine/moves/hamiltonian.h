#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "engine/dynamics/integrator.h"
#include "engine/moves/move.h"

namespace saltus::engine {

/// Trajectories of hybrid Monte Carlo.
struct HamiltonianOptions {
  double time_step_ps = 0.001;
  std::size_t n_steps = 20;  ///< leapfrog steps of a trajectory
  /// Trajectory lengths are n_steps +- this fraction, uniformly, one draw per application and the
  /// same for all chains (independent of the state, so still exact); avoids periodic orbits.
  double length_jitter = 0.2;
  /// 0: hybrid Monte Carlo, fresh momenta each time. Above 0: generalised HMC, momenta
  /// v <- exp(-friction t) v + noise, t = n_steps * time_step; flipped on rejection.
  double friction_per_ps = 0.0;
};

/// @throws InputError  naming `who` and the option that is out of range
void require_options(const HamiltonianOptions& options, const std::string& who);

/// Leapfrog steps of one application, jitter included: the same for all chains, a function of the
/// key only.
std::size_t trajectory_length(const HamiltonianOptions& options, const StepKey& key);

/// Where trajectories of all chains ended, with what decides.
struct TrajectoryEnds {
  CoordinateBatch positions, velocities;  ///< [B, N, 3]
  /// [B], of the target's guide; not finite: the trajectory could not be finished.
  std::vector<double> guide_energies;
  std::vector<double> kinetic_before, kinetic_after;  ///< [B], kJ/mol
};

/// Takes or rejects the ends by positions and momenta. The map (x, v) -> (x', -v') must preserve
/// volume and be its own inverse: then the forward path term is the log-density of the momenta that
/// a trajectory starts with, the reverse one of those it ends with. Chains that are not taken keep
/// their positions and turn their velocities round.
/// @param chains  where the trajectories started, with the velocities they started with
MoveRecord accept_trajectories(const std::string& name, TrajectoryEnds ends,
                               const TargetDensity& target, const StepKey& key, ChainBatch& chains);

/// Hybrid Monte Carlo (Duane et al., doi:10.1016/0370-2693(87)91197-X) and generalised HMC
/// (Horowitz, doi:10.1016/0370-2693(91)90812-5) with velocity Verlet (RATTLE with constraints); see
/// Integrator for why forces may be float. Leaves the target and the Maxwell distribution of
/// velocities exactly invariant. With constraints both are distributions on their surface: the
/// target's density is one with respect to its volume in the metric of the masses, what a molecule
/// with rigid bonds has. Chains whose constraints cannot be solved are rejected as invalid.
class HamiltonianMonteCarlo final : public Move {
 public:
  /// @throws InputError  naming the option that is out of range, or what is wrong with the
  /// particles
  HamiltonianMonteCarlo(HamiltonianOptions options, MovingParticles particles);

  std::string name() const override;
  bool treats_chains_alone() const override { return true; }
  TransitionInfo apply(ChainBatch& chains, const TargetDensity& target,
                       const StepKey& key) const override;

 private:
  HamiltonianOptions options_;
  Integrator integrator_;
};

}  // namespace saltus::engine
