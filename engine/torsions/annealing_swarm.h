#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/ensemble/chain_batch.h"
#include "engine/moves/move.h"
#include "engine/torsions/torsion_prior.h"

namespace saltus::engine {

/// The energy whose Boltzmann density at one temperature is a step of annealing:
///   E_l(x) = l U(x) - (1 - l) kT log p0(x).
/// Has no forces: moves along those of another energy (GuidedTrajectory).
class BridgeEnergy final : public EnergyFunction {
 public:
  BridgeEnergy(std::shared_ptr<const EnergyFunction> energy,
               std::shared_ptr<const TorsionPrior> prior, double temperature_K, double lambda);
  std::size_t n_atoms() const override { return energy_->n_atoms(); }
  EvaluationLimits limits() const override { return energy_->limits(); }
  /// @throws InternalError  also when forces are wanted
  void evaluate(ConstCoordinates x, Span<double> energies, Span<double> forces) const override;
  /// E_l of an energy and a log p0; +inf where either density vanishes and counts.
  double value(double energy, double log_prior) const;

 private:
  std::shared_ptr<const EnergyFunction> energy_;
  std::shared_ptr<const TorsionPrior> prior_;
  double kt_, lambda_;
};

/// Weighted particles on their way from p0 to the Boltzmann density. A particle whose weight is
/// zero stays in the batch, at the place of one that has weight, until it is resampled.
class AnnealingSwarm {
 public:
  /// Draws from p0.
  /// @param n_islands  divides n
  AnnealingSwarm(std::shared_ptr<const EnergyFunction> energy,
                 std::shared_ptr<const TorsionPrior> prior, double temperature_K, std::size_t n,
                 std::size_t n_islands, const StepKey& key);

  std::size_t n_particles() const { return log_weights_.size(); }
  std::size_t n_islands() const { return n_islands_; }
  const CoordinateBatch& positions() const { return chains_.positions; }
  const std::vector<double>& energies() const { return energies_; }
  const std::vector<double>& log_weights() const { return log_weights_; }
  const std::vector<std::size_t>& ancestors() const { return ancestors_; }
  std::size_t evaluations() const { return evaluations_; }
  Span<const double> island_weights(std::size_t island) const;

  /// Share of particles that the weights of a step of this length alone leave effective:
  /// (sum_i W_i v_i)^2 / sum_i W_i v_i^2, W normalised, log v_i = delta (-beta U - log p0).
  /// Source: Zhou, Johansen, Aston, J. Comput. Graph. Stat. 25, 701 (2016),
  /// doi:10.1080/10618600.2015.1060885.
  double step_efficiency(double delta) const;
  /// log w += delta (-beta U - log p0).
  void reweigh(double delta);
  /// Mean over islands of the Kish effective share of particles; 0 for an island without weight.
  double effective_share() const;
  /// Resamples islands whose share is below the threshold; returns their number. Each particle
  /// then has the mean weight its island had.
  std::size_t resample(double threshold, const StepKey& key);
  /// Applies moves that leave exp(-beta E_lambda) invariant, one after the other.
  std::vector<MoveRecord> move(double lambda, const std::vector<std::shared_ptr<const Move>>& moves,
                               const StepKey& key);

 private:
  void evaluate();
  void discard_impossible();
  void park();

  std::shared_ptr<const EnergyFunction> energy_;
  std::shared_ptr<const TorsionPrior> prior_;
  double temperature_K_, beta_;
  std::size_t n_islands_;
  ChainBatch chains_;
  std::vector<double> energies_, log_priors_, log_weights_;
  std::vector<std::size_t> ancestors_;
  std::size_t evaluations_ = 0;
};

}  // namespace saltus::engine
