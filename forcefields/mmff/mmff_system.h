#pragma once

#include <optional>
#include <vector>

#include "engine/system/system.h"
#include "forcefields/chem/chem_molecule.h"
#include "forcefields/generalized_born/generalized_born_parameters.h"

namespace saltus::forcefields {

/// MMFF94s makes conjugated nitrogens planar, as time-averaged structures are; the two differ in
/// out-of-plane and torsion parameters.
enum class MmffVariant { kMmff94, kMmff94s };

/// Whose partial charges make the electrostatic energy, and that of an implicit solvent.
enum class PartialCharges {
  kMmff94,  ///< bond charge increments
  kGiven,   ///< those of the molecule's file, see forcefields/chem/given_charges.h
};

/// How mmff_system makes a System.
struct MmffOptions {
  MmffVariant variant = MmffVariant::kMmff94;
  double dielectric = 1.0;  ///< > 0; with an implicit solvent that of the inside of the molecule
  bool distance_dependent_dielectric = false;  ///< not with an implicit solvent
  /// Water around the molecule, with the parameters of generalized_born_parameters for its
  /// elements and bonds; none: vacuum.
  std::optional<engine::GeneralizedBornModel> implicit_solvent = std::nullopt;
  double solvent_dielectric = GeneralizedBornOptions{}.solvent_dielectric;
  bool surface_term = GeneralizedBornOptions{}.surface_term;
  PartialCharges charges = PartialCharges::kMmff94;
};

/// Masses and energy terms of a molecule in the Merck molecular force field, with RDKit's atom
/// types, charges and parameters (Tosco, Stiefl, Landrum, J. Cheminf. 6, 37 (2014),
/// doi:10.1186/s13321-014-0037-3). Van der Waals and electrostatic terms act between all atoms more
/// than two bonds apart, also of different molecules; Coulomb is scaled by 0.75 across three bonds.
/// Terms whose constants are 0 are left out, and so are out-of-plane terms the force field does not
/// parametrise.
/// An implicit solvent is that of the same charges: with the dielectric constant D of the molecule,
/// E_solvent = -k_C/2 (1/D - 1/solvent_dielectric) sum_ij q_i q_j / f_ij, and the pairs above are
/// divided by D, so that D must not grow with the distance.
/// Source: engine/system/mmff_terms.h names the papers, engine/system/system.h those of the
/// solvent.
/// @throws InputError  naming the atoms, when hydrogens are missing, atoms have unpaired electrons
///                     or no MMFF94 type, or a bond or angle has no parameters; for a dielectric
///                     that is not positive, or grows with the distance in a solvent; as
///                     given_charges and generalized_born_parameters do
engine::System mmff_system(const ChemMolecule& molecule, const MmffOptions& options = {});

/// The partial charges that mmff_system takes; [N], e. The same in both variants.
/// @throws InputError  for the atoms that mmff_system refuses; as given_charges does
std::vector<double> mmff_charges(const ChemMolecule& molecule, const MmffOptions& options = {});

}  // namespace saltus::forcefields
