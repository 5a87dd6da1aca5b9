#pragma once

#include <GraphMol/GraphMol.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace saltus::forcefields::detail {

/// A sanitised molecule of a SMILES string, hydrogens implied.
struct ParsedSmiles {
  std::unique_ptr<RDKit::RWMol> molecule;
  std::string smiles;                ///< without anything after it
  std::string rest;                  ///< what follows SMILES string and CXSMILES block
  std::vector<std::string> remarks;  ///< what was left out or rewritten
};

/// Reads "SMILES |CXSMILES| rest"; the SMILES string is used from its first character to its last
/// or refused.
/// @param max_atoms  refuses more heavy atoms than that before any work is done
/// @throws MoleculeFailure  kParseSyntax, kTooLarge; RDKit's exceptions for impossible chemistry
ParsedSmiles parse_smiles_text(const std::string& text, std::size_t max_atoms);

/// Writes coordinate bonds between elements of the main groups, which RDKit counts as bonds of the
/// acceptor alone, as single bonds between charges: N->B becomes [N+][B-]. Hydrogens of atoms
/// outside brackets follow.
/// @param molecule  not sanitised
/// @return whether there were any
bool charge_coordinate_bonds(RDKit::RWMol& molecule);

}  // namespace saltus::forcefields::detail
