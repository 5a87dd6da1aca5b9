#pragma once

#include <memory>

#include "engine/ensemble/target_density.h"
#include "mlsamplers/training/leap_options.h"
#include "mlsamplers/training/leap_trainer.h"

namespace saltus::mlsamplers {

/// How good the refined model is.
struct LeapRefinementReport {
  std::size_t n_rounds_kept = 0;  ///< rounds that improved the held-out score; the first that
                                  ///< does not ends the refinement, its fit is dropped
  double acceptance = 0.0;        ///< of the last round's leaps
  double fast_held_out = 0.0;     ///< mean log-density of the pilot's held-out frames, nats
};

/// Fits the fast coordinates again to configurations that the model's own Metropolis-corrected
/// leaps visit: one leap decorrelates them where dynamics need a picosecond, so that many more
/// independent ones can be had for the same work. Starts from the pilot's training frames. The soft
/// torsions' transitions stay those of the pilot.
/// @param target   at the model's temperature
/// @param options  those of the training, for what is held out, its seed and smoothness, too
/// The model stays as it is when no leap is accepted.
LeapRefinementReport refine_fast_coordinates(LeapModel& model, const PilotTrajectory& pilot,
                                             const engine::TargetDensity& target,
                                             const LeapOptions& options,
                                             std::shared_ptr<engine::ThreadPool> pool);

}  // namespace saltus::mlsamplers
