// The rule that functions have few parameters: a small scanner, enough for our own style.
#include <algorithm>
#include <cctype>
#include <regex>
#include <set>

#include "tests/architecture/rules.h"

namespace saltus::tests {
namespace {

// Called by a library, which says with what.
const std::set<std::string> kCallbacks = {"refuse_link"};

bool is_opening(char c) { return c == '(' || c == '[' || c == '{'; }
bool is_closing(char c) { return c == ')' || c == ']' || c == '}'; }
bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

// Where what is opened at `begin` is closed, or the end.
std::size_t end_of_brackets(const std::string& text, std::size_t begin) {
  std::size_t depth = 0;
  for (std::size_t i = begin; i < text.size(); ++i) {
    if (is_opening(text[i])) ++depth;
    if (is_closing(text[i]) && --depth == 0) return i;
  }
  return text.size();
}

// Pairs of < and > of templates.
class AngleBrackets {
 public:
  bool inside() const { return depth_ > 0; }
  void read(const std::string& text, std::size_t i) {
    if (text[i] == '<') ++depth_;
    if (text[i] == '>' && depth_ > 0 && (i == 0 || text[i - 1] != '-')) --depth_;
  }

 private:
  std::size_t depth_ = 0;
};

// @param list  what stands between the parentheses of a function
std::size_t count_parameters(const std::string& list) {
  if (std::all_of(list.begin(), list.end(), is_space)) return 0;
  std::size_t n = 1;
  AngleBrackets angles;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (is_opening(list[i])) {
      i = end_of_brackets(list, i);
      continue;
    }
    angles.read(list, i);
    n += list[i] == ',' && !angles.inside() ? 1u : 0u;
  }
  return n;
}

// The word that ends before `end`.
std::string word_before(const std::string& text, std::size_t end) {
  while (end > 0 && is_space(text[end - 1])) --end;
  std::size_t begin = end;
  while (begin > 0 &&
         (std::isalnum(static_cast<unsigned char>(text[begin - 1])) != 0 || text[begin - 1] == '_'))
    --begin;
  return text.substr(begin, end - begin);
}

bool is_macro(const std::string& word) {
  return word.size() > 1 && std::none_of(word.begin(), word.end(),
                                         [](unsigned char c) { return std::islower(c) != 0; });
}

struct Function {
  std::string name;
  std::size_t n_parameters = 0;
};

// The function that a statement declares; one without a name where it declares none.
// @param statement  up to its ; or its first brace outside parentheses
Function function_of(const std::string& statement) {
  static const std::regex kSkipped(R"(^\s*(using|typedef|static_assert)\b)");
  static const std::regex kOperator(R"(\boperator\s*(\(\s*\)|[^\s\w(]+))");
  static const std::set<std::string> kNoNames = {"",         "alignas",       "decltype",
                                                 "explicit", "__attribute__", "noexcept"};
  const std::string text =
      std::regex_replace(without_template_header(statement), kOperator, "operator_");
  if (std::regex_search(text, kSkipped)) return {};
  AngleBrackets angles;
  for (std::size_t i = 0; i < text.size(); ++i) {
    angles.read(text, i);
    if (text[i] == '=' && !angles.inside()) return {};  // a variable and its value
    if (!is_opening(text[i])) continue;
    const std::size_t end = end_of_brackets(text, i);
    const std::string name = word_before(text, i);
    if (text[i] == '(' && !angles.inside() && kNoNames.count(name) == 0 && !is_macro(name))
      return {name, count_parameters(text.substr(i + 1, end - i - 1))};
    i = end;
  }
  return {};
}

// Walks through the statements of namespaces and classes; bodies of functions are passed over.
class StatementReader {
 public:
  StatementReader(const SourceFile& file, std::vector<Violation>& found)
      : file_(file), found_(found) {
    for (const std::string& line : code_of(file)) text_ += line + "\n";
  }

  void read() {
    for (std::size_t i = 0; i < text_.size(); ++i) {
      const char c = text_[i];
      if (c == ';' || c == '}' || (c == ':' && ends_label(i))) {
        finish(i);
      } else if (c == '{') {
        check(i);
        if (opens_scope(i)) {
          finish(i);
        } else {
          i = end_of_brackets(text_, i);
          if (ends_after(i)) finish(i);
        }
      } else if (c == '(' || c == '[') {
        i = end_of_brackets(text_, i);
      }
    }
  }

 private:
  bool ends_label(std::size_t i) const {
    static const std::set<std::string> kLabels = {"public", "protected", "private"};
    return kLabels.count(word_before(text_, i)) > 0 && text_.compare(i, 2, "::") != 0;
  }
  // Whether the brace at i is that of a namespace or a class.
  bool opens_scope(std::size_t i) const {
    static const std::regex kScope(
        R"(^\s*(inline\s+namespace|namespace|extern|class|struct|union)\b)");
    const std::string text = without_template_header(text_.substr(begin_, i - begin_));
    return std::regex_search(text, kScope) && function_of(text).name.empty();
  }
  // Whether a body ends with the brace at i; else it is a value, which more may follow.
  bool ends_after(std::size_t i) const {
    const std::size_t next = text_.find_first_not_of(" \n", i + 1);
    return next == std::string::npos || (text_[next] != ',' && text_[next] != '{');
  }
  void check(std::size_t end) {
    if (checked_) return;
    checked_ = true;
    const Function function = function_of(text_.substr(begin_, end - begin_));
    if (function.n_parameters <= kMaxParameters || kCallbacks.count(function.name) > 0) return;
    const std::size_t first = text_.find_first_not_of(" \n", begin_);
    const auto line = std::count(text_.begin(), text_.begin() + static_cast<long>(first), '\n');
    found_.push_back({file_.path, static_cast<std::size_t>(line) + 1,
                      function.name + " has " + std::to_string(function.n_parameters) +
                          " parameters, at most " + std::to_string(kMaxParameters) +
                          " are allowed; make a struct of those that belong together"});
  }
  void finish(std::size_t end) {
    check(end);
    begin_ = end + 1;
    checked_ = false;
  }

  const SourceFile& file_;
  std::vector<Violation>& found_;
  std::string text_;
  std::size_t begin_ = 0;  // of the statement
  bool checked_ = false;
};

}  // namespace

std::vector<Violation> check_parameters(const SourceTree& tree) {
  std::vector<Violation> found;
  for (const SourceFile& file : tree.files())
    if (file.is_code()) StatementReader(file, found).read();
  return found;
}

}  // namespace saltus::tests
