#pragma once

#include <memory>
#include <vector>

#include "engine/moves/move.h"
#include "engine/moves/proposal.h"
#include "engine/torsions/torsion_graph.h"
#include "engine/torsions/torsion_model.h"

namespace saltus::tests {

enum class ResetBug {
  kNone,
  kRatioDropped,    ///< as if the angles were drawn symmetrically
  kDrawnComponent,  ///< the way back counts only the component of the mixture that was drawn
  kMetricFactor,    ///< the volume element of rigid geometry, where the molecule is flexible
  kOrder,           ///< forward in the order the subset was drawn, back in the order of the graph
  kStateSubset,     ///< which torsion is drawn depends on the first one's angle
};

/// Torsion resets written apart from the production move, with a knob. Unbroken it is correct.
class BreakableTorsionReset final : public engine::Proposal {
 public:
  BreakableTorsionReset(std::shared_ptr<const engine::TorsionGraph> graph,
                        std::shared_ptr<const engine::TorsionModel> model, std::size_t n_torsions,
                        ResetBug bug)
      : graph_(std::move(graph)), model_(std::move(model)), n_torsions_(n_torsions), bug_(bug) {}
  std::string name() const override { return "breakable_torsion_reset"; }
  engine::ReferenceMeasure measure() const override { return engine::ReferenceMeasure::kCartesian; }
  engine::ProposalBatch sample(const engine::ChainView& current,
                               const engine::StepKey& key) const override;

 private:
  /// In the order drawn.
  std::vector<std::size_t> draw_subset(const std::vector<double>& tau,
                                       engine::RandomStream& random) const;
  double log_density(std::vector<std::size_t> order, const std::vector<double>& tau) const;

  std::shared_ptr<const engine::TorsionGraph> graph_;
  std::shared_ptr<const engine::TorsionModel> model_;
  std::size_t n_torsions_;
  ResetBug bug_;
};

enum class TriesBug {
  kNone,
  kWeightsWithoutDensity,  ///< w = pi instead of pi / q
  kCurrentForgotten,       ///< the chosen try is taken whatever the weight of the current state
};

/// Multiple tries of single torsions, written apart from the production move, with a knob.
class BreakableMultipleTry final : public engine::Move {
 public:
  BreakableMultipleTry(std::shared_ptr<const engine::TorsionGraph> graph,
                       std::shared_ptr<const engine::TorsionModel> model, std::size_t n_tries,
                       TriesBug bug)
      : graph_(std::move(graph)), model_(std::move(model)), n_tries_(n_tries), bug_(bug) {}
  std::string name() const override { return "breakable_multiple_try"; }
  engine::TransitionInfo apply(engine::ChainBatch& chains, const engine::TargetDensity& target,
                               const engine::StepKey& key) const override;

 private:
  std::shared_ptr<const engine::TorsionGraph> graph_;
  std::shared_ptr<const engine::TorsionModel> model_;
  std::size_t n_tries_;
  TriesBug bug_;
};

/// log of the volume element of the surface that torsions and rigid motions span:
/// log det(J^T M J) / 2, J the derivatives of all positions [N, 3] by them, M masses.
double log_metric_factor(const engine::TorsionGraph& graph, engine::Span<const double> x);

}  // namespace saltus::tests
