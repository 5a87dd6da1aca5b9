#pragma once

#include <torch/torch.h>

#include <vector>

#include "engine/core/random.h"
#include "engine/leap/leap_weights.h"
#include "mlsamplers/model/torch_threads.h"

namespace saltus::mlsamplers {

/// Size of a conditional mixture network; fixed by the training options or the model file.
struct MixtureNetworkShape {
  std::int64_t n_angles = 0;      ///< angles it is conditioned on, each as harmonics 1..3
  std::int64_t n_components = 0;  ///< wrapped normals
  std::int64_t n_hidden = 0;      ///< width of two SiLU layers
  bool sees_temperature = false;  ///< T_ref / T - 1 is one more input, the last
};

/// Parameters of a mixture of wrapped normals for every row: [B, K] each, float64.
struct WrappedMixture {
  torch::Tensor log_weights, means, widths;

  /// log density of angles [B], any branch: log sum_k w_k sum_m N(angle + 2 pi m; mu_k, sigma_k).
  /// Seven images are summed; widths stay below 1.55 rad, so what is left out is below 1e-40.
  torch::Tensor log_density(const torch::Tensor& angles) const;
};

/// Perceptron that turns angles into the mixture of one further angle. Double precision throughout.
class MixtureNetworkImpl : public torch::nn::Module {
 public:
  /// Weights are drawn from our own streams, so that they depend on the key alone.
  MixtureNetworkImpl(MixtureNetworkShape shape, const engine::StepKey& key);

  const MixtureNetworkShape& shape() const { return shape_; }
  /// Width of the first layer's input: harmonics of the angles, or a constant without any, and the
  /// temperature.
  static std::int64_t n_inputs(const MixtureNetworkShape& shape);
  /// @param angles       [B, n_angles], rad
  /// @param temperature  [B, 1], T_ref / T - 1; not used when the network does not see it
  WrappedMixture forward(const torch::Tensor& angles, const torch::Tensor& temperature = {});

 private:
  MixtureNetworkShape shape_;
  torch::nn::Linear first_{nullptr}, second_{nullptr}, head_{nullptr};
};
TORCH_MODULE(MixtureNetwork);

/// Smallest and largest width of a component, rad.
constexpr double kMinWidth = engine::kMinComponentWidth, kMaxWidth = engine::kMaxComponentWidth;

/// A network's parameters as plain arrays, and the network that has these.
engine::MixtureNetworkWeights weights_of(const MixtureNetwork& network);
MixtureNetwork network_of(const engine::MixtureNetworkWeights& weights);

/// Networks of one model. The i-th soft torsion is conditioned on all current soft torsions and on
/// the new ones before it; a rotor's folded angle on the new soft torsions.
struct LeapNetworks {
  std::vector<MixtureNetwork> soft, rotors;
};

}  // namespace saltus::mlsamplers
