#pragma once

#include <cstddef>

#include "engine/leap/leap_scratch.h"
#include "engine/leap/leap_table.h"

namespace saltus::engine {

/// Draws new states of the chains of a block: from old_x, words and component_words of the scratch
/// memory to new_x, log_forward and log_reverse.
void draw_leap_block(const LeapTable& table, std::size_t n_lanes, LeapScratch& scratch);

/// log q(new|old) of the chains of a block: from old_x and new_x to log_forward.
void leap_density_block(const LeapTable& table, std::size_t n_lanes, LeapScratch& scratch);

}  // namespace saltus::engine
