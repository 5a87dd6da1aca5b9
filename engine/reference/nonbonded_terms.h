#pragma once

#include <memory>

#include "engine/reference/potential_term.h"
#include "engine/system/system.h"

namespace saltus::engine {

/// "nonbonded": sum over pairs of 4 eps ((sigma/r)^12 - (sigma/r)^6) + k_C q_i q_j / r with the
/// Lorentz-Berthelot rule; exceptions replace their pairs. Pairs without any interaction are left
/// out. Cutoff, nearest images and switching: see Nonbonded; k_rf and c_rf: pair_list.h; a
/// long_range_correction.h is added once. +inf where an interacting pair coincides.
/// Boxes, needed with NonbondedMethod::kCutoffPeriodic, must be rectangular.
std::unique_ptr<const PotentialTerm> make_nonbonded_term(const Nonbonded& nonbonded);

}  // namespace saltus::engine
