#pragma once

#include <string>
#include <string_view>

namespace saltus::io {

/// What a file is that is no deck.
struct FileKind {
  std::string name;    ///< "a PDB file"; empty: not recognised
  std::string advice;  ///< what to do with one in Saltus
};

/// Recognises PDB, mmCIF, SD and mol files, GRO, MOL2 and XYZ files, AMBER topologies and
/// coordinates, force-field and other XML, HDF5, models, archives and some other files by their
/// first bytes, lists of molecules by the file's name.
/// @param beginning  of the file, some hundred bytes at least
FileKind file_kind(const std::string& path, std::string_view beginning);

/// The name of what lies at a path, with "a folder", "a named pipe (FIFO)" and such; empty for what
/// is not recognised and where nothing is.
std::string kind_at(const std::string& path);

/// Says of a file of the wrong kind what it is: "'x.h5' is an HDF5 file, expected a .pdb file";
/// "'x': expected a .pdb file" of one that is not recognised.
std::string wrong_kind(const std::string& path, const std::string& expected);

/// Called before a file is looked at by its name.
/// @throws FileError  when there is none, or a folder, a pipe, a device
void require_regular_file(const std::string& path);

}  // namespace saltus::io
