#pragma once

#include <GraphMol/GraphMol.h>

#include <vector>

namespace saltus::forcefields::detail {

/// Gives a part of a molecule the groups of stereo centres that the whole has, as far as their
/// atoms are in the part; RDKit drops them.
/// @param atoms  of the whole, in the order of the part
void keep_stereo_groups(const RDKit::ROMol& whole, const std::vector<int>& atoms,
                        RDKit::RWMol& part);

}  // namespace saltus::forcefields::detail
