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

/// Moves fast coordinates, at the same z, from one temperature to another: from old_x to new_x, and
/// ln |det| to log_forward. inverse_scale is of the old temperature, scale of the new one,
/// log_scale F ln of their product. The table redraws fast coordinates only.
void map_leap_block(const LeapTable& table, std::size_t n_lanes, LeapScratch& scratch);

}  // namespace saltus::engine
