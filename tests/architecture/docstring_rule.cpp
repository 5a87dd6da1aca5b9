// The rule that public declarations are documented: a small scanner, enough for our own style.
#include <regex>

#include "tests/architecture/rules.h"

namespace saltus::tests {
namespace {

// A declaration at namespace scope.
struct Declaration {
  std::string text;  // without comments, up to its ; or {
  std::size_t first_line = 0;
  std::size_t last_line = 0;  // of text
  std::size_t end_line = 0;   // of its body, if it has one
};

// Declarations directly inside namespaces (not inside classes or functions).
std::vector<Declaration> namespace_declarations(const std::vector<std::string>& lines) {
  static const std::regex kNamespace(R"(^\s*(inline\s+)?namespace\b)");
  std::vector<Declaration> found;
  Declaration current;
  std::size_t depth = 0;  // of braces that are not namespaces
  for (std::size_t i = 0; i < lines.size(); ++i) {
    for (const char c : lines[i] + "\n") {
      if (depth > 0) {
        depth += c == '{' ? 1u : 0u;
        depth -= c == '}' ? 1u : 0u;
        if (depth == 0 && !found.empty()) found.back().end_line = i + 1;
        continue;
      }
      if (c == '{' || c == ';') {
        if (c == '{' && std::regex_search(current.text, kNamespace)) {
          current = {};
          continue;
        }
        current.last_line = current.end_line = i + 1;
        if (!current.text.empty()) found.push_back(current);
        current = {};
        if (c == '{') depth = 1;
      } else if (c == '}') {
        current = {};  // end of a namespace
      } else if (!current.text.empty() || !std::isspace(static_cast<unsigned char>(c))) {
        if (current.text.empty()) current.first_line = i + 1;
        current.text += c == '\n' ? ' ' : c;
      }
    }
  }
  return found;
}

enum class Kind { kType, kFunction, kOther };

Kind kind_of(const Declaration& declaration, bool has_body) {
  static const std::regex kSkipped(R"(^\s*(using|typedef|static_assert|extern|friend)\b)");
  static const std::regex kType(R"(^\s*(class|struct|enum|union)\b)");
  // The name just before the parenthesis; a qualified one was declared elsewhere.
  static const std::regex kName(R"((operator\s*\S+|[\w:~]+)\s*$)");
  const std::string text = without_template_header(declaration.text);
  if (std::regex_search(text, kSkipped)) return Kind::kOther;
  if (std::regex_search(text, kType)) return has_body ? Kind::kType : Kind::kOther;
  const std::size_t parenthesis = text.find('(');
  if (parenthesis == std::string::npos || text.find('=') < parenthesis) return Kind::kOther;
  std::smatch name;
  const std::string before = text.substr(0, parenthesis);
  if (!std::regex_search(before, name, kName)) return Kind::kOther;
  return name.str(1).find("::") == std::string::npos ? Kind::kFunction : Kind::kOther;
}

bool starts_with_doc(const std::string& line) {
  return line.find("///") != std::string::npos && line.find("///") == line.find_first_not_of(' ');
}

}  // namespace

std::vector<Violation> check_docstrings(const SourceTree& tree) {
  std::vector<Violation> found;
  for (const SourceFile& file : tree.files()) {
    const bool ours = file.layer == "engine" || file.layer == "forcefields" ||
                      file.layer == "mlsamplers" || file.layer == "io";
    if (!ours || !file.is_header() || file.is_detail()) continue;
    const std::vector<std::string> code = code_of(file);
    std::size_t documented_until = 0;  // where the documented declaration before ended
    for (const Declaration& declaration : namespace_declarations(code)) {
      const bool has_body = code[declaration.last_line - 1].find('{') != std::string::npos;
      const Kind kind = kind_of(declaration, has_body);
      if (kind == Kind::kOther) continue;
      const std::size_t above = declaration.first_line - 1;  // 1-based number of the line above
      const bool own = (above > 0 && starts_with_doc(file.lines[above - 1])) ||
                       file.lines[declaration.last_line - 1].find("///<") != std::string::npos;
      const bool shared = kind == Kind::kFunction && above == documented_until && above > 0;
      if (own || shared) {
        documented_until = declaration.end_line;
      } else {
        found.push_back(
            {file.path, declaration.first_line, "no /// above: " + declaration.text.substr(0, 60)});
      }
    }
  }
  return found;
}

}  // namespace saltus::tests
