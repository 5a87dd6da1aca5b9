#pragma once

#include <memory>

#include "engine/lanes/lane_term.h"
#include "engine/system/system.h"

namespace saltus::engine {

/// The terms of reference/nonbonded_terms.h for whole blocks.
/// NonbondedMethod::kCutoffPeriodic needs the boxes of the chains, which may differ from lane to
/// lane and must be rectangular.
std::unique_ptr<const LaneTerm> make_nonbonded_lanes(const Nonbonded& nonbonded);

}  // namespace saltus::engine
