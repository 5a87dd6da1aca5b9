#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/run/move_statistics.h"
#include "engine/run/round_trips.h"
#include "engine/run/run_summary.h"
#include "tools/saltus/run/identity.h"
#include "tools/saltus/run/move_builder.h"

namespace saltus::tools {

/// The model of one learned leap.
struct ModelRecord {
  std::string name;                                       ///< of its [[proposal]]; empty: [leap]
  std::string path;                                       ///< of its file
  std::string digest;                                     ///< SHA-256 of that file
  std::vector<std::pair<std::string, std::string>> card;  ///< (entry, value)
};

/// What a run knows beyond its trajectory and a report needs: kept in every checkpoint, so that
/// neither a restart nor a later `saltus report` loses it.
struct RunRecord {
  std::string molecule;
  engine::MoveStatisticsTable statistics;
  engine::RoundTrips round_trips;  ///< of a ladder; counts nothing in runs of earlier versions
  TunedMoves tuned;
  std::vector<std::string> approximate_moves;
  std::vector<ModelRecord> models;
  std::vector<engine::SamplerEfficiency> comparisons;
  /// Of the start of the run, before any --resume; empty in files of earlier versions.
  std::vector<engine::StageCost> preparation;
  std::vector<std::string> ready_models;  ///< as engine::RunSummary has them
  RunIdentity identity;                   ///< of the deck it was begun with
};

std::string record_to_json(const RunRecord& record);
/// @throws InputError  naming `path` when the text is not such a record
RunRecord record_from_json(const std::string& json, const std::string& path);

}  // namespace saltus::tools
