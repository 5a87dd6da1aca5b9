#pragma once

#include <vector>

#include "engine/system/system.h"
#include "engine/system/topology.h"
#include "forcefields/ffxml/atom_assignment.h"

namespace saltus::forcefields {

/// Proper torsions of all bonded quartets, then impropers of all atoms with three or more
/// neighbours; see create_system for the rules.
/// @param neighbours  [n_atoms], ascending
std::vector<engine::PeriodicTorsion> assign_torsions(
    const engine::Topology& topology, const std::vector<std::vector<std::size_t>>& neighbours,
    const std::vector<AssignedAtom>& atoms, const ForceFieldXml& force_field);

}  // namespace saltus::forcefields
