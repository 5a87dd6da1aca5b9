#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "engine/core/random.h"
#include "mlsamplers/training/leap_trainer.h"
#include "mlsamplers/training/mixture_data.h"

namespace saltus::mlsamplers {

/// What the networks of one leap are fitted to: soft torsions between the ends of leaps, rotors in
/// all rows.
struct NetworkTask {
  const InternalData& data;
  const CoordinateSplit& split;
  LeapEnds ends;
  LeapTrainingOptions options;
  engine::StepKey key;
  /// Networks to go on from, whose weights stay as they are; null: new ones.
  std::shared_ptr<const LeapNetworks> start = nullptr;
};

/// Networks of a leap and how good they are on what was held out.
struct NetworkFits {
  std::shared_ptr<LeapNetworks> networks;
  std::vector<double> soft_scores, rotor_scores;  ///< held-out mean log-densities, nats
  std::size_t n_pairs = 0, n_held_out = 0;        ///< of the first network
};

/// Fits one network for each soft torsion and rotor, side by side, since they share nothing.
NetworkFits fit_networks(const NetworkTask& task, const TrainingEnvironment& environment);

}  // namespace saltus::mlsamplers
