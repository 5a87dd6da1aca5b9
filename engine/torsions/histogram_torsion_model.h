#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "engine/torsions/torsion_graph.h"
#include "engine/torsions/torsion_model.h"

namespace saltus::engine {

/// Uniform densities: the model without any data.
class UniformTorsionModel final : public TorsionModel {
 public:
  explicit UniformTorsionModel(std::size_t n_torsions) : n_torsions_(n_torsions) {}
  std::string name() const override { return "uniform"; }
  std::size_t n_torsions() const override { return n_torsions_; }
  void density(std::size_t torsion, const TorsionContext& context,
               VonMisesMixture& out) const override;

 private:
  std::size_t n_torsions_;
};

/// Densities of single torsions, from what each of them did in a sample: kernel estimates on a
/// grid of the folded angle. Made in warm-up; then it never changes.
class HistogramTorsionModel final : public TorsionModel {
 public:
  static constexpr std::size_t kBins = 36;

  /// @param samples  [n, R], rad: torsions of frames, of equal weight; n > 0
  HistogramTorsionModel(const TorsionGraph& graph, Span<const double> samples);
  std::string name() const override { return "histogram"; }
  std::size_t n_torsions() const override { return mixtures_.size(); }
  void density(std::size_t torsion, const TorsionContext& context,
               VonMisesMixture& out) const override;

 private:
  std::vector<VonMisesMixture> mixtures_;
};

}  // namespace saltus::engine
