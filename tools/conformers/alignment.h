#pragma once

#include <string>

#include "engine/conformers/held_atoms.h"
#include "forcefields/chem/chem_molecule.h"
#include "tools/conformers/outcome.h"
#include "tools/conformers/settings.h"

namespace saltus::tools {

/// Superposes all conformers of a stereoisomer as the settings say: onto the reference by what both
/// have in common, or onto the first conformer, atoms other than hydrogen, equal atoms
/// interchangeable, each in the way that gives the least distance; that distance is kept with them.
/// Conformers with a core stay where it is, and the distance is that of atoms as they are.
/// @param molecule  of the conformers, with all hydrogens
/// @param held      its core; may be empty
/// @returns  a sentence for the user when there is something to say, else nothing
/// @throws InputError  when RDKit fails
std::string align_conformers(const forcefields::ChemMolecule& molecule,
                             const engine::HeldAtoms& held, const ConformerSettings& settings,
                             IsomerConformers& conformers);

}  // namespace saltus::tools
