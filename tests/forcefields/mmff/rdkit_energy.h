#pragma once

#include <vector>

#include "engine/lanes/native_energy.h"
#include "forcefields/chem/chem_molecule.h"
#include "forcefields/mmff/mmff_system.h"

namespace saltus::tests {

/// An energy with its forces: kJ/mol, and [N, 3] kJ/mol/nm.
struct EnergyAndForces {
  double energy = 0.0;
  std::vector<double> forces;
};

/// RDKit's own MMFF94 at the molecule's positions: all pairs, also of different molecules.
EnergyAndForces rdkit_mmff(const forcefields::ChemMolecule& molecule,
                           const forcefields::MmffOptions& options);

/// engine::PlainEnergy of the system of mmff_system at the same positions.
EnergyAndForces saltus_mmff(const forcefields::ChemMolecule& molecule,
                            const forcefields::MmffOptions& options);

/// The same by engine::NativeEnergy.
EnergyAndForces native_mmff(const forcefields::ChemMolecule& molecule,
                            const forcefields::MmffOptions& options, engine::Precision precision);

/// The molecule of a SMILES string with positions by RDKit's distance geometry; the conformer is
/// moved off its minimum by up to 0.02 nm per coordinate, so that every term pulls. Separate
/// molecules, which distance geometry lays over each other, stand 0.4 nm apart.
forcefields::ChemMolecule embedded(const char* smiles);

/// Largest absolute difference of two arrays of one length.
double largest_difference(const std::vector<double>& a, const std::vector<double>& b);

}  // namespace saltus::tests
