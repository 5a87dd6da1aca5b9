#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace saltus::forcefields {

/// A bond that the structure file has a record for, beyond those of standard residues.
struct RecordedBond {
  std::size_t first = 0, second = 0;
  std::string source;  ///< "x.pdb:35: the CONECT record"
};

/// What is known of a structure besides its topology; only messages use it. All may be empty.
struct StructureHints {
  std::vector<RecordedBond> recorded_bonds;
  std::vector<double> positions_nm;     ///< [N, 3]
  std::string file;                     ///< "x.pdb"
  std::vector<std::size_t> atom_lines;  ///< [N], in that file, 0: not there

  /// "x.pdb:35", where an atom is described; empty when that is not known.
  std::string place_of(std::size_t atom) const {
    if (atom >= atom_lines.size() || atom_lines[atom] == 0) return "";
    return file + ':' + std::to_string(atom_lines[atom]);
  }
};

}  // namespace saltus::forcefields
