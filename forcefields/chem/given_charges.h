#pragma once

#include <vector>

#include "forcefields/chem/chem_molecule.h"

namespace saltus::forcefields {

/// How far given charges may be from the formal charge in sum, e: files have few digits.
constexpr double kChargeSumTolerance = 0.01;

/// Partial charges that the molecule's record in an SD file gives: its data field
/// atom.dprop.PartialCharge, a number for each atom in the order of the atoms, as RDKit and the
/// toolkit of the Open Force Field Initiative write it (AM1-BCC charges, for instance). They stay
/// with their atoms when molecules are split or their stereoisomers are made.
/// @returns  [N], e
/// @throws InputError  when there is no such field, it is not one number for each atom, atoms were
///                     added without one (hydrogens that the file lacks), or the sum is more than
///                     kChargeSumTolerance away from the formal charge
std::vector<double> given_charges(const ChemMolecule& molecule);

}  // namespace saltus::forcefields
