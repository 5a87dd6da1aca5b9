#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "mlsamplers/leap/mixture_network_detail.h"

namespace saltus::mlsamplers {

namespace {

constexpr auto kHarmonics = static_cast<std::int64_t>(engine::kNetworkHarmonics);
constexpr int kImages = 3;

/// Uniform in +-1/sqrt(fan-in), as torch initialises linear layers, but from our streams.
void initialise(torch::nn::Linear& layer, engine::RandomStream& stream) {
  torch::NoGradGuard no_grad;
  const double bound = 1.0 / std::sqrt(static_cast<double>(layer->weight.size(1)));
  for (torch::Tensor& parameter : layer->parameters()) {
    auto* values = parameter.data_ptr<double>();
    for (std::int64_t i = 0; i < parameter.numel(); ++i)
      values[i] = bound * (2.0 * stream.uniform() - 1.0);
  }
}

torch::Tensor harmonics_of(const torch::Tensor& angles) {
  std::vector<torch::Tensor> parts;
  for (std::int64_t k = 1; k <= kHarmonics; ++k) {
    parts.push_back(torch::cos(static_cast<double>(k) * angles));
    parts.push_back(torch::sin(static_cast<double>(k) * angles));
  }
  return torch::cat(parts, 1);
}

/// Each parameter of a network, by name, and where plain arrays have it.
std::vector<std::pair<const char*, std::vector<double> engine::MixtureNetworkWeights::*>>
parameter_places() {
  using Weights = engine::MixtureNetworkWeights;
  return {{"first.weight", &Weights::first},   {"first.bias", &Weights::first_bias},
          {"second.weight", &Weights::second}, {"second.bias", &Weights::second_bias},
          {"head.weight", &Weights::head},     {"head.bias", &Weights::head_bias}};
}

}  // namespace

torch::Tensor WrappedMixture::log_density(const torch::Tensor& angles) const {
  const torch::Tensor difference =
      torch::remainder(angles.unsqueeze(1) - means + engine::kPi, engine::kTwoPi) - engine::kPi;
  const torch::Tensor images =
      engine::kTwoPi * torch::arange(-kImages, kImages + 1, torch::kFloat64);
  const torch::Tensor z = (difference.unsqueeze(2) + images) / widths.unsqueeze(2);
  const torch::Tensor log_terms = -0.5 * z * z - torch::log(widths).unsqueeze(2) +
                                  (log_weights.unsqueeze(2) - 0.5 * std::log(engine::kTwoPi));
  return torch::logsumexp(log_terms.flatten(1), 1);
}

std::int64_t MixtureNetworkImpl::n_inputs(const MixtureNetworkShape& shape) {
  return std::max<std::int64_t>(1, 2 * kHarmonics * shape.n_angles) +
         (shape.sees_temperature ? 1 : 0);
}

MixtureNetworkImpl::MixtureNetworkImpl(MixtureNetworkShape shape, const engine::StepKey& key)
    : shape_(shape) {
  first_ = register_module("first", torch::nn::Linear(n_inputs(shape), shape.n_hidden));
  second_ = register_module("second", torch::nn::Linear(shape.n_hidden, shape.n_hidden));
  head_ = register_module("head", torch::nn::Linear(shape.n_hidden, 4 * shape.n_components));
  to(torch::kFloat64);
  engine::RandomStream stream(key, engine::StreamName::kTraining, 0);
  initialise(first_, stream);
  initialise(second_, stream);
  initialise(head_, stream);
  // Spread the components' means over the circle at the start.
  torch::NoGradGuard no_grad;
  auto bias = head_->bias.accessor<double, 1>();
  for (std::int64_t k = 0; k < shape.n_components; ++k) {
    const double angle =
        engine::kTwoPi * static_cast<double>(k) / static_cast<double>(shape.n_components);
    bias[shape.n_components + k] = std::cos(angle);
    bias[2 * shape.n_components + k] = std::sin(angle);
  }
}

WrappedMixture MixtureNetworkImpl::forward(const torch::Tensor& angles,
                                           const torch::Tensor& temperature) {
  torch::Tensor input = shape_.n_angles > 0 ? harmonics_of(angles)
                                            : torch::ones({angles.size(0), 1}, torch::kFloat64);
  if (shape_.sees_temperature) input = torch::cat({input, temperature}, 1);
  const torch::Tensor hidden = torch::silu(second_->forward(torch::silu(first_->forward(input))));
  const auto parts = head_->forward(hidden).split(shape_.n_components, 1);
  return {torch::log_softmax(parts[0], 1), torch::atan2(parts[2], parts[1]),
          kMinWidth + (kMaxWidth - kMinWidth) * torch::sigmoid(parts[3])};
}

engine::MixtureNetworkWeights weights_of(const MixtureNetwork& network) {
  const MixtureNetworkShape& shape = network->shape();
  engine::MixtureNetworkWeights result;
  result.n_angles = static_cast<std::size_t>(shape.n_angles);
  result.n_components = static_cast<std::size_t>(shape.n_components);
  result.n_hidden = static_cast<std::size_t>(shape.n_hidden);
  result.sees_temperature = shape.sees_temperature;
  const auto parameters = network->named_parameters();
  for (const auto& [name, place] : parameter_places()) {
    const torch::Tensor values = parameters[name].detach().contiguous();
    (result.*place).assign(values.data_ptr<double>(), values.data_ptr<double>() + values.numel());
  }
  return result;
}

MixtureNetwork network_of(const engine::MixtureNetworkWeights& weights) {
  torch::NoGradGuard no_grad;
  const MixtureNetworkShape shape = {
      static_cast<std::int64_t>(weights.n_angles), static_cast<std::int64_t>(weights.n_components),
      static_cast<std::int64_t>(weights.n_hidden), weights.sees_temperature};
  MixtureNetwork network(shape, engine::StepKey{});
  auto parameters = network->named_parameters();
  for (const auto& [name, place] : parameter_places()) {
    torch::Tensor& values = parameters[name];
    const std::vector<double>& from = weights.*place;
    if (values.numel() != static_cast<std::int64_t>(from.size()))
      throw engine::InternalError(std::string("network_of: '") + name + "' has the wrong size");
    std::copy(from.begin(), from.end(), values.data_ptr<double>());
  }
  return network;
}

}  // namespace saltus::mlsamplers
