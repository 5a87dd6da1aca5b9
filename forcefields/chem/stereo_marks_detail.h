#pragma once

#include <GraphMol/GraphMol.h>

#include <string>
#include <vector>

namespace saltus::forcefields::detail {

/// Gives a molecule those marks of its SMILES string that RDKit drops though they mean something:
/// of double bonds and centres that depend on each other, of allenes and longer chains of double
/// bonds, of nitrogen.
/// @param molecule  as RDKit reads the string, hydrogens implied
/// @param smiles    without anything after it
/// Marks that mean nothing are left out; a sentence about each is kept with the molecule.
/// @throws MoleculeFailure  kStereoUnsupported, naming the atom, for marks that cannot be kept;
///                          kStereoImpossible for a trans double bond in a ring of up to six atoms
void keep_marks(RDKit::RWMol& molecule, const std::string& smiles);

/// The same for a record with coordinates, before its conformer is taken away: three-dimensional
/// coordinates decide about all places, drawings about double bonds, wedges about centres and
/// allenes, parities of atoms where there is no wedge.
/// @throws MoleculeFailure  kStereoUnsupported for wedges at bonds of aromatic rings
void keep_drawn_marks(RDKit::RWMol& molecule);

/// The sentences about marks that mean nothing.
std::vector<std::string> mark_notes(const RDKit::ROMol& molecule);
void set_mark_notes(RDKit::RWMol& molecule, const std::vector<std::string>& notes);

}  // namespace saltus::forcefields::detail
