#pragma once

#include <memory>
#include <vector>

#include "engine/reference/potential_term.h"
#include "engine/system/system.h"

namespace saltus::engine {

/// "restraints": flat-bottomed harmonic restraints of positions and torsions; see PositionRestraint
/// and TorsionRestraint. In a periodic box too they act on positions as they are. Where three atoms
/// in a row lie on a line their torsion is undefined: taken as 0, with no force. +inf where
/// neighbours in a torsion coincide.
std::unique_ptr<const PotentialTerm> make_restraint_term(
    const std::vector<PositionRestraint>& positions, const std::vector<TorsionRestraint>& torsions);

/// "field": -sum_i q_i field . x_i.
std::unique_ptr<const PotentialTerm> make_field_term(const UniformField& field);

}  // namespace saltus::engine
