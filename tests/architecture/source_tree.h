#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace saltus::tests {

/// A file of the project as the rules see it.
struct SourceFile {
  std::string path;                ///< from the root, with forward slashes
  std::string layer;               ///< first folder of the path, empty for files in the root
  std::vector<std::string> lines;  ///< empty when the file is not text the rules read
  std::uintmax_t bytes = 0;

  bool is_header() const;
  bool is_source() const;
  bool is_code() const { return is_header() || is_source(); }
  /// A header that may show a heavy library and is not installed: *_detail.h.
  bool is_detail() const;
};

/// One broken rule, ready to print as file:line: message. Line 0: the file as a whole.
struct Violation {
  std::string file;
  std::size_t line = 0;
  std::string message;
};

std::string to_string(const std::vector<Violation>& violations);

/// An #include line.
struct Include {
  std::string target;  ///< between the quotes or brackets
  bool quoted = false;
  std::size_t line = 0;
};

std::vector<Include> includes_of(const SourceFile& file);

/// The lines of a file with comments, literals and preprocessor lines replaced by blanks or a 0.
std::vector<std::string> code_of(const SourceFile& file);

/// A declaration without what template<...> precedes it.
std::string without_template_header(const std::string& declaration);

/// Everything below a root folder except build trees, results and version control.
class SourceTree {
 public:
  /// @throws std::filesystem::filesystem_error  when the folder cannot be read
  explicit SourceTree(std::filesystem::path root);

  const std::filesystem::path& root() const { return root_; }
  const std::vector<SourceFile>& files() const { return files_; }
  /// Names in the root folder itself, files and folders.
  const std::vector<std::string>& root_entries() const { return root_entries_; }
  /// The file of that path or nullptr.
  const SourceFile* find(const std::string& path) const;
  bool exists(const std::string& path) const;

 private:
  std::filesystem::path root_;
  std::vector<SourceFile> files_;
  std::vector<std::string> root_entries_;
};

}  // namespace saltus::tests
