#pragma once

#include <memory>

#include "engine/lanes/lane_term.h"
#include "engine/system/system.h"

namespace saltus::engine {

/// The terms of reference/bonded_terms.h for whole blocks: those of "bonds", "angles" and
/// "torsions" that the system has. They share the vectors between their atoms.
/// @throws InputError  when a periodicity is not in 1 .. 100
std::unique_ptr<const LaneTerm> make_bonded_lanes(const System& system);

}  // namespace saltus::engine
