#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "engine/system/topology.h"

namespace saltus::forcefields {

/// Bond orders, formal charges, aromaticity and stereo centres of a molecule, as RDKit keeps them.
/// Only files that know RDKit can look inside. Never changes, so threads may share it.
class ChemicalGraph;

/// A molecule, or several not bonded to each other, as chemists write it down.
struct ChemMolecule {
  std::string name;    ///< title of the record or name after the SMILES string; may be empty
  std::string source;  ///< what messages begin with: "x.sdf:1", "SMILES 'CCO'"
  /// Atoms in the order of the file, called by element and number ("C1", "C2", "H1"), in a single
  /// residue that is called like the molecule, or "MOL".
  engine::Topology topology;
  std::vector<double> positions_nm;  ///< [N, 3]; empty when none are known
  std::shared_ptr<const ChemicalGraph> graph;
  std::vector<std::string> notes;    ///< sentences for the user
  std::vector<std::string> remarks;  ///< what of the input was left out or rewritten

  std::size_t n_atoms() const { return topology.n_atoms(); }
  /// "atom 3 (Na)", counted from 1 as in files.
  std::string describe_atom(std::size_t atom) const;
};

}  // namespace saltus::forcefields
