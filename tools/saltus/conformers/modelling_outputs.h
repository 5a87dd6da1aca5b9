#pragma once

#include <filesystem>
#include <memory>

#include "io/files/text_output.h"
#include "tools/saltus/conformers/output.h"

namespace saltus::tools {

/// PDB file: for each stereoisomer COMPND, REMARK 6 with energies, one MODEL for each conformer and
/// END. Several molecules follow each other, which not all programs read.
/// @throws FileError  when the file exists and may not be replaced, or cannot be created
std::unique_ptr<ConformerOutput> make_pdb_output(const std::filesystem::path& path,
                                                 const io::TextOutput::Options& options);

/// MOL2 file, one molecule for each conformer.
/// @throws FileError   as above
/// @throws UsageError  when the program was built without what writes them
std::unique_ptr<ConformerOutput> make_mol2_output(const std::filesystem::path& path,
                                                  const io::TextOutput::Options& options);

}  // namespace saltus::tools
