#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "forcefields/chem/chem_molecule.h"

namespace saltus::forcefields {

/// Four bonded atoms in a row, as indices: their torsion is the angle about the bond in the middle.
using TorsionAtoms = std::array<std::size_t, 4>;

/// A SMARTS pattern of which four atoms have the map numbers 1 to 4, "[C:1][C:2]-[C:3][O:4]".
/// @throws InputError  when it is no SMARTS pattern, or these numbers are not there once each
void check_torsion_smarts(const std::string& smarts);

/// The mapped atoms of all matches in a molecule, each torsion once, in the order in which they
/// are found; (1, 2, 3, 4) and (4, 3, 2, 1) are one torsion.
/// @param molecule  with all hydrogens, which patterns can then match
/// @throws InputError  as check_torsion_smarts
std::vector<TorsionAtoms> matching_torsions(const ChemMolecule& molecule,
                                            const std::string& smarts);

}  // namespace saltus::forcefields
