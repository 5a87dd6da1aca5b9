#pragma once

#include <functional>
#include <memory>

#include "engine/core/thread_pool.h"
#include "engine/leap/leap_table.h"
#include "engine/moves/proposal.h"

namespace saltus::engine {

struct LeapScratch;  // leap_scratch.h

/// The learned leap, which moves all internal coordinates of one molecule at once, on the widest
/// vectors of the processor with one chain in each lane. Joint density and arithmetic: README.md.
/// The frame of the first three placed atoms is kept, so that translation and rotation cancel: the
/// measure is Cartesian up to rigid motion. Draws with a bond, an angle or a stiff torsion outside
/// its chart get log_forward = -inf.
///
/// A chain's numbers depend on its state, the key, its number and the instruction set: not on the
/// batch, its lane or threads. Random numbers are those that mlsamplers::LeapProposal draws, with
/// which it agrees to rounding.
/// Source: after Klein et al., Timewarp, NeurIPS 2023, arXiv:2302.01170, in internal coordinates.
class LaneLeap final : public TractableProposal {
 public:
  /// @param pool  null: everything on the calling thread
  /// @throws ModelError  when the weights do not fit each other
  LaneLeap(const LeapWeights& weights, std::shared_ptr<ThreadPool> pool);

  std::string name() const override { return "learned_leap"; }
  ReferenceMeasure measure() const override { return ReferenceMeasure::kCartesianUpToRigidMotion; }
  /// Keeps where the molecule is and how it is turned; the model is for one temperature.
  MoveRequirements requirements() const override;
  /// @throws ModelError  when a chain's temperature is not the model's
  ProposalBatch sample(const ChainView& current, const StepKey& key) const override;
  void log_density(ConstCoordinates to, const ChainView& from,
                   Span<double> log_density) const override;

 private:
  /// Rows of one block.
  struct BlockRows {
    std::size_t first = 0, count = 0;
  };

  void for_each_block(std::size_t n_chains,
                      const std::function<void(const BlockRows&, LeapScratch&)>& work) const;
  void require_fit(const ChainView& chains) const;

  double temperature_K_;
  LeapTable table_;
  std::shared_ptr<ThreadPool> pool_;
};

}  // namespace saltus::engine
