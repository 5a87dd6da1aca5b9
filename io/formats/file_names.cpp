#include "io/formats/file_names.h"

#include <algorithm>
#include <cctype>
#include <initializer_list>

namespace saltus::io {

namespace {

bool is_packed(const std::filesystem::path& path) {
  const std::string end = path.extension().string();
  return end == ".gz" || end == ".GZ";
}

/// @param packed  whether it may be packed
bool ends_in(const std::filesystem::path& path, std::initializer_list<const char*> extensions,
             bool packed = false) {
  if (!packed && is_packed(path)) return false;
  const std::string extension = extension_of(path);
  return std::any_of(extensions.begin(), extensions.end(),
                     [&](const char* known) { return extension == known; });
}

}  // namespace

std::string extension_of(std::filesystem::path path) {
  if (is_packed(path)) path = path.stem();
  std::string extension = path.extension().string();
  for (char& c : extension) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return extension;
}

bool is_pdb_file(const std::filesystem::path& path) { return ends_in(path, {".pdb", ".ent"}); }

bool is_molecule_file(const std::filesystem::path& path) {
  return ends_in(path, {".sdf", ".sd", ".mol"}, true);
}

bool is_amber_topology(const std::filesystem::path& path) {
  return ends_in(path, {".prmtop", ".parm7"});
}

bool is_amber_coordinates(const std::filesystem::path& path) {
  return ends_in(path, {".inpcrd", ".rst7"});
}

}  // namespace saltus::io
