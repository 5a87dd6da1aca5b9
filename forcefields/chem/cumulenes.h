#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "forcefields/chem/chem_molecule.h"

namespace saltus::forcefields {

/// Rows of double bonds (C=C=C, C=C=C=C, N=C=N) whose two ends both bear something, and one of them
/// at least something else than hydrogen: atoms from end to end. How the ends are twisted against
/// each other is a matter of all the bonds between; a force field whose torsions span one bond says
/// nothing about it.
std::vector<std::vector<std::size_t>> cumulenes(const ChemMolecule& molecule);

}  // namespace saltus::forcefields
