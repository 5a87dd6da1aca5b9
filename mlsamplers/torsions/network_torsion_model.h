#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "engine/torsions/torsion_head.h"
#include "engine/torsions/torsion_model.h"
#include "mlsamplers/torsions/readout_rows.h"

namespace saltus::mlsamplers {

using engine::kHeadBlock;
using engine::kMaxConcentration;
using engine::kMaxHeadWidth;
using engine::kMinConcentration;
using engine::kTorsionHarmonics;
using engine::TorsionHead;

/// Share of the uniform density.
constexpr double kUniformShare = 1e-3;

/// What a network made of one molecule: rows of [width] in the order of ReadoutRows.
struct TorsionEmbeddings {
  std::vector<float> bases, pairs;
};

/// The torsion model that a network makes, with neighbours' torsions masked: for torsion b, with v
/// the rows of TorsionEmbeddings for the given signs of centres and the known neighbours c,
///   m_c = relu(v_bc + A [cos k phi_c, sin k phi_c]_{k = 1..3}),  phi_c = symmetry_c tau_c,
///   h = relu(v_b + M sum_c m_c),  o = O relu(S h + s) + o_0,
/// and from o the weights (softmax), means (atan2 of two outputs) and concentrations
/// (kMinConcentration..kMaxConcentration, by a logistic function of the logarithm). Nothing
/// known gives the marginal, all neighbours known the conditional density for turning one bond.
/// The network is in float, with products and sums rounded apart, what is made of its outputs in
/// double: the same context gives the same bits, and blocks of chains, in lanes, agree with single
/// ones to rounding of doubles. Any number of threads may ask.
class NetworkTorsionModel final : public engine::TorsionModel {
 public:
  /// @throws InternalError  when sizes do not fit each other
  NetworkTorsionModel(const engine::TorsionGraph& graph, ReadoutRows layout, TorsionEmbeddings rows,
                      std::shared_ptr<const TorsionHead> head);

  std::string name() const override { return "torsion_network"; }
  std::size_t n_torsions() const override { return folds_.size(); }
  /// @throws ModelError  when the network's outputs are not finite
  void density(std::size_t torsion, const engine::TorsionContext& context,
               engine::VonMisesMixture& out) const override;
  /// @throws ModelError  when the network's outputs are not finite
  void block_density(const engine::TorsionBlockContext& context,
                     engine::MixtureBlock& out) const override;

 private:
  using Hidden = std::array<float, kMaxHeadWidth>;

  void add_message(const float* pair, double angle, Hidden& sum) const;
  const float* base_row(std::size_t torsion, engine::Span<const int> signs) const;
  /// Row of the i-th neighbour of a torsion.
  const float* pair_row(std::size_t torsion, std::size_t i, engine::Span<const int> signs) const;

  std::size_t n_inversions_;
  std::vector<int> folds_, symmetries_;               ///< [R]
  std::vector<std::vector<std::size_t>> neighbours_;  ///< [R]
  ReadoutRows layout_;
  TorsionEmbeddings rows_;
  std::shared_ptr<const TorsionHead> head_;
};

/// Densities of all torsions when nothing is known but the signs of the invertible centres.
std::vector<engine::VonMisesMixture> marginal_densities(const engine::TorsionModel& model,
                                                        engine::Span<const int> inversions);

/// cos and sin of angle, 2 angle, 3 angle.
std::array<float, 2 * kTorsionHarmonics> torsion_harmonics(double angle);

}  // namespace saltus::mlsamplers
