#pragma once

#include <memory>
#include <string>

#include "engine/moves/move.h"
#include "engine/torsions/torsion_graph.h"
#include "engine/torsions/torsion_model.h"
#include "engine/torsions/torsion_reset.h"

namespace saltus::engine {

/// Independent multiple-try Metropolis over torsion resets: a subset S as in TorsionReset, then m
/// drawn sets of its torsions, weights w_i = pi(x_i) / q(tau_i | not S); J is chosen with
/// probability w_J / sum_i w_i and accepted with probability
///   min(1, sum_i w_i / (sum_{i != J} w_i + w(x))).
/// Exact, since with the same S outside torsions (and so all q) agree at x and x'.
/// Source: Liu, Liang, Wong, J. Am. Stat. Assoc. 95, 121 (2000), doi:10.1080/01621459.2000.10473908
/// (with independent trials: Martino, Digit. Signal Process. 75, 134 (2018),
/// doi:10.1016/j.dsp.2018.01.004).
class MultipleTryTorsions final : public Move {
 public:
  /// @throws InputError  as TorsionReset, and when n_tries is 0
  MultipleTryTorsions(std::shared_ptr<const TorsionGraph> graph,
                      std::shared_ptr<const TorsionModel> model, const TorsionResetOptions& options,
                      std::size_t n_tries);

  /// "multiple_try_2x8": torsions x tries.
  std::string name() const override;
  TransitionInfo apply(ChainBatch& chains, const TargetDensity& target,
                       const StepKey& key) const override;

 private:
  std::shared_ptr<const TorsionGraph> graph_;
  std::shared_ptr<const TorsionModel> model_;
  TorsionResetOptions options_;
  std::size_t n_tries_;
};

}  // namespace saltus::engine
