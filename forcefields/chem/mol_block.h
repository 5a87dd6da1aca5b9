#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace saltus::forcefields {

/// Where a record of an SD file stands.
struct MolPlace {
  std::string path;            ///< of the file, for messages
  std::size_t record = 1;      ///< counted from 1
  std::size_t first_line = 1;  ///< of the record in the file, counted from 1
};

/// The connection table of a record, checked line by line.
struct MolBlock {
  std::string text;                       ///< up to "M  END", in the form that RDKit reads
  std::vector<std::size_t> line_of_file;  ///< of each line of `text`
  std::size_t n_atoms = 0, n_bonds = 0;   ///< by its counts line
  std::vector<std::string> remarks;       ///< what was left out or changed
};

/// Checks the connection table of a record (V2000 or V3000): counts, numbers and their columns,
/// elements, atoms that bonds and properties name, finite coordinates. Blank lines before "M  END"
/// and empty atom lists are left out; a table that is tagged three-dimensional, but is flat and has
/// wedges, is tagged as the drawing it is.
/// @throws InputError  with file, line, column and what was expected
/// Format: CTFile Formats, BIOVIA (2020); Dalby et al., doi:10.1021/ci00007a012.
MolBlock check_mol_block(const std::string& record, const MolPlace& place);

}  // namespace saltus::forcefields
