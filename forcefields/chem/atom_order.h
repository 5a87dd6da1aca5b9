#pragma once

#include <vector>

#include "forcefields/chem/chem_molecule.h"

namespace saltus::forcefields {

/// The positions of a molecule with its atoms in the order of another record of the same molecule;
/// where equal atoms could be paired in several ways, it is one of them. [N, 3], nm.
/// @param molecule   with all hydrogens and positions
/// @param reference  with all hydrogens
/// @throws InputError  when the two are not the same molecule, or RDKit fails
std::vector<double> positions_in_order_of(const ChemMolecule& molecule,
                                          const ChemMolecule& reference);

}  // namespace saltus::forcefields
