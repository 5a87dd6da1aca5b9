#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "forcefields/chem/chem_molecule.h"

namespace saltus::forcefields {

/// The stereo centres and double bonds of a molecule whose configuration may be chosen.
struct StereoFreedom {
  std::size_t n_centres = 0, n_double_bonds = 0;
  std::size_t n_open() const { return n_centres + n_double_bonds; }
};

/// How many are not specified. Nitrogen that inverts and double bonds in rings of fewer than eight
/// atoms do not count.
/// @param molecule  hydrogens implied
/// @throws InputError  when RDKit fails
StereoFreedom stereo_freedom(const ChemMolecule& molecule);

/// Which stereoisomers to make of a molecule with open configurations.
struct StereoisomerOptions {
  std::size_t most = 8;       ///< different ones, at most
  bool random_order = false;  ///< begins with any of them instead of the first
  std::uint64_t seed = 1;     ///< decides which, when there are more, or the order is random
};

/// Different stereoisomers of a molecule, all configurations specified; those that are mirror
/// images of themselves come once. Some may be impossible to build, such as a trans bridge. A
/// molecule without open configurations is returned as it is.
/// @param molecule  hydrogens implied
/// @throws InputError  when RDKit fails
std::vector<ChemMolecule> stereoisomers(const ChemMolecule& molecule,
                                        const StereoisomerOptions& options);

}  // namespace saltus::forcefields
