#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "engine/core/thread_pool.h"
#include "engine/moves/proposal.h"
#include "engine/torsions/torsion_graph.h"
#include "engine/torsions/torsion_model.h"

namespace saltus::engine {

/// How torsions are drawn.
struct TorsionResetOptions {
  std::size_t n_torsions = 1;  ///< reset together: one drawn uniformly and others near it
  /// Share of the uniform density in each torsion's, in (0, 1]: keeps pi / q bounded, so that no
  /// mode the model has missed becomes a trap.
  double uniform = 0.05;
  /// Temperature the model is for; chains at T use its densities flattened by this / T when hotter.
  double model_temperature_K = 300.0;
};

/// Independence proposal over torsions: draws new values from a model and turns the bonds there.
/// The subset S is drawn with probabilities that depend on the graph alone; its torsions follow one
/// after the other in the graph's order, each given those of S before it and all outside of S:
///   log q(x'|x) = sum_{b in S} log q_b(tau'_b | tau'_{S, <b}, tau_{not S}, signs),
/// log q(x|x') the same with the old angles. The map (x, tau') -> (x', tau) is an involution with
/// |det| = 1 on R^{3N} x (S^1)^S, so no other factor appears: the target is the density of the
/// flexible molecule in Cartesian space, and no metric tensor belongs there.
/// Not tractable as a density in 3N dimensions; both log-densities are those of the angles.
///
/// Works on blocks of kLaneWidth chains, one in each lane: torsions, densities and their logarithms
/// are made in vectors, angles are drawn from each chain's own random stream. A chain's numbers
/// depend on its state, the key, its number and the instruction set: not on the batch, its lane or
/// threads. Agrees with TorsionSubsetDensity to rounding.
class TorsionReset final : public Proposal {
 public:
  /// @param pool  null: everything on the calling thread; else any number of them ask the model
  /// @throws InputError  when there is no torsion, sizes differ, or an option is out of range
  TorsionReset(std::shared_ptr<const TorsionGraph> graph, std::shared_ptr<const TorsionModel> model,
               const TorsionResetOptions& options, std::shared_ptr<ThreadPool> pool = nullptr);

  /// "torsion_reset_1", by the number of torsions.
  std::string name() const override;
  bool treats_chains_alone() const override { return true; }
  ReferenceMeasure measure() const override { return ReferenceMeasure::kCartesian; }
  ProposalBatch sample(const ChainView& current, const StepKey& key) const override {
    return sample_tries(current, 1, key);
  }
  /// Tries of one chain reset the same torsions: q depends on the others alone.
  ProposalBatch sample_tries(const ChainView& current, std::size_t n_tries,
                             const StepKey& key) const override;
  bool tries_are_interchangeable() const override { return true; }

 private:
  std::shared_ptr<const TorsionGraph> graph_;
  std::shared_ptr<const TorsionModel> model_;
  TorsionResetOptions options_;
  std::shared_ptr<ThreadPool> pool_;
};

}  // namespace saltus::engine
