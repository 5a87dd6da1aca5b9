#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/architecture/source_tree.h"

namespace saltus::tests {

/// The rules of the house, each a pure function of a tree. CONTRIBUTING.md says why each exists.

/// Includes point downward only; forcefields, mlsamplers and io are strangers to each other, and
/// the libraries tools/conformers and tools/solvation know neither io nor the program, the latter
/// nothing but the engine.
std::vector<Violation> check_layers(const SourceTree& tree);

/// A heavy library shows in .cpp and *_detail.h of its home only (and in tests); a *_detail.h is
/// included only by .cpp and *_detail.h of the same folder or by tests.
std::vector<Violation> check_heavy_headers(const SourceTree& tree);

/// Quoted includes are paths from the root to files that exist; #pragma once in every header.
std::vector<Violation> check_include_paths(const SourceTree& tree);

/// Who includes whom.
struct IncludeGraph {
  struct Place {
    std::string file;
    std::size_t line = 0;
    std::string target;
  };
  std::set<std::string> nodes;
  /// From and to, each with the first include that makes it.
  std::map<std::pair<std::string, std::string>, Place> edges;
};

/// The folders of tools/saltus, its own files being one of them.
IncludeGraph program_folders(const SourceTree& tree);

/// The folders of tools/saltus are few, include few others, and only those further down in a fixed
/// order.
std::vector<Violation> check_program_folders(const SourceTree& tree);

/// No circle of files in tools/saltus, a header and its source being one.
std::vector<Violation> check_program_circles(const SourceTree& tree);

/// No circle of folders anywhere outside tests.
std::vector<Violation> check_folder_circles(const SourceTree& tree);

/// No tabs, no carriage returns, no line without an end, at most kMaxLines lines of code a file.
std::vector<Violation> check_text(const SourceTree& tree);

/// At most kMaxFileBytes (kMaxDataBytes below data/), and only data holds more than text.
std::vector<Violation> check_file_sizes(const SourceTree& tree);

/// Nothing in the root but what is named in the rule; no code below data/.
std::vector<Violation> check_root(const SourceTree& tree);

/// Classes and free functions of public headers have a /// above them; neighbours without a blank
/// line between share one.
std::vector<Violation> check_docstrings(const SourceTree& tree);

/// Functions have at most kMaxParameters parameters, but for callbacks whose parameters a library
/// lays down; those are named in the rule. Counted are declarations and definitions, in namespaces
/// and classes; calls, types of functions, macros and lambdas are not.
std::vector<Violation> check_parameters(const SourceTree& tree);

/// Every .cpp is named in a CMakeLists.txt or *.cmake of its folder or one above: nothing lies
/// unbuilt.
std::vector<Violation> check_sources_listed(const SourceTree& tree);

/// What documents tell the reader to run or read exists: paths in shell blocks, presets, links, and
/// file names of code in back quotes.
std::vector<Violation> check_documents(const SourceTree& tree);

/// Nothing read from a file becomes code or an object: no archive of LibTorch, no TorchScript, no
/// pickle, no library loaded by name.
std::vector<Violation> check_no_code_from_files(const SourceTree& tree);

/// The .cpp files that see a torch header, directly or through *_detail.h: each costs about 16 s of
/// compilation.
std::vector<std::string> torch_translation_units(const SourceTree& tree);

constexpr std::size_t kMaxLines = 500;
constexpr std::size_t kMaxParameters = 6;
constexpr std::size_t kMaxFileBytes = 1 << 20;
constexpr std::size_t kMaxDataBytes = 8 << 20;
constexpr std::size_t kMaxTorchTranslationUnits = 25;
constexpr std::size_t kMaxProgramFolders = 8;
constexpr std::size_t kMaxProgramEdges = 15;

}  // namespace saltus::tests
