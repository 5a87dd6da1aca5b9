#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "mlsamplers/training/mixture_fit_detail.h"

namespace saltus::mlsamplers {

namespace {

constexpr std::size_t kPatience = 10;

torch::Tensor tensor_of(const std::vector<double>& values, std::int64_t columns) {
  const auto rows = columns == 0 ? 0 : static_cast<std::int64_t>(values.size()) / columns;
  return torch::from_blob(const_cast<double*>(values.data()), {rows, columns}, torch::kFloat64)
      .clone();
}

struct TensorPart {
  torch::Tensor conditions, angles;
};

TensorPart to_tensors(const MixtureFitData::Part& part, std::size_t n_angles) {
  const auto n = static_cast<std::int64_t>(part.angles.size());
  torch::Tensor conditions = n_angles == 0
                                 ? torch::zeros({n, 0}, torch::kFloat64)
                                 : tensor_of(part.conditions, static_cast<std::int64_t>(n_angles));
  return {conditions, tensor_of(part.angles, 1).squeeze(1)};
}

double score(MixtureNetwork& network, const TensorPart& part) {
  torch::NoGradGuard no_grad;
  return network->forward(part.conditions).log_density(part.angles).mean().item<double>();
}

std::vector<torch::Tensor> copy_weights(const MixtureNetwork& network) {
  std::vector<torch::Tensor> copy;
  for (const torch::Tensor& parameter : network->parameters())
    copy.push_back(parameter.detach().clone());
  return copy;
}

void restore_weights(MixtureNetwork& network, const std::vector<torch::Tensor>& weights) {
  torch::NoGradGuard no_grad;
  const auto parameters = network->parameters();
  for (std::size_t i = 0; i < weights.size(); ++i) parameters[i].data().copy_(weights[i]);
}

/// A permutation of [0, n) from our own streams.
torch::Tensor shuffled(std::int64_t n, const engine::StepKey& key, std::size_t epoch) {
  torch::Tensor order = torch::arange(n, torch::kInt64);
  engine::RandomStream stream(key, engine::StreamName::kTrainingShuffle,
                              static_cast<std::uint32_t>(epoch));
  engine::shuffle(
      engine::Span<std::int64_t>(order.data_ptr<std::int64_t>(), static_cast<std::size_t>(n)),
      stream);
  return order;
}

}  // namespace

FittedMixture fit_mixture(MixtureNetwork network, const MixtureFitData& data,
                          const LeapTrainingOptions& options, const engine::StepKey& key,
                          const std::function<void()>& after_epoch) {
  use_one_torch_thread();
  const TensorPart training = to_tensors(data.training, data.n_angles),
                   held_out = to_tensors(data.held_out, data.n_angles);
  const std::int64_t n = training.angles.size(0);
  if (n == 0 || held_out.angles.size(0) == 0)
    throw engine::InputError(
        "leap training: no pairs in the training or the held-out part: make "
        "the pilot longer or the lag shorter");
  torch::optim::AdamW optimizer(
      network->parameters(),
      torch::optim::AdamWOptions(options.learning_rate).weight_decay(options.weight_decay));
  const auto batch = static_cast<std::int64_t>(options.batch_size);
  double best = score(network, held_out);
  bool finite = false;
  std::vector<torch::Tensor> best_weights = copy_weights(network);
  std::size_t since_best = 0;
  for (std::size_t epoch = 0; epoch < options.n_epochs && since_best < kPatience; ++epoch) {
    const double progress = static_cast<double>(epoch) / static_cast<double>(options.n_epochs);
    const double rate = options.learning_rate * 0.5 * (1.0 + std::cos(engine::kPi * progress));
    for (auto& group : optimizer.param_groups())
      static_cast<torch::optim::AdamWOptions&>(group.options()).lr(rate);
    const torch::Tensor order = shuffled(n, key, epoch);
    for (std::int64_t start = 0; start < n; start += batch) {
      const torch::Tensor rows = order.slice(0, start, std::min(n, start + batch));
      optimizer.zero_grad();
      const torch::Tensor loss = -network->forward(training.conditions.index_select(0, rows))
                                      .log_density(training.angles.index_select(0, rows))
                                      .mean();
      loss.backward();
      optimizer.step();
    }
    const double now = score(network, held_out);
    finite = finite || std::isfinite(now);
    if (now > best + 1e-5) {
      best = now;
      best_weights = copy_weights(network);
      since_best = 0;
    } else {
      ++since_best;
    }
    if (after_epoch) after_epoch();
  }
  if (!finite) throw engine::NumericalError("leap training: the held-out score is not finite");
  restore_weights(network, best_weights);
  return {network, best};
}

}  // namespace saltus::mlsamplers
