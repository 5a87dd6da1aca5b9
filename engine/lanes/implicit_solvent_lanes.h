#pragma once

#include <memory>

#include "engine/lanes/lane_term.h"
#include "engine/system/system.h"

namespace saltus::engine {

/// The term of reference/implicit_solvent_terms.h for whole blocks.
/// @throws InputError  when a GBn2 radius is outside the neck table
std::unique_ptr<const LaneTerm> make_implicit_solvent_lanes(const ImplicitSolvent& solvent);

}  // namespace saltus::engine
