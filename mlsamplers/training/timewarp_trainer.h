#pragma once

#include <functional>
#include <memory>
#include <string>

#include "engine/core/thread_pool.h"
#include "engine/potential/energy_function.h"
#include "mlsamplers/training/leap_trainer.h"
#include "mlsamplers/training/timewarp_options.h"

namespace saltus::mlsamplers {

/// Where a training stands.
struct TimewarpTrainingState {
  std::size_t step = 0, n_steps = 0;  ///< gradients taken, and to be taken in all
  double training = 0.0;              ///< mean loss by atom since the last point of the curve
  double held_out = 0.0, best_held_out = 0.0;  ///< -log q by atom, nats; of averaged weights
  double seconds_left = 0.0;
};

/// What a training works with; all may be missing.
struct TimewarpEnvironment {
  std::shared_ptr<engine::ThreadPool> pool = nullptr;
  /// Called at every point of the curve.
  std::function<void(const TimewarpTrainingState&)> progress = {};
  /// Given the best model so far whenever there is a better one: should the training fail later,
  /// the last good model is there.
  std::function<void(const TimewarpModel&)> keep = {};
  /// File of a training that was interrupted, written at every point of the curve. When it exists
  /// the training goes on from it, and ends as if it had not been interrupted. Empty, or a flow of
  /// more than 50 million parameters, whose state would be too large a file: none.
  std::string state_file = {};
  std::shared_ptr<const engine::EnergyFunction> energy = nullptr;  ///< needed for tuning
  /// Model whose weights the training starts with, instead of random ones.
  std::shared_ptr<const TimewarpModel> warm_start = nullptr;
};

/// A model and how good it is.
struct TrainedTimewarp {
  TimewarpModel model;
  std::size_t best_step = 0;
  double held_out = 0.0;  ///< -log q(d, v | x) of a held-out pair by atom, nats
  std::string summary;
};

/// Fits a Timewarp flow to pairs of a pilot that are a lag apart, each in both directions
/// (equilibrium is time-reversible), with new auxiliaries each time; first by likelihood, then as
/// TimewarpTuningOptions say. The same data, options and seed give the same model, whatever the
/// number of threads and however often the training was interrupted.
/// @param card  molecule, temperature, force field filled in; lag, measure and training are added
/// @throws InputError      when the trajectory is shorter than the lag, has fewer than two series,
///                         options are out of range, or tuning has no energy
/// @throws ModelError      when the warm start has another shape, or the state file belongs to
///                         another training
/// @throws NumericalError  when the loss is not finite or the held-out score diverges; says what
///                         step, and which model was kept
TrainedTimewarp train_timewarp(const engine::Topology& topology, const PilotTrajectory& pilot,
                               const TimewarpTrainingOptions& options, ModelCard card,
                               const TimewarpEnvironment& environment);

}  // namespace saltus::mlsamplers
