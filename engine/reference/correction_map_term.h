#pragma once

#include <memory>
#include <vector>

#include "engine/reference/potential_term.h"
#include "engine/system/system.h"

namespace saltus::engine {

/// "correction_maps": sum of bicubic_map.h's energies of pairs of torsions in the IUPAC sign. Where
/// three atoms in a row lie on a line their torsion is undefined: taken as 0, with no force. +inf
/// where neighbours in a torsion coincide.
std::unique_ptr<const PotentialTerm> make_correction_map_term(
    const std::vector<CorrectionMap>& maps, const std::vector<CorrectionTorsion>& torsions);

}  // namespace saltus::engine
