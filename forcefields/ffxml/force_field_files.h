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

}  // namespace saltus::forcefields
