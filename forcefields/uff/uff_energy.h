#pragma once

#include <memory>

#include "engine/potential/energy_function.h"
#include "forcefields/chem/chem_molecule.h"

namespace saltus::forcefields {

/// Energy of a molecule in the Universal Force Field, as RDKit computes it: bonds, angles,
/// torsions, inversions and van der Waals terms between all atoms, no electrostatics. It has
/// parameters for nearly every element, and is for molecules that have none elsewhere: its energies
/// are coarse. Several times slower than the engine's own terms. Threads take turns. Source: Rappe,
/// Casewit, Colwell, Goddard, Skiff, J. Am. Chem. Soc. 114, 10024 (1992), doi:10.1021/ja00051a040.
/// @param molecule  with all hydrogens
/// @throws InputError  naming the atoms, when there are no parameters for them
std::unique_ptr<engine::EnergyFunction> uff_energy(const ChemMolecule& molecule);

}  // namespace saltus::forcefields
