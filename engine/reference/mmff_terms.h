#pragma once

#include <memory>
#include <vector>

#include "engine/reference/potential_term.h"
#include "engine/system/system.h"

namespace saltus::engine {

/// Terms of MMFF94; formulas and sources stand with their parameters in system/mmff_terms.h.

/// "mmff_bonds". +inf where the two atoms coincide.
std::unique_ptr<const PotentialTerm> make_mmff_bond_term(const std::vector<MmffBond>& bonds);

/// "mmff_angles", those at linear centres included; theta = atan2(|a x b|, a.b). +inf where two of
/// the three atoms of an angle coincide, or at a linear centre an atom and the vertex; elsewhere at
/// theta = 0 and pi the direction of the force is undefined: taken as 0.
std::unique_ptr<const PotentialTerm> make_mmff_angle_term(
    const std::vector<MmffAngle>& angles, const std::vector<MmffLinearAngle>& linear_angles);

/// "mmff_stretch_bends". As for angles; at theta = 0 and pi only the stretching part of the force
/// is left.
std::unique_ptr<const PotentialTerm> make_mmff_stretch_bend_term(
    const std::vector<MmffStretchBend>& stretch_bends);

/// "mmff_out_of_planes": chi = atan2(n.d, |n x d|), n = a x c, with a, c, d the bonds from the
/// centre j to i, k, l. Where i-j-k lie on a line there is no plane: chi is taken as 0, with no
/// force; at chi = pi/2 the direction of the force is undefined: taken as 0. +inf where i, k or l
/// coincides with j.
std::unique_ptr<const PotentialTerm> make_mmff_out_of_plane_term(
    const std::vector<MmffOutOfPlane>& out_of_planes);

/// "mmff_van_der_waals". Finite where the two atoms coincide, with no force there.
std::unique_ptr<const PotentialTerm> make_mmff_van_der_waals_term(const Mmff& mmff);

/// "mmff_electrostatics". Finite where the two atoms coincide, with no force there.
std::unique_ptr<const PotentialTerm> make_mmff_electrostatics_term(const Mmff& mmff);

}  // namespace saltus::engine
