#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace saltus::forcefields {

/// What a CXSMILES block says about a molecule, read and checked as a whole.
struct Cxsmiles {
  /// The features that change the molecule, in a block that RDKit reads: groups of stereo centres
  /// (a:, &n:, on:), radicals (^n:) and coordinate bonds (C:). Empty when there are none.
  std::string decisive;
  std::vector<std::string> left_out;  ///< what else there is, such as "atom labels"
  std::vector<std::size_t> grouped;   ///< atoms in groups of stereo centres, from 0
  std::vector<std::size_t> wedged;    ///< atoms at which drawn wedges begin
  std::vector<std::size_t> wavy;      ///< atoms whose configuration is said to be unknown
};

/// Reads a CXSMILES block. Drawings, labels and data are left out, what changes the molecule in a
/// way that cannot be followed (polymers, queries, hydrogen bonds, configurations of double bonds,
/// variable attachment) is refused.
/// @param block    with both its bars
/// @param n_atoms  that the SMILES string writes
/// @param n_bonds  of them
/// @throws MoleculeFailure  kParseSyntax naming the feature
/// Format: ChemAxon Extended SMILES (https://docs.chemaxon.com, "CXSMILES"), as RDKit writes it.
Cxsmiles read_cxsmiles(const std::string& block, std::size_t n_atoms, std::size_t n_bonds);

}  // namespace saltus::forcefields
