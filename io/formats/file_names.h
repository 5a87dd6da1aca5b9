#pragma once

#include <filesystem>
#include <string>

namespace saltus::io {

/// What a file is by the end of its name, in small letters or capitals.

/// The end of the name with its dot, in small letters; that before ".gz" of a packed file.
std::string extension_of(std::filesystem::path path);

bool is_pdb_file(const std::filesystem::path& path);           ///< .pdb, .ent
bool is_molecule_file(const std::filesystem::path& path);      ///< .sdf, .sd, .mol, also .gz
bool is_amber_topology(const std::filesystem::path& path);     ///< .prmtop, .parm7
bool is_amber_coordinates(const std::filesystem::path& path);  ///< .inpcrd, .rst7

}  // namespace saltus::io
