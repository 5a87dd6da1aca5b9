#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "io/formats/pdb_parser.h"

namespace saltus::io {

/// What happened to the alternate locations of a model.
struct PdbAlternates {
  std::map<std::string, std::string>
      replaced_by;                  ///< serial of an atom left out -> of the one kept
  std::set<std::string> left_out;   ///< serials without an atom in their place
  std::vector<std::string> chosen;  ///< "A of ALA 2 of chain A", in file order
};

/// Keeps one alternate location of each residue, by the rule of read_pdb, and takes the others out.
/// @throws InputError  with file and line, when what is kept would have two residue names
PdbAlternates choose_alternates(const std::string& path, PdbModel& model);

/// "x.pdb: of alternate locations one is kept ...": for the user.
std::string describe_alternates(const std::string& path, const PdbAlternates& alternates);

}  // namespace saltus::io
