#include "tests/architecture/source_tree.h"

#include <algorithm>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

namespace saltus::tests {
namespace fs = std::filesystem;
namespace {

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// Made by builds, runs and editors; none of it is the project's.
bool is_generated(const std::string& name) {
  static const std::set<std::string> kNames = {
      ".git",    ".cache", "build", "runs", "compile_commands.json", "CMakeUserPresets.json",
      ".vscode", ".idea"};
  return kNames.count(name) > 0 || name.rfind("build-", 0) == 0 || name == "__pycache__";
}

bool is_read(const std::string& path) {
  static const std::vector<std::string> kEnds = {".h",   ".cpp",  ".cmake",    ".txt", ".md",
                                                 ".sh",  ".toml", ".py",       ".in",  ".json",
                                                 ".cff", "/run",  "/bootstrap"};
  return std::any_of(kEnds.begin(), kEnds.end(),
                     [&](const std::string& end) { return ends_with(path, end); });
}

std::vector<std::string> read_lines(const fs::path& path) {
  std::ifstream in(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// Takes lines one after the other and gives back their code.
class CodeReader {
 public:
  std::string read(const std::string& line) {
    const std::size_t first = line.find_first_not_of(' ');
    const bool begins_macro = first != std::string::npos && line[first] == '#';
    if (in_macro_ || (!in_comment_ && raw_end_.empty() && begins_macro)) {
      in_macro_ = !line.empty() && line.back() == '\\';
      return "";
    }
    std::string code;
    for (std::size_t i = 0; i < line.size();) i = take(line, i, code);
    return code;
  }

 private:
  // Adds what stands at i to the code; returns where the next thing begins.
  std::size_t take(const std::string& line, std::size_t i, std::string& code) {
    if (in_comment_) {
      const std::size_t end = line.find("*/", i);
      in_comment_ = end == std::string::npos;
      return in_comment_ ? line.size() : end + 2;
    }
    if (!raw_end_.empty()) {
      const std::size_t end = line.find(raw_end_, i);
      if (end == std::string::npos) return line.size();
      const std::size_t next = end + raw_end_.size();
      raw_end_.clear();
      return next;
    }
    if (line.compare(i, 2, "//") == 0) return line.size();
    if (line.compare(i, 2, "/*") == 0) {
      in_comment_ = true;
      return i + 2;
    }
    const bool in_word = i > 0 && std::isalnum(static_cast<unsigned char>(line[i - 1]));
    if (line.compare(i, 2, "R\"") == 0 && !in_word) {
      const std::size_t open = line.find('(', i);
      raw_end_ = ")" + line.substr(i + 2, open - i - 2) + "\"";
      code += '0';
      return open + 1;
    }
    if (line[i] != '"' && (line[i] != '\'' || in_word)) {
      code += line[i];
      return i + 1;
    }
    const char quote = line[i];
    for (++i; i < line.size() && line[i] != quote; ++i) {
      if (line[i] == '\\') ++i;
    }
    code += '0';
    return i + 1;
  }

  bool in_comment_ = false, in_macro_ = false;
  std::string raw_end_;  // of the raw literal that we are in; else empty
};

}  // namespace

bool SourceFile::is_header() const { return ends_with(path, ".h"); }
bool SourceFile::is_source() const { return ends_with(path, ".cpp"); }
bool SourceFile::is_detail() const { return ends_with(path, "_detail.h"); }

std::string to_string(const std::vector<Violation>& violations) {
  std::ostringstream out;
  for (const Violation& v : violations) {
    out << v.file;
    if (v.line > 0) out << ':' << v.line;
    out << ": " << v.message << '\n';
  }
  return out.str();
}

std::vector<Include> includes_of(const SourceFile& file) {
  static const std::regex kInclude(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"])");
  std::vector<Include> includes;
  for (std::size_t i = 0; i < file.lines.size(); ++i) {
    std::smatch match;
    if (std::regex_search(file.lines[i], match, kInclude)) {
      includes.push_back({match[2], match[1] == "\"", i + 1});
    }
  }
  return includes;
}

std::vector<std::string> code_of(const SourceFile& file) {
  CodeReader reader;
  std::vector<std::string> code;
  for (const std::string& line : file.lines) code.push_back(reader.read(line));
  return code;
}

std::string without_template_header(const std::string& declaration) {
  static const std::regex kTemplate(R"(^\s*template\s*<)");
  std::smatch match;
  if (!std::regex_search(declaration, match, kTemplate)) return declaration;
  std::size_t i = static_cast<std::size_t>(match.length()), open = 1;
  for (; i < declaration.size() && open > 0; ++i) {
    open += declaration[i] == '<' ? 1u : 0u;
    open -= declaration[i] == '>' ? 1u : 0u;
  }
  return without_template_header(declaration.substr(i));
}

SourceTree::SourceTree(fs::path root) : root_(std::move(root)) {
  for (const auto& entry : fs::directory_iterator(root_)) {
    const std::string name = entry.path().filename().string();
    if (!is_generated(name)) root_entries_.push_back(name);
  }
  std::sort(root_entries_.begin(), root_entries_.end());

  for (auto it = fs::recursive_directory_iterator(root_); it != fs::end(it); ++it) {
    if (is_generated(it->path().filename().string())) {
      if (it->is_directory()) it.disable_recursion_pending();
      continue;
    }
    if (!it->is_regular_file()) continue;
    SourceFile file;
    file.path = fs::relative(it->path(), root_).generic_string();
    const std::size_t slash = file.path.find('/');
    if (slash != std::string::npos) file.layer = file.path.substr(0, slash);
    file.bytes = it->file_size();
    if (is_read(file.path)) file.lines = read_lines(it->path());
    files_.push_back(std::move(file));
  }
  std::sort(files_.begin(), files_.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
}

const SourceFile* SourceTree::find(const std::string& path) const {
  const auto it =
      std::find_if(files_.begin(), files_.end(), [&](const auto& f) { return f.path == path; });
  return it == files_.end() ? nullptr : &*it;
}

bool SourceTree::exists(const std::string& path) const { return fs::exists(root_ / path); }

}  // namespace saltus::tests
