#pragma once

#include <memory>
#include <vector>

#include "engine/reference/potential_term.h"
#include "engine/system/system.h"

namespace saltus::engine {

/// "bonds": sum of k/2 (r - r0)^2. +inf where the two atoms coincide (there is no direction).
std::unique_ptr<const PotentialTerm> make_bond_term(const std::vector<HarmonicBond>& bonds);

/// "angles": sum of k/2 (theta - theta0)^2 with theta = atan2(|a x b|, a.b) in [0, pi]. +inf where
/// two of the three atoms coincide; elsewhere at theta = 0 and pi the direction of the force is
/// undefined: taken as 0.
std::unique_ptr<const PotentialTerm> make_angle_term(const std::vector<HarmonicAngle>& angles);

/// "torsions": sum of k (1 + cos(n phi - phase)), phi in the IUPAC sign. Terms on the same four
/// atoms share one geometry, and cos n phi, sin n phi come from powers of exp(i phi): no angle is
/// ever computed. Where three atoms in a row lie on a line phi is undefined: taken as 0, with no
/// force. +inf where bonded neighbours coincide.
/// @throws InputError  when a periodicity is not in 1 .. 100
/// Source of the forces: Blondel, Karplus, J. Comput. Chem. 17, 1132 (1996),
/// doi:10.1002/(SICI)1096-987X(19960715)17:9<1132::AID-JCC5>3.0.CO;2-T.
std::unique_ptr<const PotentialTerm> make_torsion_term(
    const std::vector<PeriodicTorsion>& torsions);

}  // namespace saltus::engine
