#pragma once

#include <openmm/serialization/SerializationNode.h>

#include <cstdint>
#include <iosfwd>
#include <map>

#include "engine/run/move_statistics.h"

namespace saltus::openmm_plugin {

/// What a run has come to: all that goes on after a restart beside positions and velocities.
struct Progress {
  std::uint64_t n_moves = 0;
  engine::MoveStatisticsTable statistics;
  std::map<int, int> chosen_steps;  ///< by number of the move, where trials chose them
};

/// Into a checkpoint, and back.
void write_progress(const Progress& progress, std::ostream& stream);
/// @throws InputError  when the bytes are none that write_progress wrote
Progress read_progress(std::istream& stream);

/// Into the node of a State that holds parameters of its integrator, and back.
void write_progress(const Progress& progress, OpenMM::SerializationNode& node);
/// @throws InputError  naming what is not known or not a number
Progress read_progress(const OpenMM::SerializationNode& node);

}  // namespace saltus::openmm_plugin
