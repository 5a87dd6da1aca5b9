#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <vector>

#include "engine/core/random.h"
#include "mlsamplers/rigid/liquid_couplings_detail.h"
#include "mlsamplers/rigid/rigid_flow_model.h"

namespace saltus::mlsamplers {

/// Poses as the maps see them, float64.
struct FlowState {
  torch::Tensor circles;       ///< [B, M, 3, 2]: cosine and sine of each angle
  torch::Tensor orientations;  ///< [B, M, 4]
  torch::Tensor log_det;       ///< [B], of the maps that led here
};

/// f = (features - mean) / width;  out = s (V silu(W_2 silu(W_1 f + b_1) + b_2) + b_3 + S f),
/// s a small constant.
class ConditionerImpl : public torch::nn::Module {
 public:
  ConditionerImpl(std::int64_t n_in, std::int64_t hidden, std::int64_t n_out);
  /// @param features  [B, n_in]; the result is [B, n_out]
  torch::Tensor forward(const torch::Tensor& features);
  /// Mean and width of features, fixed from here on.
  void standardise(const torch::Tensor& features);

 private:
  torch::Tensor mean_, width_;
  torch::nn::Linear first_{nullptr}, second_{nullptr}, out_{nullptr}, skip_{nullptr};
};
TORCH_MODULE(Conditioner);

/// The maps of RigidFlowModel.
class RigidFlowImpl : public torch::nn::Module {
 public:
  RigidFlowImpl(const RigidFlowShape& shape, double contraction);
  FlowState forward(const FlowState& state);
  FlowState inverse(const FlowState& state);
  /// Weights: uniform within 1 / sqrt(inputs), those that lead to outputs times output_scale.
  void initialise(const engine::StepKey& key, double output_scale);
  /// Sets means and widths of all features from base samples, where there are sites.
  void standardise(const FlowState& base);

 private:
  bool is_liquid() const { return shape_.conditioner == FlowConditioner::kAttention; }
  /// Positions of a coupling, and back.
  void displace(std::size_t layer, FlowState& state);
  void displace_back(std::size_t layer, FlowState& state);
  FlowState contract(const FlowState& state, double factor) const;
  /// What conditioners of a layer say: w of circles [B, M - 1, 3, 2], and of orientations [B, M,
  /// n].
  torch::Tensor moebius_vectors(std::size_t layer, const torch::Tensor& orientations);
  torch::Tensor turning_numbers(std::size_t layer, const torch::Tensor& circles);

  RigidFlowShape shape_;
  std::int64_t n_bodies_;
  double contraction_;
  /// Those of positions are missing when body 0 is the only one.
  std::vector<Conditioner> position_conditioners_, orientation_conditioners_;
  std::vector<PairDisplacement> displacements_;
  std::vector<PairAttention> attentions_;
};
TORCH_MODULE(RigidFlow);

/// Numbers that are said of the orientation of a body.
std::int64_t numbers_of_turn(const RigidFlowShape& shape);
/// Numbers in and out of the conditioners of each layer, where there are sites.
struct ConditionerSizes {
  std::int64_t n_orientations, n_w;   ///< of positions; n_w is 0 when there is none
  std::int64_t n_circles, n_turning;  ///< of orientations
  explicit ConditionerSizes(const RigidFlowShape& shape);
};

struct RigidFlowNetwork {
  mutable RigidFlow flow{nullptr};  ///< evaluation changes nothing, but torch has no const forward
};

/// 2 pi / edge, [3]; without a box 1 / nm, of the only body, which is at its own site.
torch::Tensor turns_per_length(const RigidFlowEnds& ends);
/// @param positions     [B, M, 3], nm
/// @param orientations  [B, M, 4]
FlowState encode(const RigidFlowModel& model, const torch::Tensor& positions,
                 const torch::Tensor& orientations);
/// Positions and orientations of where a flow led: each body at the image nearest to where it was.
struct PoseTensors {
  torch::Tensor positions, orientations;
};
PoseTensors decode(const RigidFlowModel& model, const torch::Tensor& positions_before,
                   const FlowState& before, const FlowState& after);
/// Copies of [B, M, n] numbers.
torch::Tensor tensor_of(const std::vector<double>& values, std::size_t n_chains,
                        std::size_t n_bodies);

}  // namespace saltus::mlsamplers
