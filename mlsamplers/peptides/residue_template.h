#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace saltus::mlsamplers {

/// Kinds of soft torsions; one network each.
enum class TorsionKind { kPhi, kPsi, kChi1, kChi2, kChi3, kChi4, kPolarHydrogen };
constexpr std::size_t kTorsionKinds = 7;
/// "phi", "chi1", "polar_hydrogen".
const char* name_of(TorsionKind kind);

/// What a row's torsion is.
enum class RowRole {
  kRoot,    ///< one of the first three atoms, which has none
  kFast,    ///< stiff, and leads its bond (omega, rings)
  kOffset,  ///< counts from a sibling's
  kSoft,    ///< visits several basins
  kRotor,   ///< turns a terminal group of like atoms
};

/// How an atom of a residue is placed. Names of the previous residue's atoms begin with "-", the
/// next one's nitrogen is "+N". Of root rows the names that do not apply are empty.
struct TemplateRow {
  std::string atom, bond_to, angle_to, torsion_to;
  RowRole role = RowRole::kFast;
  TorsionKind kind = TorsionKind::kPhi;  ///< of soft ones
  int fold = 0;                          ///< of rotors
  bool is_side_chain = false;            ///< beyond the atoms at CA
  /// Its coordinates are never redrawn: it closes proline's ring, or is the second hydrogen of an
  /// amine, which changes sides.
  bool is_kept = false;
  /// Of kept ones: it belongs to proline's ring or hangs on it.
  bool is_ring = false;
  /// Of ring atoms: its stiff torsion tells how the ring is puckered, where there is no phi to do
  /// that.
  bool is_pucker = false;
  /// Where builders place it: nm, rad. Offsets tell handedness, too.
  double bond_nm = 0.0, angle_rad = 0.0, torsion_rad = 0.0;
};

/// Whether the residue begins the chain, ends it, or neither.
enum class ChainPlace { kMiddle, kFirst, kLast };

/// A residue of AMBER's protein force fields in its place of the chain: its atoms and canonical
/// rows of a Z-matrix, which are the same in whatever peptide. The rows of a residue begin after
/// its nitrogen, which the residue before places, and end with the next nitrogen.
struct ResidueTemplate {
  std::string name;      ///< as AMBER's: "ALA", "NALA", "CALA", "ACE"
  std::string pdb_name;  ///< "HIS" for "NHID"
  char letter = '\0';    ///< in sequences; '\0': none
  ChainPlace place = ChainPlace::kMiddle;
  bool is_cap = false;
  std::vector<TemplateRow> rows;

  /// Names of its own atoms, in the order of rows, the nitrogen first where the residue before
  /// places it.
  std::vector<std::string> atoms() const;
};

/// All templates that there are, which are those of AMBER's ff14SB: twenty amino acids, HID, HIE,
/// HIP and CYX in the middle and at both charged ends; ASH, CYM, GLH and LYN in the middle;
/// hydroxyproline HYP in the middle and last; the caps ACE, NME and NHE.
const std::vector<ResidueTemplate>& residue_templates();

/// Index of the template of that name.
/// @throws InputError  when there is none, saying which there are
std::size_t template_index(const std::string& name);

/// "ALA ARG ... ACE NME NHE (ASH CYM GLH LYN in the middle of a chain only, HYP not first: AMBER's
/// force fields have no such ends)".
std::string supported_residues();

}  // namespace saltus::mlsamplers
