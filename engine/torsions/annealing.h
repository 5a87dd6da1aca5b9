#pragma once

#include <memory>
#include <vector>

#include "engine/dynamics/moving_particles.h"
#include "engine/ensemble/conformer_ensemble.h"
#include "engine/moves/hamiltonian.h"
#include "engine/moves/move.h"
#include "engine/potential/energy_function.h"
#include "engine/torsions/torsion_reference_density.h"

namespace saltus::engine {

/// How a reference density is annealed to a Boltzmann ensemble.
struct AnnealingOptions {
  double temperature_K = 300.0;
  std::size_t n_particles = 1000;  ///< a multiple of n_islands
  /// Independent groups; their scatter gives the errors. At least 2.
  std::size_t n_islands = 20;
  /// Values of l in ascending order, the first above 0, the last 1. Empty: chosen by a pilot run of
  /// n_pilot particles, then frozen.
  std::vector<double> schedule;
  std::size_t n_pilot = 200;
  /// The pilot makes each step so long that its weights alone leave this share of the particles
  /// effective, in (0, 1).
  double step_efficiency = 0.9;
  std::size_t max_steps = 200;  ///< the pilot refuses to make more
  /// An island is resampled when its effective share falls below this; 0: never (plain annealed
  /// importance sampling). In [0, 1].
  double resample_below = 0.5;
  /// Metropolis moves at each step: sweeps of one trajectory, one torsion reset for each torsion
  /// and, with invertible nitrogens, one inversion.
  std::size_t n_sweeps = 1;
  std::size_t n_reset_torsions = 1;  ///< reset together
  HamiltonianOptions hmc;
  TorsionReferenceDensityOptions reference;  ///< its temperature is set to temperature_K
  /// Trajectories from each reference that make the reference density's covariance:
  /// n_reference_chains chains, a sample after each of the last n_reference_samples trajectories.
  std::size_t n_reference_chains = 32;
  std::size_t n_reference_samples = 50;
};

/// What one step of annealing did.
struct AnnealingStep {
  double lambda = 0.0;
  double effective_share = 0.0;  ///< mean over islands, before resampling
  std::size_t n_resampled = 0;   ///< islands
};

/// A weighted ensemble, and how much it can be trusted. Rows of an island stand together; the
/// log-mean-exp of the weights is log_z. Energy evaluations are those of the run itself, not of the
/// pilot and of the reference density; the free energy is -kT log_z.
struct AnnealedEnsemble : ConformerEnsemble {
  std::size_t n_islands = 1;
  /// Kish effective sample size of the weights. With resampling, descendants of one draw are
  /// counted as if they were independent: an upper bound.
  double effective_sample_size = 0.0;
  /// The same of the weights of whole families, one for each draw: a lower bound.
  double effective_families = 0.0;
  /// ln of Z = integral of exp(-beta U) dx / (8 pi^2 V), over all positions up to rigid motion
  /// (equal atoms and mirror images counted as the references let them be reached), in
  /// nm^(3N - 3); the mean of Z over islands is unbiased.
  double log_z = 0.0;
  double log_z_error = 0.0;  ///< standard error, from the scatter of islands
  std::vector<AnnealingStep> steps;
};

/// A molecule to be annealed.
struct AnnealingTask {
  std::shared_ptr<const EnergyFunction> energy;
  MovingParticles particles;  ///< masses; no constraints
  std::shared_ptr<const TorsionGraph> graph;
  std::shared_ptr<const TorsionModel> model;
};

/// Annealed importance sampling with resampling: particles drawn from p0 (TorsionReferenceDensity)
/// pass the densities
///   log pi_k = (1 - l_k) log p0 - l_k beta U,  0 = l_0 < l_1 < ... < l_K = 1,
/// collecting log w += (l_k - l_{k-1}) (-beta U - log p0), and are moved at each of them by
/// Metropolis moves: trajectories along the forces of U, torsion resets, nitrogen inversions.
/// Weighted averages converge to those of the Boltzmann distribution; the estimate of Z is
/// unbiased with a fixed schedule, resampled or not.
/// Source: Neal, Stat. Comput. 11, 125 (2001), doi:10.1023/A:1008923215028; Del Moral, Doucet,
/// Jasra, J. R. Stat. Soc. B 68, 411 (2006), doi:10.1111/j.1467-9868.2006.00553.x; as stochastic
/// flow: Wu, Koehler, Noe, NeurIPS 33 (2020), arXiv:2002.06707.
class Annealing {
 public:
  /// @throws InputError  naming the option that is out of range, or the sizes that differ
  Annealing(const AnnealingTask& task, std::shared_ptr<const TorsionReferenceDensity> reference,
            const AnnealingOptions& options);

  /// options.schedule, or that of a pilot run.
  /// @throws NumericalError  when the pilot would need more than max_steps
  std::vector<double> schedule(const StepKey& key) const;
  /// @param schedule  as AnnealingOptions::schedule, not empty
  /// @throws NumericalError  when no particle has weight left
  AnnealedEnsemble run(const std::vector<double>& schedule, const StepKey& key) const;

 private:
  struct Swarm;
  Swarm draw(std::size_t n_particles, const StepKey& key) const;
  void reweigh(double lambda, Swarm& swarm) const;
  void move(const StepKey& key, Swarm& swarm) const;

  std::shared_ptr<const TorsionReferenceDensity> reference_;
  std::shared_ptr<const TargetDensity> target_;
  AnnealingOptions options_;
  std::shared_ptr<const Move> sweep_;
};

/// An average and its standard error.
struct WeightedMean {
  double value = 0.0, error = 0.0;
};

/// sum w f / sum w of one value for each particle; the error is from the scatter of islands,
/// linearised. Values of particles without weight are not used.
WeightedMean weighted_mean(const AnnealedEnsemble& ensemble, Span<const double> values);

/// All stages: samples around the references, the reference density, its schedule, the ensemble.
/// @param references  [M, N, 3], nm: minimised or equilibrated; one for each ring pucker and set of
///                    signs of nitrogens that shall be reached (conformers that differ by the
///                    graph's torsions alone need only one)
AnnealedEnsemble anneal(const AnnealingTask& task, const CoordinateBatch& references,
                        const AnnealingOptions& options, const StepKey& key);

}  // namespace saltus::engine
