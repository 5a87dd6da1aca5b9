#pragma once

#include <cstddef>
#include <vector>

#include "engine/conformers/stereo_check.h"
#include "forcefields/chem/chem_molecule.h"

namespace saltus::forcefields {

/// A ring system cut out of a molecule.
struct RingFragment {
  ChemMolecule molecule;  ///< with all hydrogens
  /// The atom of the molecule that each one [n] is, rising; those where a bond was cut are
  /// hydrogens here.
  std::vector<std::size_t> parent_atoms;
  std::vector<std::size_t> system;      ///< ring atoms, by the fragment's numbers
  engine::Configuration configuration;  ///< what the molecule's says about the ring atoms
};

/// The ring atoms, all that is bonded to them, and as much beyond as keeps these what they are:
/// multiple bonds, whole aromatic rings, charged groups, neighbours of nitrogen and oxygen; where
/// it ends, a hydrogen stands for what follows.
/// @param molecule  with all hydrogens
/// @param system    rising
/// @throws InputError  when RDKit fails
RingFragment cut_out_rings(const ChemMolecule& molecule, const engine::Configuration& configuration,
                           const std::vector<std::size_t>& system);

/// Classes [N] of atoms that are interchangeable, as far as colours refined by their neighbours
/// tell; hydrogens: -1.
/// @param molecule  with all hydrogens
std::vector<int> atom_classes(const ChemMolecule& molecule);

}  // namespace saltus::forcefields
