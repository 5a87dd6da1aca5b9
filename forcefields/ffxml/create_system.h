#pragma once

#include <vector>

#include "engine/system/system.h"
#include "engine/system/topology.h"
#include "forcefields/ffxml/force_field_xml.h"
#include "forcefields/ffxml/structure_hints.h"
#include "forcefields/generalized_born/molecule_options.h"

namespace saltus::forcefields {

/// What a force field leaves open.
struct SystemOptions {
  /// No implicit solvent together with a force field that brings its own GBSAOBCForce.
  MoleculeOptions molecule;
  /// [N], dalton, instead of the force field's masses; 0 keeps that; may be empty. For isotopes.
  std::vector<double> isotope_masses_dalton;
  StructureHints hints;
};

/// Masses, energy terms and constraints of a molecule by the rules of OpenMM 7.7's ForceField:
/// residues are matched to templates as graphs; of the torsion definitions that fit, specific ones
/// win over those with wildcards, terms of zero force constant are dropped; the order of atoms in
/// impropers follows the ordering attribute and, among atoms with the same types, the first
/// instance. Constrained bonds have no energy. Virtual sites of templates must be atoms of the
/// topology (add_missing_virtual_sites) and have the exclusions of the atom their template names.
/// Water, told by its atoms and not by its name as in OpenMM, is rigid when the options ask for it
/// and its template does not say rigidWater="false".
/// With an implicit solvent the reaction field is off (dielectric 1). GBn2 radii of carboxylates
/// are AMBER's (generalized_born_parameters). Quartets may have no torsion definition; bonds and
/// angles must have one (OpenMM leaves them out silently).
///
/// @throws InputError  naming residue and atoms: unknown element, no matching template (with the
///                     closest), more than one with different parameters, bond, angle or atom type
///                     without parameters, impossible option
engine::System create_system(const engine::Topology& topology, const ForceFieldXml& force_field,
                             const SystemOptions& options);

}  // namespace saltus::forcefields
