#pragma once

#include <cstddef>
#include <string>

namespace saltus::forcefields {

/// A SMILES string and what follows it on its line or in its cell.
struct SmilesText {
  std::string smiles;
  std::string extensions;  ///< CXSMILES block with both its bars, "|&1:1|"; may be empty
  std::string rest;        ///< the name, where there is one
};

/// Splits "SMILES |extensions| rest".
/// @throws MoleculeFailure  kParseSyntax when a block is opened but not closed
SmilesText split_smiles(const std::string& text);

/// Reads a SMILES string from its first character to its last as far as symbols, brackets, branches
/// and rings go; what parsers stop at, taking the part before for the whole, is refused.
/// @return  number of atoms written, hydrogens in brackets of their own included
/// @throws MoleculeFailure  kParseSyntax with the character and its position, counted from 1
/// Source: OpenSMILES specification 1.0, with RDKit's "->", "<-", "$", "~" and "%(nnn)".
std::size_t count_smiles_atoms(const std::string& smiles);

}  // namespace saltus::forcefields
