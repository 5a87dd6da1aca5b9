#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/conformers/automorphisms.h"
#include "engine/conformers/molecule_table.h"
#include "engine/conformers/shape_comparison.h"
#include "engine/conformers/stereo_check.h"
#include "forcefields/chem/chem_molecule.h"

namespace saltus::forcefields {

/// A molecule of a list of many, hydrogens implied, without positions.
/// @param smiles   perhaps followed by a CXSMILES block, without a name
/// @param max_atoms  refuses more heavy atoms than that before any work is done
/// @throws MoleculeFailure  kEmpty, kParseSyntax, kParseValence, kParseAromatic, kTooLarge
ChemMolecule parse_listed_smiles(const std::string& smiles, const std::string& source,
                                 std::size_t max_atoms);

/// The same molecule, hydrogens implied where nothing is lost by it (isotopes and hydrogens that
/// tell the two sides of a double bond apart stay), without positions.
/// @throws InputError  when RDKit fails
ChemMolecule without_hydrogens(const ChemMolecule& molecule);

/// The molecules that are not bonded to each other, in the order of their first atoms.
/// @throws InputError  when RDKit fails
std::vector<ChemMolecule> fragments_of(const ChemMolecule& molecule);

/// Which of some molecules has most heavy atoms, the first of equals.
std::size_t largest_of(const std::vector<ChemMolecule>& molecules);

/// RDKit's canonical isomeric SMILES, hydrogens implied.
std::string canonical_smiles(const ChemMolecule& molecule);

/// The same with the configuration that positions have, whatever the graph says.
/// @param x  [N, 3], nm
/// @throws InputError  when RDKit fails
std::string canonical_smiles_of(const ChemMolecule& molecule, engine::Span<const double> x);

/// What the graph says about configuration; unspecified centres and bonds are left out.
/// @param molecule  with all hydrogens
engine::Configuration configuration_of(const ChemMolecule& molecule);

/// Atoms and bonds with aromatic rings written as single and double bonds.
/// @throws InputError  when RDKit fails
engine::MoleculeTable molecule_table(const ChemMolecule& molecule);

/// Which atoms' positions make the shape: the heavy ones, or all of molecules that have none.
std::vector<std::size_t> shape_atoms(const ChemMolecule& molecule);

/// These atoms with colours that tell the different ones apart. Bonds to atoms at the end count as
/// equal whatever their order, so that the oxygens of a carboxylate or nitro group are.
engine::ColouredGraph shape_graph(const ChemMolecule& molecule,
                                  const std::vector<std::size_t>& atoms);

/// Compares conformers by these atoms and the symmetries of their graph.
/// @param max_symmetries  no more of them are tried
engine::ShapeComparison shape_comparison(const ChemMolecule& molecule,
                                         const std::vector<std::size_t>& atoms,
                                         std::size_t max_symmetries);

/// How many shapes a molecule may have.
struct Flexibility {
  std::size_t n_rotors = 0;          ///< bonds between heavy atoms, by RDKit's strict definition
  std::size_t n_flexible_rings = 0;  ///< with at least three sp3 atoms
};
Flexibility flexibility_of(const ChemMolecule& molecule);

}  // namespace saltus::forcefields
