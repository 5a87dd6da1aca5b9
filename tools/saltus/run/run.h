#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tools/saltus/common/process_team.h"
#include "tools/saltus/common/progress.h"
#include "tools/saltus/decks/load_run_deck.h"

namespace saltus::tools {

struct RunRequest {
  LoadedRunDeck deck;
  /// Of a deck that is in no file yet: written as "deck.toml" into the run's folder.
  std::string deck_text;
  bool resume = false;
  bool overwrite = false;
  bool report = true;  ///< write report.html; summary.json is always written
  /// First asked when preparation is over, then between steps of production.
  std::function<bool()> interrupted;
  /// The processes that move chains together, led by this one; null: it is alone.
  ProcessTeam* team = nullptr;
};

/// How a run ended, for the caller to print.
struct RunOutcome {
  bool finished = true;  ///< false: interrupted, and can be resumed
  std::filesystem::path trajectory;
  std::filesystem::path summary, report;  ///< empty when not written
};

/// Runs a deck: pilot, training, warm-up, production, report.
/// @throws Error  whatever goes wrong; what was written before stays usable
RunOutcome run_deck(const RunRequest& request, Progress& progress);

/// Pilot and training only; writes each model to where [leap] or its [[proposal]] says, or the only
/// one to `save_as` when that is not empty, and returns the paths.
std::vector<std::filesystem::path> train_deck(const LoadedRunDeck& deck,
                                              const std::filesystem::path& save_as, bool overwrite,
                                              Progress& progress);

}  // namespace saltus::tools
