#pragma once

#include <memory>
#include <optional>

#include "engine/reference/potential_term.h"
#include "engine/system/system.h"

namespace saltus::engine {

/// "nonbonded": sum over pairs of 4 eps ((sigma/r)^12 - (sigma/r)^6) + k_C q_i q_j / r with the
/// Lorentz-Berthelot rule; exceptions replace their pairs. Pairs without any interaction are left
/// out. Cutoff, nearest images and switching: see Nonbonded; k_rf and c_rf: pair_list.h; Ewald
/// sums: ewald_split.h; a long_range_correction.h is added once. +inf where an interacting pair
/// coincides, exceptions without an interaction of their own not among them.
/// @param box  of the system; needed by Ewald sums
std::unique_ptr<const PotentialTerm> make_nonbonded_term(const Nonbonded& nonbonded,
                                                         const std::optional<Box>& box);

}  // namespace saltus::engine
