#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/core/thread_pool.h"
#include "engine/moves/proposal.h"
#include "mlsamplers/leap/coordinate_split.h"
#include "mlsamplers/leap/mixture_network_detail.h"

namespace saltus::mlsamplers {

/// Internal coordinates of a batch, in groups: rows of chains.
struct InternalBatch {
  template <class T>
  engine::Span<double> row(T& values, std::size_t c) {
    const std::size_t width = values.size() / n;
    return engine::Span<double>(values).subspan(c * width, width);
  }

  std::size_t n = 0;
  std::vector<double> q, log_jac;                 ///< [B, 3N-6], [B]
  std::vector<double> context, basis_torsions;    ///< [B, C], [B, E]
  std::vector<double> soft, rotors, fast, basis;  ///< [B, D], ..., [B, n_basis]
};

/// What the chains' temperatures T make of the model at T_ref.
struct TemperatureTensors {
  torch::Tensor input;      ///< [B, 1], T_ref / T - 1
  torch::Tensor scale;      ///< [B, 1], sqrt(T / T_ref)
  torch::Tensor log_scale;  ///< [B], F/2 ln(T / T_ref)
};

/// The conditional densities of a leap, evaluated on whole batches.
class LeapTensors {
 public:
  /// @throws ModelError  when the weights do not fit each other
  LeapTensors(const engine::LeapWeights& weights, std::shared_ptr<engine::ThreadPool> pool);

  const engine::LeapWeights& weights() const { return weights_; }
  const CoordinateSplit& split() const { return split_; }
  engine::ThreadPool* pool() const { return pool_.get(); }
  engine::MoveRequirements with_requirements(engine::MoveRequirements usual) const;

  /// @throws ModelError  naming `who`, when a temperature is out of range
  TemperatureTensors temperatures(const engine::ChainView& chains, const std::string& who) const;
  InternalBatch measure(engine::ConstCoordinates x) const;
  /// The new state before anything is drawn: the coordinates of `from`.
  InternalBatch begin_as(const InternalBatch& from) const;
  /// Takes drawn soft torsions into q and reads the torsions of the basis from there.
  void take_soft(InternalBatch& batch) const;
  /// Evaluates the basis once rotors are drawn.
  void evaluate_basis(InternalBatch& batch) const;
  /// Takes rotors and fast coordinates into q and reads the context from there. Returns for each
  /// chain whether all torsions are in their charts.
  std::vector<char> take_rest(InternalBatch& batch) const;

  /// log p_s(to | from), [B].
  torch::Tensor soft(InternalBatch& to, InternalBatch& from, const TemperatureTensors& t) const;
  /// Mixture of the i-th soft torsion, and its log density there.
  WrappedMixture soft_mixture(std::size_t i, InternalBatch& to, InternalBatch& from,
                              const TemperatureTensors& t) const;
  torch::Tensor soft(std::size_t i, const WrappedMixture& mixture, InternalBatch& to) const;
  /// log((1-e) exp(networks) + e (2 pi)^-D); 0 when there is no soft torsion.
  torch::Tensor with_uniform(const torch::Tensor& networks) const;

  torch::Tensor rotors(InternalBatch& batch, const TemperatureTensors& t) const;
  WrappedMixture rotor_mixture(std::size_t j, InternalBatch& batch,
                               const TemperatureTensors& t) const;
  torch::Tensor rotor(std::size_t j, const WrappedMixture& mixture, InternalBatch& batch) const;

  /// W b, [B, F].
  torch::Tensor fast_mean(InternalBatch& batch) const;
  /// z = L^-1 (f - mean) / sqrt(T / T_ref), [B, F].
  torch::Tensor whitened(InternalBatch& batch, const torch::Tensor& mean,
                         const TemperatureTensors& t) const;
  /// sqrt(T / T_ref) L z, [B, F].
  torch::Tensor coloured(const torch::Tensor& z, const TemperatureTensors& t) const;
  /// log p_f, [B].
  torch::Tensor fast(const torch::Tensor& z, const TemperatureTensors& t) const;

  /// Whether all coordinates that are not redrawn are the same in both, to 1e-6 nm or rad.
  bool same_kept(InternalBatch& a, InternalBatch& b, std::size_t chain) const;

 private:
  void pick(const std::vector<std::size_t>& coordinates, InternalBatch& batch,
            std::vector<double>& values) const;

  engine::LeapWeights weights_;
  std::shared_ptr<engine::ThreadPool> pool_;
  CoordinateSplit split_;
  FourierBasis basis_;
  std::vector<std::size_t> kept_;
  LeapNetworks networks_;
  torch::Tensor fast_weights_, cholesky_, inverse_cholesky_;
  double log_det_cholesky_ = 0.0;
};

/// Calls work(c) for each chain, blocks of chains on a pool.
void for_each_chain(engine::ThreadPool* pool, std::size_t n,
                    const std::function<void(std::size_t)>& work);

torch::Tensor as_tensor(std::vector<double>& values, std::size_t rows, std::size_t columns);
inline torch::Tensor zeros(std::size_t n) {
  return torch::zeros(static_cast<std::int64_t>(n), torch::kFloat64);
}

}  // namespace saltus::mlsamplers
