#pragma once

#include <cstddef>
#include <vector>

namespace saltus::engine {

/// Atoms and bonds of a molecule as a table: what structure files of chemistry hold beside
/// coordinates.
struct MoleculeTable {
  struct Atom {
    int atomic_number = 0;
    int charge = 0;      ///< formal, e
    int isotope = 0;     ///< mass number; 0: natural
    int n_unpaired = 0;  ///< electrons
  };
  struct Bond {
    std::size_t first = 0, second = 0;
    int order = 1;  ///< 1, 2 or 3; aromatic bonds are written as single and double ones
  };
  std::vector<Atom> atoms;
  std::vector<Bond> bonds;
};

}  // namespace saltus::engine
