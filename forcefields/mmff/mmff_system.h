#pragma once

#include <vector>

#include "engine/system/system.h"
#include "forcefields/chem/chem_molecule.h"

namespace saltus::forcefields {

/// MMFF94s makes conjugated nitrogens planar, as time-averaged structures are; the two differ in
/// out-of-plane and torsion parameters.
enum class MmffVariant { kMmff94, kMmff94s };

/// How mmff_system makes a System.
struct MmffOptions {
  MmffVariant variant = MmffVariant::kMmff94;
  double dielectric = 1.0;  ///< > 0
  bool distance_dependent_dielectric = false;
};

/// Masses and energy terms of a molecule in the Merck molecular force field, with RDKit's atom
/// types, charges and parameters (Tosco, Stiefl, Landrum, J. Cheminf. 6, 37 (2014),
/// doi:10.1186/s13321-014-0037-3). Van der Waals and electrostatic terms act between all atoms more
/// than two bonds apart, also of different molecules; Coulomb is scaled by 0.75 across three bonds.
/// Terms whose constants are 0 are left out, and so are out-of-plane terms the force field does not
/// parametrise.
/// Source: engine/system/mmff_terms.h names the papers.
/// @throws InputError  naming the atoms, when hydrogens are missing, atoms have unpaired electrons
///                     or no MMFF94 type, or a bond or angle has no parameters; and for a
///                     dielectric that is not positive
engine::System mmff_system(const ChemMolecule& molecule, const MmffOptions& options = {});

/// MMFF94's partial charges; [N], e. The same in both variants.
/// @throws InputError  for the atoms that mmff_system refuses
std::vector<double> mmff_charges(const ChemMolecule& molecule);

}  // namespace saltus::forcefields
