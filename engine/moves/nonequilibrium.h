#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/core/thread_pool.h"
#include "engine/dynamics/moving_particles.h"
#include "engine/moves/hamiltonian.h"
#include "engine/moves/move.h"
#include "engine/moves/proposal.h"

namespace saltus::engine {

/// How the molecule moves while its energy is changed.
struct NonequilibriumOptions {
  HamiltonianOptions hmc;          ///< friction must be 0: fresh momenta each time
  std::size_t n_trajectories = 1;  ///< of HMC at each rung, on the way out and on the way back
};

/// Nonequilibrium candidate Monte Carlo: a proposal that would hardly ever be accepted is made
/// where the energy is soft, and the molecule relaxes on the way there and back. With energies
/// U_0 (the target's), U_1, ..., U_n (the softest):
///   for k = 1..n:     W += U_k(x) - U_{k-1}(x); then HMC at U_k
///   middle proposal:  W += U_n(x') - U_n(x), x -> x', not accepted by itself
///   for k = n..1:     HMC at U_k; then W += U_{k-1}(x) - U_k(x)
///   log alpha = -beta W + log q(x|x') - log q(x'|x), q of the middle proposal.
/// For a target that is not canonical, its log-density stands for -beta U_0.
/// Exact: the protocol reads the same backwards, each HMC obeys detailed balance with respect to
/// exp(-beta U_k), so the ratio of the probabilities of its steps there and back is that of
/// exp(-beta U_k) at their ends, and all that is left of pi(x') P(back) / pi(x) P(there) is alpha.
/// Rungs, numbers and lengths of trajectories are independent of the state. Each chain has its own
/// temperature. Velocities of the chains stay what they were.
/// The energy must change slowly compared with how fast the molecule relaxes: switching strong
/// interactions off and on in too few steps costs more work than it saves (engine/README.md).
/// A chain that meets an infinite energy on its way is rejected as invalid.
/// Source: Nilmeier, Crooks, Minh, Chodera, PNAS 108, E1009 (2011), doi:10.1073/pnas.1106094108.
class NonequilibriumCandidate final : public Move {
 public:
  /// @param middle   any proposal of Cartesian measure: torsion reset, nitrogen inversion
  /// @param softer   U_1 .. U_n, n >= 1; see softened_energies
  /// @throws InputError  when the proposal changes boxes, there is no softer energy, atom numbers
  ///                     differ, there are constraints, friction is not 0, or as
  ///                     HamiltonianMonteCarlo
  NonequilibriumCandidate(std::shared_ptr<const Proposal> middle,
                          std::vector<std::shared_ptr<const EnergyFunction>> softer,
                          MovingParticles particles, const NonequilibriumOptions& options);

  /// "nonequilibrium_" and the name of the middle proposal.
  std::string name() const override;
  MoveRequirements requirements() const override { return middle_->requirements(); }
  /// @throws InputError      when the measures of target and proposal do not agree
  /// @throws NumericalError  when a chain's current energy is not finite
  TransitionInfo apply(ChainBatch& chains, const TargetDensity& target,
                       const StepKey& key) const override;

 private:
  std::shared_ptr<const Proposal> middle_;
  std::vector<std::shared_ptr<const EnergyFunction>> softer_;
  std::size_t n_trajectories_;
  HamiltonianMonteCarlo hmc_;
};

/// Rungs of a ladder of softened systems for the native energy, which then runs in lanes:
/// U_k = that of softened(system, 1 - (1 - softest) k / n), k = 1..n.
/// @param softest  share of the interactions between atoms that the last rung keeps, in [0, 1)
/// @param pool     may be null
/// @throws InputError  when n_rungs is 0, softest out of range or the system does not validate
std::vector<std::shared_ptr<const EnergyFunction>> softened_energies(
    const System& system, std::size_t n_rungs, double softest, std::shared_ptr<ThreadPool> pool);

}  // namespace saltus::engine
