#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/core/thread_pool.h"
#include "engine/system/coordinates.h"
#include "mlsamplers/leap/leap_model.h"
#include "mlsamplers/training/leap_options.h"

namespace saltus::mlsamplers {

/// Configurations of one or more series at the target temperature, equally spaced in time.
struct PilotTrajectory {
  std::size_t n_series = 0, n_frames = 0;
  double frame_spacing_ps = 0.0;
  engine::CoordinateBatch frames;  ///< [n_series * n_frames, N, 3], nm; series-major
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

/// The molecule that a leap is for.
struct LeapMolecule {
  const engine::Topology& topology;
  const engine::System& system;
};

/// Where a training runs.
struct TrainingEnvironment {
  std::shared_ptr<engine::ThreadPool> pool = nullptr;  ///< may be null
  TrainingProgress progress = {};                      ///< may be empty
};

/// Fits the learned leap of one molecule to a pilot trajectory. Pairs are used in both directions
/// (equilibrium is time-reversible). The result depends on data, options and seed, not on threads.
/// @param card  molecule, temperature, force field filled in; lag, measure and training are added
/// @throws InputError      when the trajectory is shorter than the lag, options are out of range or
///                         the molecule has no internal coordinates
/// @throws NumericalError  when the fast coordinates' covariance cannot be factorised
TrainedLeap train_leap(const LeapMolecule& molecule, const PilotTrajectory& pilot,
                       const LeapTrainingOptions& options, ModelCard card,
                       const TrainingEnvironment& environment);

}  // namespace saltus::mlsamplers
