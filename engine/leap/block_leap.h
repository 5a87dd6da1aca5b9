#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/moves/proposal.h"

namespace saltus::engine {

/// Several leaps, such as those of a molecule's blocks and its carries; each step one of them, the
/// same for all chains, drawn with fixed probabilities that never depend on the state. Given the
/// drawn entry both log-densities are that entry's: the chance to draw it is the same both ways.
/// ProposalBatch::kind says which one it was.
class BlockLeap final : public Proposal {
 public:
  struct Entry {
    std::string name;          ///< not empty, different from the others'
    double probability = 1.0;  ///< > 0, up to a common factor
    std::shared_ptr<const Proposal> leap;
  };
  /// @throws InputError  when empty, a probability is not positive and finite, a name is empty or
  ///                     used twice, or measures differ by more than
  ///                     rigid motions, up to which the leap then is
  explicit BlockLeap(std::vector<Entry> entries);

  std::string name() const override { return "block_leap"; }
  bool treats_chains_alone() const override;
  ReferenceMeasure measure() const override { return measure_; }
  /// What the entries need together.
  MoveRequirements requirements() const override;
  ProposalBatch sample(const ChainView& current, const StepKey& key) const override;
  /// Each try draws an entry of its own, so that tries of the way back, which know nothing of the
  /// entry that led there, are drawn as those of the way there.
  ProposalBatch sample_tries(const ChainView& current, std::size_t n_tries,
                             const StepKey& key) const override;

 private:
  std::size_t draw_entry(const StepKey& key) const;

  std::vector<Entry> entries_;
  ReferenceMeasure measure_ = ReferenceMeasure::kCartesian;
  double total_probability_ = 0.0;
};

}  // namespace saltus::engine
