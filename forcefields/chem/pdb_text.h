#pragma once

#include <string>
#include <vector>

#include "engine/conformers/molecule_table.h"
#include "engine/system/coordinates.h"

namespace saltus::forcefields {

/// Conformers of a molecule as a PDB file, written by RDKit: one MODEL each, HETATM records of a
/// residue UNL whose atoms are called by element and number ("C1", "H12"); then CONECT records, in
/// which double and triple bonds are repeated, and END.
/// @param title    for COMPND; at most 60 characters, control characters become blanks
/// @param remarks  lines of REMARK 6, before the first model; the same is done to them
/// @param frames   [F, N, 3], nm; written in angstrom, with three decimals
/// @throws InputError  for coordinates that do not fit into the columns, or when RDKit fails
/// Format: wwPDB, Protein Data Bank Contents Guide, version 3.30 (2012).
std::string pdb_models(const std::string& title, const std::vector<std::string>& remarks,
                       const engine::MoleculeTable& molecule, engine::ConstCoordinates frames);

}  // namespace saltus::forcefields
