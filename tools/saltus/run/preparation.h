#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/moves/move.h"
#include "engine/potential/decorators.h"
#include "engine/run/move_statistics.h"
#include "engine/run/run_summary.h"
#include "tools/saltus/decks/run_deck.h"

namespace saltus::tools {

/// Stages of a run's preparation, as records and pages call them.
inline constexpr const char* kMinimisationStage = "minimisation";
inline constexpr const char* kPilotStage = "pilot";
inline constexpr const char* kTrainingStage = "training";  ///< with refinement
inline constexpr const char* kTuningStage = "tuning";
inline constexpr const char* kWarmUpStage = "warm-up";  ///< with the first energies of the chains

/// Measures what the stages of a preparation cost: evaluations of all energies that share one
/// count, and CPU seconds.
class PreparationMeter {
 public:
  /// Measures from now on.
  /// @param count        that the energies add to (engine::CountingEnergy)
  /// @param cpu_seconds  spent so far: of this process, or of all that work together
  explicit PreparationMeter(std::shared_ptr<const engine::EvaluationCount> count,
                            std::function<double()> cpu_seconds = engine::process_cpu_seconds);

  /// Adds to a stage what was spent since the last call; a stage may come in pieces.
  void add_to(const std::string& stage);
  /// Leaves out what was spent since the last call.
  void leave_out();
  /// In the order they began.
  const std::vector<engine::StageCost>& stages() const { return stages_; }

 private:
  std::shared_ptr<const engine::EvaluationCount> count_;
  std::function<double()> cpu_seconds_now_;
  std::uint64_t evaluations_ = 0;
  double cpu_seconds_ = 0.0;
  std::vector<engine::StageCost> stages_;
};

/// Trained models that a deck takes as they are, files or models within Saltus, each once.
std::vector<std::string> ready_models_of(const RunDeck& deck);

/// "preparation: 5.2e+06 energy evaluations, 95 CPU s; production: ...".
std::string costs_sentence(const std::vector<engine::StageCost>& preparation,
                           const engine::MoveStatisticsTable& production);

}  // namespace saltus::tools
