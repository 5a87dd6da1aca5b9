#pragma once

#include <string>
#include <vector>

namespace saltus::mlsamplers::detail {

/// The rows of a side chain beyond the atom at CA, as text: "ATOM BOND ANGLE TORSION ROLE b theta
/// tau", separated by ";". Lengths in angstrom, angles in degrees: centres of ff14SB's bonds and
/// angles, planar rings by geometry, and usual rotamers. Roles: chi1 to chi4 and h (a hydrogen on
/// an oxygen, a sulphur or an amine) lead soft torsions, r2 and r3 rotors of so many like atoms, f
/// leads a stiff torsion, o is an offset to its sibling, k one that may change sides and is never
/// redrawn.
struct SideChainText {
  std::string name;      ///< of AMBER's template
  char letter = '\0';    ///< in sequences; '\0': none
  std::string pdb_name;  ///< of the residue in PDB files
  std::string rows;
};

/// Side chains of all amino acids that there are templates of.
const std::vector<SideChainText>& side_chain_table();

}  // namespace saltus::mlsamplers::detail
