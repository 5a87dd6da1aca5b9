#pragma once

#include <map>
#include <memory>
#include <string>

#include "engine/core/span.h"
#include "engine/ensemble/target_density.h"
#include "engine/moves/move.h"
#include "engine/system/system.h"
#include "tools/openmm_plugin/settings.h"

namespace saltus::openmm_plugin {

/// What moves are made for.
struct MoveTask {
  const Settings& settings;
  const engine::System& parameters;  ///< see read_parameters
  engine::Span<const double> start;  ///< [N, 3], nm: tells handedness and planar forms
  const engine::Box* box = nullptr;  ///< of start; null: none
  engine::ReferenceMeasure measure;  ///< of the target
  double time_step_ps = 0.001;
};

/// All moves of an integrator as one.
struct BuiltMoves {
  std::shared_ptr<const engine::Move> mixture;
  std::map<std::string, double> durations_ps;  ///< of trajectories and stretches, by name
};

/// @throws InputError  when there is no move, or one has no topology or one of another size, moves
///                     what constraints, virtual sites or masses of 0 hold, or has nothing to move
/// @throws FileError, ModelError  when a model cannot be read, or is for another molecule, force
///                                field or temperature
BuiltMoves build_moves(const MoveTask& task);

}  // namespace saltus::openmm_plugin
