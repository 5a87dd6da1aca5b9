#pragma once

#include <cstddef>
#include <vector>

#include "engine/system/topology.h"
#include "forcefields/ffxml/force_field_xml.h"
#include "forcefields/ffxml/structure_hints.h"

namespace saltus::forcefields {

/// Refuses a topology of which some residues fit no template, and names the cause: first a residue
/// whose atoms or missing bonds no template has (its neighbours then lack their bonds to it), then
/// a record without whose bond a residue would fit, then a residue whose inner bonds differ, at
/// last one whose bonds to others differ.
/// @param failed  residues without template, ascending, at least one
/// @throws InputError  always
[[noreturn]] void refuse_mismatch(const engine::Topology& topology,
                                  const std::vector<std::size_t>& failed,
                                  const ForceFieldXml& force_field, const StructureHints& hints);

}  // namespace saltus::forcefields
