#include "mlsamplers/training/network_fits.h"

#include <algorithm>
#include <atomic>

#include "mlsamplers/leap/mixture_network_detail.h"
#include "mlsamplers/training/mixture_fit_detail.h"

namespace saltus::mlsamplers {

namespace {

MixtureFitData data_of(const NetworkTask& task, std::size_t index) {
  const std::size_t n_soft = task.data.n_soft;
  if (index < n_soft) return soft_data(task.data, task.ends, index);
  return rotor_data(task.data, task.split.rotors[index - n_soft].fold, index - n_soft);
}

/// The network to begin with.
MixtureNetwork start_of(const NetworkTask& task, std::size_t index, std::size_t n_angles,
                        const engine::StepKey& key) {
  const bool soft = index < task.data.n_soft;
  if (task.start)
    return network_of(
        weights_of(soft ? task.start->soft[index] : task.start->rotors[index - task.data.n_soft]));
  MixtureNetworkShape shape;
  shape.n_angles = static_cast<std::int64_t>(n_angles);
  shape.n_components =
      static_cast<std::int64_t>(soft ? task.options.n_components : task.options.n_rotor_components);
  shape.n_hidden = static_cast<std::int64_t>(task.options.n_hidden);
  return MixtureNetwork(shape, key);
}

}  // namespace

NetworkFits fit_networks(const NetworkTask& task, const TrainingEnvironment& environment) {
  const std::size_t n_soft = task.data.n_soft, n_networks = n_soft + task.data.n_rotors;
  std::vector<MixtureNetwork> networks(n_networks, MixtureNetwork(nullptr));
  std::vector<double> scores(n_networks);
  std::vector<std::size_t> n_pairs(n_networks), n_held_out(n_networks);
  std::atomic<std::size_t> epochs_done{0};
  const auto total = static_cast<double>(n_networks * task.options.n_epochs);
  const auto fit_one = [&](std::size_t index) {
    const MixtureFitData fit = data_of(task, index);
    const engine::StepKey key = task.key.child(static_cast<std::uint32_t>(index));
    const FittedMixture fitted =
        fit_mixture(start_of(task, index, fit.n_angles, key), fit, task.options, key, [&] {
          if (environment.progress)
            environment.progress(std::min(1.0, static_cast<double>(++epochs_done) / total));
        });
    networks[index] = fitted.network;
    scores[index] = fitted.held_out_log_density;
    n_pairs[index] = fit.training.angles.size();
    n_held_out[index] = fit.held_out.angles.size();
  };
  if (environment.pool) {
    environment.pool->for_each_block(n_networks, fit_one);
  } else {
    for (std::size_t i = 0; i < n_networks; ++i) fit_one(i);
  }
  NetworkFits result;
  result.networks = std::make_shared<LeapNetworks>();
  for (std::size_t i = 0; i < n_networks; ++i) {
    const bool soft = i < n_soft;
    (soft ? result.networks->soft : result.networks->rotors).push_back(networks[i]);
    (soft ? result.soft_scores : result.rotor_scores).push_back(scores[i]);
  }
  if (n_networks > 0) {
    result.n_pairs = n_pairs[0];
    result.n_held_out = n_held_out[0];
  }
  return result;
}

}  // namespace saltus::mlsamplers
