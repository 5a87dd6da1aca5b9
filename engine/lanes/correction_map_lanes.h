#pragma once

#include <memory>
#include <vector>

#include "engine/lanes/lane_term.h"
#include "engine/system/system.h"

namespace saltus::engine {

/// "correction_maps", the term of reference/correction_map_term.h for whole blocks.
std::unique_ptr<const LaneTerm> make_correction_map_lanes(
    const std::vector<CorrectionMap>& maps, const std::vector<CorrectionTorsion>& torsions);

}  // namespace saltus::engine
