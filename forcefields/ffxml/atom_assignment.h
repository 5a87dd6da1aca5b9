#pragma once

#include <vector>

#include "engine/system/topology.h"
#include "forcefields/ffxml/force_field_xml.h"
#include "forcefields/ffxml/structure_hints.h"

namespace saltus::forcefields {

/// What an atom of a topology is in the force field.
struct AssignedAtom {
  const AtomType* type = nullptr;
  const TemplateAtom* in_template = nullptr;
  const ResidueTemplate* residue_template = nullptr;
  std::size_t template_index = 0;
};

/// Matches each residue to a template; [n_atoms]. Points into the force field. Hints help messages
/// to name the cause.
/// @throws InputError  see create_system
std::vector<AssignedAtom> assign_atoms(const engine::Topology& topology,
                                       const ForceFieldXml& force_field,
                                       const StructureHints& hints);

/// Virtual sites of all residues, as atoms of the topology.
std::vector<TemplateSite> assigned_sites(const engine::Topology& topology,
                                         const std::vector<AssignedAtom>& atoms);

}  // namespace saltus::forcefields
