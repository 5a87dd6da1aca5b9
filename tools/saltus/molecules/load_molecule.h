#pragma once

#include "forcefields/chem/chem_molecule.h"
#include "forcefields/mmff/mmff_system.h"
#include "tools/saltus/decks/run_deck.h"
#include "tools/saltus/molecules/molecule.h"

namespace saltus::tools {

/// Reads coordinates and force field as [system] says, and adds restraints and field.
/// @throws InputError, FileError  from the readers, naming file and place; InputError as
///                                add_external_terms does
Molecule load_molecule(const SystemDeck& deck, const ExternalDeck& external);

/// A record of an SD file with MMFF94, without restraints and field.
/// @throws InputError  when it has no coordinates, or atoms without parameters
Molecule mmff_molecule(forcefields::ChemMolecule chem, const forcefields::MmffOptions& options);

}  // namespace saltus::tools
