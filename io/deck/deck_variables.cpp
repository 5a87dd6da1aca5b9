#include "io/deck/deck_variables.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <utility>
#include <vector>

#include "engine/core/text.h"
#include "io/deck/nearest_name.h"
#include "io/deck/quantity.h"
#include "io/deck/toml_text.h"

namespace saltus::io {
namespace {

constexpr std::size_t kMaxStringLength = std::size_t{1} << 16U;
constexpr std::string_view kOpening = "${", kEscaped = "$${", kEnvironment = "env:";

// Why a string cannot be expanded; never leaves this file.
struct VariableProblem {
  std::string message;
};

std::string scalar_text(const DeckNode& node) {
  switch (node.kind) {
    case DeckNode::Kind::kInteger:
      return std::to_string(node.integer);
    case DeckNode::Kind::kReal:
      return engine::shortest_text(node.real);
    case DeckNode::Kind::kBoolean:
      return node.boolean ? "true" : "false";
    default:
      return node.text;
  }
}

// Calls literal(text) and variable(name) for the parts of a string in turn.
template <class Literal, class Variable>
void split_string(const std::string& text, const Literal& literal, const Variable& variable) {
  std::size_t next = 0;
  while (next < text.size()) {
    const std::size_t dollar = std::min(text.find('$', next), text.size());
    literal(text.substr(next, dollar - next));
    next = dollar;
    if (text.compare(next, kEscaped.size(), kEscaped) == 0) {
      literal(std::string(kOpening));
      next += kEscaped.size();
    } else if (text.compare(next, kOpening.size(), kOpening) == 0) {
      const std::size_t end = text.find('}', next);
      if (end == std::string::npos) {
        throw VariableProblem{"\"${\" without \"}\"; a literal \"${\" is written \"$${\""};
      }
      variable(text.substr(next + kOpening.size(), end - next - kOpening.size()));
      next = end + 1;
    } else if (next < text.size()) {
      literal("$");
      ++next;
    }
  }
}

class VariableReplacer {
 public:
  VariableReplacer(DeckDocument& document, const DeckNode& variables)
      : document_(document), variables_(variables) {}

  void replace_below(DeckNode& node, const std::string& path) {
    if (node.kind == DeckNode::Kind::kString) replace_in(node, path);
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      replace_below(node.items[i], path + '[' + std::to_string(i) + ']');
    }
    for (DeckEntry& entry : node.entries) {
      replace_below(entry.value, (path.empty() ? "" : path + '.') + entry.name);
    }
  }

 private:
  void replace_in(DeckNode& node, const std::string& path) {
    if (node.text.find('$') == std::string::npos) return;
    open_.clear();
    try {
      if (const DeckNode* whole = lone_variable(node.text)) {
        const DeckPosition position = node.position;
        node = *whole;
        node.position = position;
      } else {
        node.text = expanded(node.text);
      }
    } catch (const VariableProblem& problem) {
      node.faulty = true;
      document_.errors.push_back({node.position, path + ": " + problem.message});
    }
  }

  // The variable's node when the string is "${name}" and the variable is no string.
  const DeckNode* lone_variable(const std::string& text) const {
    if (text.compare(0, kOpening.size(), kOpening) != 0 || text.find('}') != text.size() - 1) {
      return nullptr;
    }
    const DeckEntry* entry =
        variables_.find(text.substr(kOpening.size(), text.size() - kOpening.size() - 1));
    const bool usable = entry != nullptr && entry->value.kind != DeckNode::Kind::kString;
    return usable ? &entry->value : nullptr;
  }

  std::string expanded(const std::string& text) {
    std::string result;
    const auto append = [&](const std::string& part) {
      result += part;
      if (result.size() > kMaxStringLength) {
        throw VariableProblem{"longer than 65536 letters with its variables replaced"};
      }
    };
    split_string(text, append, [&](const std::string& name) { append(value_of(name)); });
    return result;
  }

  std::string value_of(const std::string& name) {
    if (name.compare(0, kEnvironment.size(), kEnvironment) == 0) {
      const std::string variable = name.substr(kEnvironment.size());
      const char* value = std::getenv(variable.c_str());
      if (value == nullptr) {
        throw VariableProblem{"environment variable \"" + variable + "\" is not set"};
      }
      if (!is_utf8(value)) {
        throw VariableProblem{"environment variable \"" + variable + "\" is not UTF-8 text"};
      }
      return value;
    }
    const DeckEntry* entry = variables_.find(name);
    if (entry == nullptr) throw VariableProblem{unknown_variable(name)};
    if (std::find(open_.begin(), open_.end(), name) != open_.end()) {
      throw VariableProblem{"variable \"" + name + "\" is defined by itself"};
    }
    open_.push_back(name);
    std::string value = entry->value.kind == DeckNode::Kind::kString ? expanded(entry->value.text)
                                                                     : scalar_text(entry->value);
    open_.pop_back();
    return value;
  }

  std::string unknown_variable(const std::string& name) const {
    std::vector<std::string> names;
    for (const DeckEntry& entry : variables_.entries) names.push_back(entry.name);
    const std::string nearest = nearest_name(name, names);
    return "unknown variable \"${" + name + "}\"; " +
           (nearest.empty() ? "define it in [vars]" : "did you mean \"${" + nearest + "}\"?");
  }

  DeckDocument& document_;
  const DeckNode& variables_;
  std::vector<std::string> open_;
};

// Takes [vars] out of the tree; entries that are no scalars become errors.
DeckNode take_variables(DeckDocument& document, const std::set<std::string>& used) {
  DeckNode variables;
  auto& entries = document.root.entries;
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [](const DeckEntry& entry) { return entry.name == "vars"; });
  if (found == entries.end()) return variables;
  const DeckNode table = std::move(found->value);
  entries.erase(found);
  if (table.kind != DeckNode::Kind::kTable) {
    document.errors.push_back(
        {table.position, "vars: expected a table [vars], got " + table.describe()});
  }
  for (const DeckEntry& entry : table.entries) {
    variables.entries.push_back(entry);
    const auto kind = entry.value.kind;
    if (kind == DeckNode::Kind::kTable || kind == DeckNode::Kind::kList) {
      document.errors.push_back(
          {entry.value.position, "vars." + entry.name +
                                     ": expected a string, number or boolean, got " +
                                     entry.value.describe()});
      variables.entries.back().value.faulty = true;
    } else if (used.count(entry.name) == 0) {
      document.errors.push_back({entry.position, "vars." + entry.name + ": never used; write \"${" +
                                                     entry.name +
                                                     "}\" where it is wanted, or remove it"});
    }
  }
  return variables;
}

}  // namespace

void collect_used_variables(const DeckNode& node, std::set<std::string>& names) {
  if (node.kind == DeckNode::Kind::kString) {
    try {
      split_string(
          node.text, [](const std::string&) {},
          [&](const std::string& name) { names.insert(name); });
    } catch (const VariableProblem&) {
      // Reported with its place when variables are replaced.
    }
  }
  for (const DeckNode& item : node.items) collect_used_variables(item, names);
  for (const DeckEntry& entry : node.entries) collect_used_variables(entry.value, names);
}

void replace_variables(DeckDocument& document, const std::set<std::string>& used_variables) {
  const DeckNode variables = take_variables(document, used_variables);
  VariableReplacer(document, variables).replace_below(document.root, "");
}

}  // namespace saltus::io
