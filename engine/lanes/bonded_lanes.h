#pragma once

#include <memory>
#include <vector>

#include "engine/lanes/lane_term.h"
#include "engine/system/system.h"

namespace saltus::engine {

/// The terms of bonded_terms.h for whole blocks.
std::unique_ptr<const LaneTerm> make_bond_lanes(const std::vector<HarmonicBond>& bonds);
std::unique_ptr<const LaneTerm> make_angle_lanes(const std::vector<HarmonicAngle>& angles);
std::unique_ptr<const LaneTerm> make_torsion_lanes(const std::vector<PeriodicTorsion>& torsions);

}  // namespace saltus::engine
