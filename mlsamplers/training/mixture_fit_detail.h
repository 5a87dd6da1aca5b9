#pragma once

#include <functional>

#include "mlsamplers/leap/mixture_network_detail.h"
#include "mlsamplers/training/leap_options.h"
#include "mlsamplers/training/mixture_data.h"

namespace saltus::mlsamplers {

struct FittedMixture {
  MixtureNetwork network{nullptr};
  double held_out_log_density = 0.0;  ///< mean, nats
};

/// Maximum likelihood with AdamW and a cosine schedule; keeps the weights that were best on
/// held-out data, those at the start included, and stops when ten epochs brought nothing.
/// Single-threaded: same bits everywhere.
/// @param network  where to begin; its weights change
FittedMixture fit_mixture(MixtureNetwork network, const MixtureFitData& data,
                          const LeapTrainingOptions& options, const engine::StepKey& key,
                          const std::function<void()>& after_epoch);

}  // namespace saltus::mlsamplers
