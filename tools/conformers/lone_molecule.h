#pragma once

#include <string>

#include "forcefields/chem/chem_molecule.h"
#include "tools/conformers/make_conformers.h"
#include "tools/conformers/settings.h"

namespace saltus::tools {

/// A record as one molecule with all hydrogens, atoms in its own order, hydrogens that were missing
/// after the others.
struct LoneMolecule {
  forcefields::ChemMolecule molecule;
  std::string smiles;                 ///< canonical
  std::size_t n_hydrogens_added = 0;  ///< where there are positions, with ideal ones
  std::string note;                   ///< what was left out or added, for the user
};

/// @throws MoleculeFailure  that of reading it; kDisconnected, kTooLarge as make_conformers;
///                          kNoCoordinates when there are only 2D ones and `needs_positions`
LoneMolecule lone_molecule(const NamedMolecule& named, const ConformerSettings& settings,
                           bool needs_positions);

}  // namespace saltus::tools
