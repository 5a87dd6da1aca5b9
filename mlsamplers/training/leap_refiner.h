#pragma once

#include <memory>

#include "engine/ensemble/target_density.h"
#include "mlsamplers/training/leap_options.h"
#include "mlsamplers/training/leap_trainer.h"

namespace saltus::mlsamplers {

/// How good the refined model is.
struct LeapRefinementReport {
  std::size_t n_rounds_kept = 0;  ///< rounds whose fit describes held-out chains better; the first
                                  ///< that does not ends the refinement, its fit is dropped
  double acceptance = 0.0;        ///< of the last round's leaps
  double fast_held_out = 0.0;     ///< mean log-density of the pilot's held-out frames, nats
};

/// Fits a model again to configurations that its own Metropolis-corrected leaps visit: they are
/// exact, and one leap decorrelates them where dynamics need a picosecond, so that rare basins,
/// of which a pilot has few frames, get many independent ones for little work. Starts from the
/// pilot's training frames. In each round chains leap (engine::LaneLeap), then
///   fast coordinates are fitted to visited states and the pilot's frames together,
///   rotors' networks go on learning from visited states,
///   soft torsions' networks from independent_ends (mixture_data.h): proposals then depend less and
///   less on the state that they leave.
/// An eighth of the chains is held out for judging.
/// @param target   at the model's temperature
/// @param options  those of the training, for what is held out of the pilot, its seed, smoothness
///                 and schedule
/// The model stays as it is when no leap is accepted.
LeapRefinementReport refine_leap(LeapModel& model, const PilotTrajectory& pilot,
                                 const engine::TargetDensity& target, const LeapOptions& options,
                                 std::shared_ptr<engine::ThreadPool> pool);

}  // namespace saltus::mlsamplers
