#pragma once

#include <fstream>
#include <string>

#include "tests/support/temporary_folder.h"

namespace saltus::tools {

/// Writes a file of a test's folder and returns its path.
inline std::string write(const tests::TemporaryFolder& folder, const std::string& name,
                         const std::string& text) {
  std::ofstream(folder.file(name)) << text;
  return folder.file(name);
}

/// A torsion deck that is done in no time; `more` goes into [molecules].
inline std::string small_deck(const std::string& more = "") {
  return "schema = 1\nmodel = \"m.pt\"\n[molecules]\nfiles = \"list.smi\"\n" + more +
         "[ensembles]\nfolder = \"e\"\nwarm_up = 16\nsweeps = 20\nlevels = 2\nhottest = \"500 K\"\n"
         "[torsion_network]\nepochs = 1\n";
}

}  // namespace saltus::tools
