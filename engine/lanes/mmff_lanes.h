#pragma once

#include <memory>
#include <vector>

#include "engine/lanes/lane_term.h"
#include "engine/system/system.h"

namespace saltus::engine {

/// The terms of reference/mmff_terms.h for whole blocks. +inf stands where those are +inf.

/// "mmff_bonds".
std::unique_ptr<const LaneTerm> make_mmff_bond_lanes(const std::vector<MmffBond>& bonds);

/// Those of "mmff_angles" (linear centres included) and "mmff_stretch_bends" that the force field
/// has, in one pass: an angle and a stretch-bend of the same atoms share their geometry.
std::unique_ptr<const LaneTerm> make_mmff_bend_lanes(const Mmff& mmff);

/// "mmff_out_of_planes"; the three of one centre share their geometry.
std::unique_ptr<const LaneTerm> make_mmff_out_of_plane_lanes(
    const std::vector<MmffOutOfPlane>& out_of_planes);

/// "mmff_van_der_waals" and "mmff_electrostatics" in one pass. In float arithmetic pairs more than
/// 1000 nm apart may count as overflow.
std::unique_ptr<const LaneTerm> make_mmff_pair_lanes(const Mmff& mmff);

}  // namespace saltus::engine
