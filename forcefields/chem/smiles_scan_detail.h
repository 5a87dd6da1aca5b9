#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "forcefields/chem/stereo_elements_detail.h"

namespace saltus::forcefields::detail {

/// An atom as a SMILES string writes it.
struct WrittenAtom {
  std::size_t begin = 0, end = 0;  ///< characters [begin, end)
  std::string mark;                ///< "@", "@@", "@AL1" ...; empty: none
  /// Neighbours in the order in which the string names them, which its mark refers to; kNoAtom: the
  /// hydrogen in brackets, after the atom before.
  std::vector<unsigned> neighbours;
};

/// A bond as the string writes it, between atoms counted in the order of the string.
struct WrittenBond {
  unsigned first = 0, second = 0;
  /// Where a symbol such as '/' stands, or would be put.
  std::size_t place = 0;
  char symbol = 0;  ///< as written; 0: none
  bool closes_ring = false;
};

struct WrittenSmiles {
  std::vector<WrittenAtom> atoms;
  std::vector<WrittenBond> bonds;
};

/// The atoms and bonds of a SMILES string that RDKit has read; what it would not read may give
/// anything.
WrittenSmiles scan_smiles(const std::string& smiles);

}  // namespace saltus::forcefields::detail
