#pragma once

#include <array>
#include <memory>
#include <optional>

#include "engine/lanes/lane_term.h"
#include "engine/system/system.h"

namespace saltus::engine {

/// The terms of reference/nonbonded_terms.h for whole blocks.
/// @param box_nm  edges of the periodic box; must be there for NonbondedMethod::kCutoffPeriodic
std::unique_ptr<const LaneTerm> make_nonbonded_lanes(
    const Nonbonded& nonbonded, const std::optional<std::array<double, 3>>& box_nm);

}  // namespace saltus::engine
