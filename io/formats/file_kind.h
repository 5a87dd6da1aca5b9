#pragma once

#include <string>
#include <string_view>

namespace saltus::io {

/// What a file is that is no deck.
struct FileKind {
  std::string name;    ///< "a PDB file"; empty: not recognised
  std::string advice;  ///< what to do with one in Saltus
};

/// Recognises PDB, mmCIF, SD and mol files, AMBER topologies and coordinates, force-field and other
/// XML, HDF5, models, archives and some other files by their first bytes, lists of molecules by the
/// file's name.
/// @param beginning  of the file, some hundred bytes at least
FileKind file_kind(const std::string& path, std::string_view beginning);

}  // namespace saltus::io
