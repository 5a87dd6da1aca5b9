#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/core/units.h"

namespace saltus::mlsamplers {

/// Size of the networks and schedule of the training.
struct LeapTrainingOptions {
  std::uint64_t seed = 0;
  double lag_ps = 10.0;          ///< time between the two ends of a training pair
  std::size_t n_components = 8;  ///< of each soft torsion's mixture
  std::size_t n_rotor_components = 3;
  std::size_t n_hidden = 48;
  double uniform_fraction = 0.05;
  /// Circular standard deviation above which a torsion is soft.
  double soft_threshold_rad = 20.0 * engine::kRadianPerDegree;
  std::size_t n_epochs = 40;  ///< at most; training stops early on held-out data
  std::size_t batch_size = 512;
  double learning_rate = 3e-3;
  double weight_decay = 1e-4;
  double held_out_fraction = 0.1;  ///< of the series, at least one
  double smoothness = 3e-3;        ///< penalty on rough regression functions, see fast_regression.h
};

/// How much to refine.
struct LeapRefinementOptions {
  std::size_t n_rounds = 3;
  std::size_t n_chains = 256;
  std::size_t n_leaps = 2000;  ///< per chain and round
};

/// How a leap is fitted to a pilot, then fitted again to its own leaps. What users may leave out
/// has its default here and nowhere else: decks hold one of these.
struct LeapOptions {
  LeapTrainingOptions training;
  LeapRefinementOptions refinement;
};

}  // namespace saltus::mlsamplers
