#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "tools/saltus/conformers/output.h"

namespace saltus::tools {

/// The writer for a file's name: .sdf, .xyz, .pdb, .mol2, these also with .gz, .h5, or "-" for SDF
/// on standard output.
/// @throws UsageError  for other names
/// @throws FileError   when the file exists and may not be replaced, or cannot be created
std::unique_ptr<ConformerOutput> make_conformer_output(const std::filesystem::path& path,
                                                       const OutputStart& start,
                                                       const ConformerSettings& settings,
                                                       const std::string& command_line);

/// "name_000012": a file's name for a record: letters, digits, - and _ of the record's name stay,
/// all else becomes _, at most 80 characters.
std::string split_file_name(const ConformerRecord& record);

/// One file for each record that has conformers, in a folder.
/// @param format  "sdf", "xyz", "pdb", "mol2", these also with ".gz", or "h5"
/// @throws FileError  when the folder holds something and nothing may be replaced, or cannot be
///                    created
std::unique_ptr<ConformerOutput> make_split_output(const std::filesystem::path& folder,
                                                   const std::string& format,
                                                   const OutputStart& start,
                                                   const ConformerSettings& settings,
                                                   const std::string& command_line);

}  // namespace saltus::tools
