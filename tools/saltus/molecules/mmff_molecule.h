#pragma once

#include "forcefields/chem/chem_molecule.h"
#include "forcefields/mmff/mmff_system.h"
#include "tools/saltus/molecules/molecule.h"

namespace saltus::tools {

/// A record of an SD file with MMFF94, without restraints and field.
/// @throws InputError  when it has no coordinates, or atoms without parameters
Molecule mmff_molecule(forcefields::ChemMolecule chem, const forcefields::MmffOptions& options);

}  // namespace saltus::tools
