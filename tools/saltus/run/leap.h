#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "engine/core/thread_pool.h"
#include "engine/ensemble/target_density.h"
#include "mlsamplers/leap/leap_model.h"
#include "mlsamplers/training/leap_trainer.h"
#include "tools/saltus/common/progress.h"
#include "tools/saltus/decks/run_deck.h"
#include "tools/saltus/molecules/molecule.h"

namespace saltus::tools {

/// Loads a model and refuses it when it was made for something else.
std::shared_ptr<const mlsamplers::LeapModel> load_leap(const std::filesystem::path& path,
                                                       const Molecule& molecule,
                                                       double temperature_K);

/// What a leap is trained for, and on.
struct LeapTask {
  const Molecule& molecule;
  const mlsamplers::PilotTrajectory& pilot;
  const engine::TargetDensity& target;
  double temperature_K = 0.0;
  std::uint64_t seed = 0;
  std::shared_ptr<engine::ThreadPool> pool;
};

/// Trains a model on a pilot, refines it by its own leaps and writes it to a file.
std::shared_ptr<const mlsamplers::LeapModel> train_leap(const LeapDeck& deck, const LeapTask& task,
                                                        const std::filesystem::path& save_as,
                                                        Progress& progress);

}  // namespace saltus::tools
