#pragma once

#include <torch/torch.h>

#include <array>
#include <cstdint>
#include <vector>

#include "engine/core/random.h"
#include "mlsamplers/timewarp/timewarp_model.h"

namespace saltus::mlsamplers {

/// What a flow is conditioned on, from x(t) alone: computed once for each state and used by every
/// head of every layer of every coupling.
struct FlowCondition {
  torch::Tensor features;   ///< [B, N, E + 3]: element embeddings, centred positions
  torch::Tensor attention;  ///< [B, H, N, N], rows sum to about 1

  /// Each state n times, one after the other.
  FlowCondition repeated(std::int64_t n) const;
};

/// A point on one side of the flow.
struct FlowPoint {
  torch::Tensor positions, auxiliaries;  ///< [B, N, 3]
  torch::Tensor log_det;                 ///< [B], log |det| of the map that led here
};

/// Encoder layer with kernel self-attention, normalised afterwards:
///   h <- LN(h + O concat_k sum_j w_ij^k V_k h_j),   h <- LN(h + W_2 relu(W_1 h + b_1) + b_2).
class KernelEncoderImpl : public torch::nn::Module {
 public:
  explicit KernelEncoderImpl(const TimewarpShape& shape);
  /// @param features  [B, N, d]
  torch::Tensor forward(const torch::Tensor& features, const torch::Tensor& attention);

 private:
  std::int64_t n_heads_, width_;
  torch::nn::Linear values_{nullptr}, mix_{nullptr}, first_{nullptr}, second_{nullptr};
  torch::nn::LayerNorm attention_norm_{nullptr}, norm_{nullptr};
};
TORCH_MODULE(KernelEncoder);

/// Perceptron, encoder layers, perceptron: three numbers for each atom.
class AtomTransformerImpl : public torch::nn::Module {
 public:
  explicit AtomTransformerImpl(const TimewarpShape& shape);
  /// @param input  [B, N, E + 6]
  torch::Tensor forward(const torch::Tensor& input, const torch::Tensor& attention);

 private:
  torch::nn::Linear in_hidden_{nullptr}, in_{nullptr}, out_hidden_{nullptr}, out_{nullptr};
  std::vector<KernelEncoder> encoders_;
};
TORCH_MODULE(AtomTransformer);

/// RealNVP over displacements d = x(t + tau) - x(t) and auxiliaries v, given x(t). From data to
/// latent, coupling l moves one half by the other: z <- z exp(S_l) + T_l, positions for even l,
/// auxiliaries for odd l; d enters in units of displacement_scale. Latents are normal with the
/// learned widths exp(a) and exp(b). Works in the precision of its parameters.
class TimewarpFlowImpl : public torch::nn::Module {
 public:
  /// Weights are torch's own until initialise() or set_parameters().
  TimewarpFlowImpl(const TimewarpShape& shape, double displacement_scale_nm);
  /// Weights are uniform within 1/sqrt(fan-in), from our own streams; those that S and T end in are
  /// multiplied by `output_scale`, biases are 0.
  void initialise(const engine::StepKey& key, double output_scale);

  /// @param positions  [B, N, 3], nm, centred
  /// @param elements   [N], int64, below n_element_kinds
  FlowCondition condition(const torch::Tensor& positions, const torch::Tensor& elements);
  /// log_det: log |d latent / d data|.
  FlowPoint to_latent(const FlowCondition& condition, const torch::Tensor& displacements,
                      const torch::Tensor& auxiliaries);
  /// log_det: log |d data / d latent|.
  FlowPoint to_data(const FlowCondition& condition, const torch::Tensor& positions,
                    const torch::Tensor& auxiliaries);
  /// Of latents, [B].
  torch::Tensor base_log_density(const torch::Tensor& positions, const torch::Tensor& auxiliaries);
  /// log q(d, v | x), [B].
  torch::Tensor log_density(const FlowCondition& condition, const torch::Tensor& displacements,
                            const torch::Tensor& auxiliaries);
  /// A draw from standard normal numbers; log_det is log q(d, v | x).
  FlowPoint sample(const FlowCondition& condition, const torch::Tensor& position_noise,
                   const torch::Tensor& auxiliary_noise);

 private:
  torch::Tensor log_scale(std::size_t coupling, const FlowCondition& condition,
                          const torch::Tensor& input);
  torch::Tensor input_of(const FlowCondition& condition, const torch::Tensor& other) const;

  TimewarpShape shape_;
  double displacement_scale_nm_;
  torch::nn::Embedding embedding_{nullptr};
  std::vector<AtomTransformer> scales_, shifts_;
  torch::Tensor log_position_width_, log_auxiliary_width_;
};
TORCH_MODULE(TimewarpFlow);

/// The flow of a model, in the single precision it is trained in.
struct TimewarpNetwork {
  TimewarpFlow flow{nullptr};
};

/// A flow of the model's shape and scale with the model's weights, if it has any.
TimewarpFlow copy_of_flow(const TimewarpModel& model);
/// The same in double, with which densities are computed.
TimewarpFlow exact_flow_of(const TimewarpModel& model);

/// Frames of states: rigid motions that are functions of the state. Row vectors: in the frame
/// x is (x - centre) rotation^T.
struct FramePoses {
  torch::Tensor rotation;  ///< [B, 3, 3], axes in rows
  torch::Tensor centre;    ///< [B, 1, 3], nm

  torch::Tensor into(const torch::Tensor& x) const;
  torch::Tensor out_of(const torch::Tensor& x) const;
  FramePoses repeated(std::int64_t n) const;
};

/// Mean position, and axes along the three frame atoms: the first from one to two, the second
/// towards the third, each right-angled. Atoms on a line, two or one of them, get a second axis by
/// the direction of the first alone. Differentiable.
FramePoses body_poses(const torch::Tensor& x, const std::array<std::size_t, 3>& atoms);
/// Mean position and given rotations [B, 3, 3].
FramePoses centred_poses(const torch::Tensor& x, const torch::Tensor& rotations);

/// Indices of elements, [N] int64, as the flow takes them.
torch::Tensor element_indices(const std::vector<int>& atomic_numbers);

/// Log-density of standard normal numbers, [B], of [B, ...].
torch::Tensor standard_normal_log_density(const torch::Tensor& values);

/// Parameters one after another, as copies; and back into a flow of the same shape.
std::vector<torch::Tensor> copied_parameters(const torch::nn::Module& module);
void set_parameters(torch::nn::Module& module, const std::vector<torch::Tensor>& values);

}  // namespace saltus::mlsamplers
