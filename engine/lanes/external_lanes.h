#pragma once

#include <memory>
#include <vector>

#include "engine/lanes/lane_term.h"
#include "engine/system/system.h"

namespace saltus::engine {

/// The terms of reference/external_terms.h for whole blocks: "restraints" and "field".
std::unique_ptr<const LaneTerm> make_restraint_lanes(
    const std::vector<PositionRestraint>& positions, const std::vector<TorsionRestraint>& torsions);
std::unique_ptr<const LaneTerm> make_field_lanes(const UniformField& field);

}  // namespace saltus::engine
