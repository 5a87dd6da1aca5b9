#pragma once

#include <functional>
#include <vector>

#include "mlsamplers/leap/mixture_network_detail.h"
#include "mlsamplers/training/leap_trainer.h"

namespace saltus::mlsamplers {

/// Angles to be modelled and what each is conditioned on.
struct MixtureFitData {
  struct Part {
    std::vector<double> conditions;  ///< [n, n_angles], rad
    std::vector<double> angles;      ///< [n], rad
  };
  std::size_t n_angles = 0;
  Part training, held_out;
};

struct FittedMixture {
  MixtureNetwork network{nullptr};
  double held_out_log_density = 0.0;  ///< mean, nats
};

/// Maximum likelihood with AdamW and a cosine schedule; keeps the weights of the epoch that was
/// best on held-out data and stops when ten epochs brought nothing. Single-threaded: same bits
/// everywhere.
FittedMixture fit_mixture(MixtureNetworkShape shape, const MixtureFitData& data,
                          const LeapTrainingOptions& options, const engine::StepKey& key,
                          const std::function<void()>& after_epoch);

}  // namespace saltus::mlsamplers
