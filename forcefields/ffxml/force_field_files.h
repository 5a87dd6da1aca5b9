#pragma once

#include <string>
#include <vector>

namespace saltus::forcefields {

/// Environment variable with further folders of force-field files, separated by colons.
constexpr const char* kForceFieldPathVariable = "SALTUS_FORCE_FIELD_PATH";

/// Where a force-field file such as "amber14/protein.ff14SB.xml" is. Looks, in this order, at: the
/// name itself when it is absolute; `search_directories` (the deck's folder first); the folders of
/// SALTUS_FORCE_FIELD_PATH; the data folder of an installed OpenMM Python package.
/// @throws FileError  when it is nowhere; lists the folders and the nearest names there
std::string find_force_field_file(const std::string& name,
                                  const std::vector<std::string>& search_directories);

/// Where a file is that another force-field file includes. Looks in the folder of the including
/// file, then as find_force_field_file does, but takes nothing outside these folders: a force field
/// from elsewhere must not make the program open any other file, be it by an absolute path, by
/// ".." or through a symbolic link.
/// @param including  path of the file with the <Include>
/// @param root       path of the file that was named, which `including` is part of; what its folder
///                   holds may be included, too
/// @throws InputError  when the name leads out of the folders
/// @throws FileError   when it is nowhere
std::string find_included_file(const std::string& name, const std::string& including,
                               const std::string& root,
                               const std::vector<std::string>& search_directories);

}  // namespace saltus::forcefields
