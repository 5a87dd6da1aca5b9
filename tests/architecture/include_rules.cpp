// Rules about #include lines.
#include <algorithm>
#include <map>
#include <regex>
#include <set>

#include "tests/architecture/rules.h"

namespace saltus::tests {
namespace {

using Names = std::set<std::string>;

// Libraries among the programs, which know neither io nor the programs.
const std::string kConformers = "tools/conformers", kSolvation = "tools/solvation";
// A library for OpenMM's users, whose interface is made of OpenMM's classes.
const std::string kOpenMMPlugin = "tools/openmm_plugin";

// Which layers a layer may include. Tests may include everything.
const std::map<std::string, Names>& allowed_layers() {
  static const std::map<std::string, Names> kAllowed = {
      {"engine", {"engine"}},
      {"forcefields", {"engine", "forcefields"}},
      {"mlsamplers", {"engine", "mlsamplers"}},
      {"io", {"engine", "io"}},
      {kConformers, {"engine", "forcefields", "mlsamplers", kConformers}},
      {kSolvation, {"engine", kSolvation}},
      {kOpenMMPlugin, {"engine", "forcefields", "mlsamplers", kOpenMMPlugin}},
      {"tools", {"engine", "forcefields", "mlsamplers", "io", "tools", kConformers, kSolvation}},
      {"tests",
       {"engine", "forcefields", "mlsamplers", "io", "tools", kConformers, kSolvation,
        kOpenMMPlugin, "tests"}},
  };
  return kAllowed;
}

struct HeavyLibrary {
  std::string name;
  std::regex header;
  Names homes;
};

const std::vector<HeavyLibrary>& heavy_libraries() {
  static const std::vector<HeavyLibrary> kLibraries = {
      {"LibTorch", std::regex("^(torch|ATen|c10|caffe2)/"), {"mlsamplers"}},
      {"OpenMM",
       std::regex("^(OpenMM\\.h|OpenMM[A-Z].*\\.h|openmm/)"),
       {"forcefields", kOpenMMPlugin}},
      {"RDKit", std::regex("^(GraphMol|rdkit|RDGeneral|DistGeom|ForceField)/"), {"forcefields"}},
      {"Open Babel", std::regex("^openbabel/"), {"forcefields"}},
      {"HDF5", std::regex("^(hdf5|H5).*\\.h$"), {"io"}},
      {"OpenSSL", std::regex("^openssl/"), {"io"}},
      {"fmt", std::regex("^fmt/"), {"engine", "forcefields", "io", "mlsamplers", "tools"}},
      {"toml++", std::regex("^toml(\\+\\+|\\.hpp)"), {"io"}},
      {"gemmi", std::regex("^gemmi/"), {"io"}},
      {"pugixml", std::regex("^pugi.*\\.hpp$"), {"forcefields", "io"}},
      {"nlohmann json", std::regex("^nlohmann/"), {"io", "mlsamplers", "forcefields", "tools"}},
      {"Boost", std::regex("^boost/"), {"tools"}},
      {"MPI", std::regex("^mpi\\.h$"), {"tools"}},
      {"Eigen", std::regex("^(Eigen|unsupported)/"), {"engine", "forcefields", "mlsamplers"}},
      {"Highway", std::regex("^hwy/"), {"engine"}},
      {"SIMD intrinsics", std::regex("^[a-z]*intrin\\.h$"), {"engine"}},
  };
  return kLibraries;
}

std::string first_folder(const std::string& path) { return path.substr(0, path.find('/')); }

std::string layer_of(const std::string& path) {
  for (const std::string& library : {kConformers, kSolvation, kOpenMMPlugin})
    if (path.rfind(library + "/", 0) == 0) return library;
  return first_folder(path);
}

bool is_project_path(const std::string& path) {
  return path.find('/') != std::string::npos && allowed_layers().count(first_folder(path)) > 0;
}

std::string joined(const Names& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

std::vector<Violation> check_layers(const SourceTree& tree) {
  std::vector<Violation> found;
  for (const SourceFile& file : tree.files()) {
    const std::string layer = layer_of(file.path);
    const auto allowed = allowed_layers().find(layer);
    if (!file.is_code() || allowed == allowed_layers().end()) continue;
    for (const Include& include : includes_of(file)) {
      if (!is_project_path(include.target)) continue;
      if (allowed->second.count(layer_of(include.target)) == 0) {
        found.push_back({file.path, include.line,
                         layer + " includes " + include.target + "; it may include only " +
                             joined(allowed->second)});
      }
    }
  }
  return found;
}

std::vector<Violation> check_heavy_headers(const SourceTree& tree) {
  std::vector<Violation> found;
  for (const SourceFile& file : tree.files()) {
    if (!file.is_code() || file.layer == "tests") continue;
    const std::string layer = layer_of(file.path);
    const bool may_show = file.is_source() || file.is_detail();
    for (const Include& include : includes_of(file)) {
      for (const HeavyLibrary& library : heavy_libraries()) {
        if (!std::regex_search(include.target, library.header)) continue;
        if (library.homes.count(file.layer) == 0 && library.homes.count(layer) == 0) {
          found.push_back(
              {file.path, include.line,
               library.name + " lives in " + joined(library.homes) + ", not in " + file.layer});
        } else if (!may_show && !(layer == kOpenMMPlugin && library.name == "OpenMM")) {
          found.push_back({file.path, include.line,
                           library.name + " belongs in a .cpp or a *_detail.h, not in a header"});
        }
      }
      const bool detail = include.target.find("_detail.h") != std::string::npos;
      if (detail && (!may_show || first_folder(include.target) != file.layer)) {
        found.push_back({file.path, include.line,
                         include.target + " may be included only by .cpp and *_detail.h of " +
                             first_folder(include.target)});
      }
    }
  }
  return found;
}

/// By #pragma once or, where Highway compiles a header once for each instruction set, by its
/// toggle.
bool is_guarded(const SourceFile& file) {
  return std::any_of(file.lines.begin(), file.lines.end(), [](const std::string& line) {
    return line == "#pragma once" || (line.rfind("#if defined(SALTUS_", 0) == 0 &&
                                      line.find("== defined(HWY_TARGET_TOGGLE)") != line.npos);
  });
}

std::vector<Violation> check_include_paths(const SourceTree& tree) {
  static const Names kGenerated = {"saltus_test_paths.h", "saltus_version.h"};
  std::vector<Violation> found;
  for (const SourceFile& file : tree.files()) {
    // tests/install holds a stranger's project, whose include root is an installation.
    if (!file.is_code() || file.path.rfind("tests/install/", 0) == 0) continue;
    for (const Include& include : includes_of(file)) {
      if (!include.quoted) {
        if (is_project_path(include.target) && tree.find(include.target) != nullptr) {
          found.push_back({file.path, include.line, "our own headers are included with quotes"});
        }
        continue;
      }
      if (kGenerated.count(include.target) > 0) continue;
      if (!is_project_path(include.target) || tree.find(include.target) == nullptr) {
        found.push_back({file.path, include.line,
                         "\"" + include.target + "\" is not a path from the root to a header"});
      }
    }
    if (file.is_header() && !is_guarded(file)) {
      found.push_back({file.path, 1, "no #pragma once"});
    }
  }
  return found;
}

namespace {

// Whether a file sees torch, following project headers; seen breaks cycles.
bool sees_torch(const SourceTree& tree, const SourceFile& file, Names& seen) {
  if (!seen.insert(file.path).second) return false;
  static const std::regex& torch = heavy_libraries().front().header;
  for (const Include& include : includes_of(file)) {
    if (std::regex_search(include.target, torch)) return true;
    const SourceFile* next = include.quoted ? tree.find(include.target) : nullptr;
    if (next != nullptr && sees_torch(tree, *next, seen)) return true;
  }
  return false;
}

}  // namespace

std::vector<std::string> torch_translation_units(const SourceTree& tree) {
  std::vector<std::string> units;
  for (const SourceFile& file : tree.files()) {
    Names seen;
    if (file.is_source() && sees_torch(tree, file, seen)) units.push_back(file.path);
  }
  return units;
}

}  // namespace saltus::tests
