#pragma once

#include <filesystem>
#include <memory>

#include "mlsamplers/timewarp/timewarp_model.h"
#include "mlsamplers/training/timewarp_options.h"
#include "tools/saltus/common/progress.h"
#include "tools/saltus/molecules/molecule.h"
#include "tools/saltus/run/leap.h"

namespace saltus::tools {

/// Loads a Timewarp model and refuses it when it was made for something else.
std::shared_ptr<const mlsamplers::TimewarpModel> load_timewarp(const std::filesystem::path& path,
                                                               const Molecule& molecule,
                                                               double temperature_K);

/// File with the state of a training that makes this model: its name and ".training".
std::filesystem::path training_state_of(const std::filesystem::path& model);

/// Trains a Timewarp flow on a pilot. The best model so far is in `save_as` at any time; beside it
/// is the state of the training, from which the same deck goes on when it was interrupted, and
/// which is removed at the end.
std::shared_ptr<const mlsamplers::TimewarpModel> train_timewarp(
    const mlsamplers::TimewarpTrainingOptions& options, const LeapTask& task,
    const std::filesystem::path& save_as, Progress& progress);

}  // namespace saltus::tools
