#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/core/thread_pool.h"
#include "engine/system/coordinates.h"
#include "mlsamplers/leap/leap_model.h"

namespace saltus::mlsamplers {

/// Configurations of one or more series at the target temperature, equally spaced in time.
struct PilotTrajectory {
  std::size_t n_series = 0, n_frames = 0;
  double frame_spacing_ps = 0.0;
  engine::CoordinateBatch frames;  ///< [n_series * n_frames, N, 3], nm; series-major
};

/// Size of the networks and schedule of the training.
struct LeapTrainingOptions {
  std::uint64_t seed = 0;
  double lag_ps = 10.0;          ///< time between the two ends of a training pair
  std::size_t n_components = 8;  ///< of each soft torsion's mixture
  std::size_t n_rotor_components = 3;
  std::size_t n_hidden = 48;
  double uniform_fraction = 0.05;
  double soft_threshold_rad = 0.35;  ///< circular standard deviation above which a torsion is soft
  std::size_t n_epochs = 40;         ///< at most; training stops early on held-out data
  std::size_t batch_size = 512;
  double learning_rate = 3e-3;
  double weight_decay = 1e-4;
  double held_out_fraction = 0.1;  ///< of the series, at least one
  double smoothness = 3e-3;        ///< penalty on rough regression functions, see fast_regression.h
};

/// How good a trained model is on frames it has not seen, in nats per configuration.
struct LeapTrainingReport {
  std::size_t n_pairs = 0, n_held_out = 0;
  std::vector<double> soft_held_out, rotor_held_out;  ///< mean log-density of each torsion
  double fast_train = 0.0, fast_held_out = 0.0;
  std::string summary;
};

/// A model and how good it is.
struct TrainedLeap {
  LeapModel model;
  LeapTrainingReport report;
};

/// Called now and then with the fraction done, in [0, 1].
using TrainingProgress = std::function<void(double fraction)>;

/// Fits the learned leap of one molecule to a pilot trajectory. Pairs are used in both directions
/// (equilibrium is time-reversible). The result depends on data, options and seed, not on threads.
/// @param card  molecule, temperature, force field filled in; lag, measure and training are added
/// @throws InputError      when the trajectory is shorter than the lag, options are out of range or
///                         the molecule has no internal coordinates
/// @throws NumericalError  when the fast coordinates' covariance cannot be factorised
TrainedLeap train_leap(const engine::Topology& topology, const engine::System& system,
                       const PilotTrajectory& pilot, const LeapTrainingOptions& options,
                       ModelCard card, std::shared_ptr<engine::ThreadPool> pool,
                       const TrainingProgress& progress);

}  // namespace saltus::mlsamplers
