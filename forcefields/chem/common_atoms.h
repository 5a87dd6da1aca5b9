#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "forcefields/chem/chem_molecule.h"

namespace saltus::forcefields {

/// Atoms of a molecule and the atoms of another one that they are.
using AtomPairs = std::vector<std::pair<std::size_t, std::size_t>>;

/// What two molecules have in common.
struct CommonAtoms {
  std::vector<AtomPairs> ways;  ///< all of the same size; none: nothing worth while in common
  bool complete = false;        ///< whether all atoms but hydrogens of both are paired
  bool cut = false;  ///< whether the search was ended by its time, or there are more ways
};

/// The largest connected substructure that two molecules have in common, without hydrogens, in all
/// ways in which it lies in both: elements and bond orders are alike, rings are whole. At least
/// three atoms.
/// @param max_ways  no more of them are listed
/// @throws InputError  when RDKit fails
CommonAtoms common_atoms(const ChemMolecule& molecule, const ChemMolecule& other,
                         std::size_t max_ways);

}  // namespace saltus::forcefields
