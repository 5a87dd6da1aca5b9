#pragma once

#include <memory>

#include "engine/potential/potential_term.h"
#include "engine/system/system.h"

namespace saltus::engine {

/// "nonbonded": sum over pairs of 4 eps ((sigma/r)^12 - (sigma/r)^6) + k_C q_i q_j / r with the
/// Lorentz-Berthelot rule; exceptions replace their pairs. Pairs without any interaction are left
/// out. With a cutoff, k_rf = (e-1)/((2e+1) r_c^3) and c_rf = 3e/((2e+1) r_c) for dielectric e
/// (see NonbondedMethod). +inf where an interacting pair coincides.
std::unique_ptr<const PotentialTerm> make_nonbonded_term(const Nonbonded& nonbonded);

}  // namespace saltus::engine
