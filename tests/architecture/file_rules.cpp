// Rules about files, folders and documents.
#include <algorithm>
#include <map>
#include <regex>
#include <set>

#include "tests/architecture/rules.h"

namespace saltus::tests {
namespace {

namespace fs = std::filesystem;
using Names = std::set<std::string>;

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

bool contains(const SourceFile& file, const std::string& text) {
  return std::any_of(file.lines.begin(), file.lines.end(),
                     [&](const std::string& line) { return line.find(text) != std::string::npos; });
}

}  // namespace

std::vector<Violation> check_text(const SourceTree& tree) {
  std::vector<Violation> found;
  for (const SourceFile& file : tree.files()) {
    if (file.layer == "data") continue;  // other people's formats, as they came
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      if (file.lines[i].find('\t') != std::string::npos) {
        found.push_back({file.path, i + 1, "tab"});
      }
      if (!file.lines[i].empty() && file.lines[i].back() == '\r') {
        found.push_back({file.path, i + 1, "carriage return"});
      }
    }
    if (file.is_code() && file.lines.size() > kMaxLines) {
      found.push_back({file.path, 0,
                       std::to_string(file.lines.size()) + " lines; split files above " +
                           std::to_string(kMaxLines)});
    }
  }
  return found;
}

std::vector<Violation> check_file_sizes(const SourceTree& tree) {
  std::vector<Violation> found;
  for (const SourceFile& file : tree.files()) {
    const std::size_t limit = file.layer == "data" ? kMaxDataBytes : kMaxFileBytes;
    if (file.bytes > limit) {
      found.push_back(
          {file.path, 0,
           std::to_string(file.bytes) + " bytes; the limit here is " + std::to_string(limit)});
    }
  }
  return found;
}

std::vector<Violation> check_root(const SourceTree& tree) {
  static const Names kAllowed = {
      // folders and the two files everybody reads
      "engine", "forcefields", "mlsamplers", "io", "tools", "tests", "data", "CMakeLists.txt",
      "README.md",
      // what tools insist on finding in the root
      "CMakePresets.json", ".ci", ".clang-format", ".clang-tidy", ".gitignore", ".gitattributes",
      // what people look for
      "LICENSE", "CONTRIBUTING.md", "CHANGELOG.md", "CITATION.cff", "CODE_OF_CONDUCT.md",
      "SECURITY.md"};
  std::vector<Violation> found;
  for (const std::string& name : tree.root_entries()) {
    if (kAllowed.count(name) == 0) found.push_back({name, 0, "does not belong in the root"});
  }
  for (const SourceFile& file : tree.files()) {
    if (file.layer == "data" && file.is_code()) {
      found.push_back({file.path, 0, "data holds no code"});
    }
  }
  return found;
}

std::vector<Violation> check_sources_listed(const SourceTree& tree) {
  // Lists of sources, by folder.
  std::multimap<fs::path, const SourceFile*> lists;
  for (const SourceFile& file : tree.files()) {
    if (ends_with(file.path, "CMakeLists.txt") || ends_with(file.path, ".cmake")) {
      lists.emplace(fs::path(file.path).parent_path(), &file);
    }
  }
  std::vector<Violation> found;
  for (const SourceFile& file : tree.files()) {
    if (!file.is_source()) continue;
    bool listed = false;
    for (fs::path folder = file.path; !listed && !folder.empty();) {
      folder = folder.parent_path();
      const std::string name =
          folder.empty() ? file.path
                         : fs::path(file.path).lexically_relative(folder).generic_string();
      const auto [first, last] = lists.equal_range(folder);
      listed =
          std::any_of(first, last, [&](const auto& list) { return contains(*list.second, name); });
    }
    if (!listed) found.push_back({file.path, 0, "named in no CMakeLists.txt: it is never built"});
  }
  return found;
}

namespace {

// What one line of a document points to, by kind of quotation.
class DocumentLine {
 public:
  DocumentLine(const SourceTree& tree, const SourceFile& file, std::size_t line)
      : tree_(tree), file_(file), line_(line), text_(file.lines[line - 1]) {}

  // A line of a shell block: paths of ours and presets.
  void check_commands(std::vector<Violation>& found) const {
    static const std::regex kPath(
        R"((^|[\s=])((tools|data|tests|engine|forcefields|mlsamplers|io|\.ci)/[\w./-]*\w))");
    static const std::regex kPreset(R"(--preset[ =](\w+))");
    for (const std::string& path : matches(kPath, 2)) {
      if (!tree_.exists(path)) report(path + " does not exist", found);
    }
    const SourceFile* presets = tree_.find("CMakePresets.json");
    for (const std::string& preset : matches(kPreset, 1)) {
      if (presets == nullptr || !contains(*presets, "\"name\": \"" + preset + "\"")) {
        report("no preset " + preset + " in CMakePresets.json", found);
      }
    }
  }

  // A line of prose: links and file names in back quotes.
  void check_prose(std::vector<Violation>& found) const {
    static const std::regex kLink(R"(\]\(([^)#:]+)(#[^)]*)?\))");
    static const std::regex kCodeName(R"(`([\w./-]+\.(h|cpp|cmake|md|sh))`)");
    for (const std::string& path : matches(kLink, 1)) {
      if (!exists(path)) report("link to " + path + ", which does not exist", found);
    }
    // Contributors' recipes and the change log name files that are yet to be or no longer are.
    if (ends_with(file_.path, "CONTRIBUTING.md") || ends_with(file_.path, "CHANGELOG.md")) return;
    for (const std::string& path : matches(kCodeName, 1)) {
      if (!exists(path)) report(path + " does not exist", found);
    }
  }

 private:
  std::vector<std::string> matches(const std::regex& pattern, std::size_t group) const {
    std::vector<std::string> all;
    for (std::sregex_iterator it(text_.begin(), text_.end(), pattern), end; it != end; ++it) {
      all.push_back((*it)[group]);
    }
    return all;
  }
  // From the document's folder or from the root.
  bool exists(const std::string& path) const {
    return tree_.exists(path) ||
           tree_.exists((fs::path(file_.path).parent_path() / path).generic_string());
  }
  void report(const std::string& message, std::vector<Violation>& found) const {
    found.push_back({file_.path, line_, message});
  }

  const SourceTree& tree_;
  const SourceFile& file_;
  std::size_t line_;
  const std::string& text_;
};

}  // namespace

std::vector<Violation> check_documents(const SourceTree& tree) {
  static const Names kShell = {"```", "```sh", "```bash", "```console"};
  std::vector<Violation> found;
  for (const SourceFile& file : tree.files()) {
    if (!ends_with(file.path, ".md")) continue;
    bool in_block = false, in_shell = false;
    for (std::size_t i = 1; i <= file.lines.size(); ++i) {
      const std::string& line = file.lines[i - 1];
      if (line.rfind("```", 0) == 0) {
        in_block = !in_block;
        in_shell = in_block && kShell.count(line) > 0;
        continue;
      }
      const DocumentLine document_line(tree, file, i);
      if (in_shell) document_line.check_commands(found);
      if (!in_block) document_line.check_prose(found);
    }
  }
  return found;
}

}  // namespace saltus::tests
