#pragma once

#include "engine/ensemble/chain_batch.h"
#include "io/hdf5/trajectory_writer.h"
#include "tools/saltus/run/models.h"
#include "tools/saltus/run/observables.h"
#include "tools/saltus/run/setup.h"

namespace saltus::tools {

/// The run whose trajectory is written.
struct ColumnsRequest {
  const RunDeck& deck;
  const RunSetup& setup;
  const LeapModels& models;
  bool resume = false;  ///< its trajectory is there, and is repaired if need be
};

/// Sets whether frames have boxes and which columns, and says what is measured of them. A run that
/// goes on measures what its trajectory has: one begun by an earlier version has neither boxes,
/// replicas nor works of a map, then or later.
/// @throws InputError  when the trajectory has works of a map and the deck's moves have none
FrameObservables choose_columns(const ColumnsRequest& request, const engine::ChainBatch& chains,
                                io::TrajectoryOptions& options);

}  // namespace saltus::tools
