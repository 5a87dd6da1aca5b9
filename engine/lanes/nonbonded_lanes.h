#pragma once

#include <memory>
#include <optional>

#include "engine/lanes/lane_term.h"
#include "engine/system/system.h"

namespace saltus::engine {

/// The terms of reference/nonbonded_terms.h for whole blocks.
/// Periodic methods need the boxes of the chains, which may differ from lane to lane.
/// @param box  of the system; needed by Ewald sums
std::unique_ptr<const LaneTerm> make_nonbonded_lanes(const Nonbonded& nonbonded,
                                                     const std::optional<Box>& box);

}  // namespace saltus::engine
