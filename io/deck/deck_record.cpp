#include "io/deck/deck_record.h"

#include <algorithm>

namespace saltus::io {
namespace {

constexpr std::size_t kCommentColumn = 40;

std::string header_line(const DeckRecordTable& table) {
  return table.list_item ? "[[" + table.header + "]]" : '[' + table.header + ']';
}

std::string with_comment(std::string line, const std::string& comment) {
  if (comment.empty()) return line + '\n';
  line.resize(std::max(line.size() + 2, kCommentColumn), ' ');
  return line + "# " + comment + '\n';
}

std::string comment_of(const DeckRecord& key) {
  std::string comment = key.required ? "required, " + key.description : key.description;
  if (!key.choices.empty()) comment += "; " + key.choices;
  if (!key.condition.empty()) comment += " [" + key.condition + ']';
  return comment;
}

void write_resolved_table(const DeckRecordTable& table, std::string& text) {
  const bool has_values = std::any_of(table.keys.begin(), table.keys.end(),
                                      [](const DeckRecord& key) { return !key.value.empty(); });
  if (!table.header.empty() && (has_values || table.list_item)) {
    text += (text.empty() ? "" : "\n") + header_line(table) + '\n';
  }
  for (const DeckRecord& key : table.keys) {
    if (!key.value.empty()) text += toml_key(key.name) + " = " + key.value + '\n';
  }
  for (const DeckRecordTable& child : table.tables) write_resolved_table(child, text);
}

void collect_values(const DeckRecordTable& table,
                    std::vector<std::pair<std::string, std::string>>& values) {
  for (const DeckRecord& key : table.keys)
    if (!key.value.empty())
      values.emplace_back((table.path.empty() ? "" : table.path + ".") + key.name, key.value);
  for (const DeckRecordTable& child : table.tables) collect_values(child, values);
}

void write_default_table(const DeckRecordTable& table, bool commented, std::string& text) {
  commented = commented || table.optional || !table.condition.empty();
  if (!table.header.empty()) {
    text += '\n';
    if (!table.description.empty()) text += "# " + table.description + '\n';
    if (!table.condition.empty()) text += "# [" + table.condition + "]\n";
    text += (commented ? "#" : "") + header_line(table) + '\n';
  }
  for (const DeckRecord& key : table.keys) {
    const bool off = commented || key.required || key.value.empty() || !key.condition.empty();
    const std::string line = (off ? "#" : "") + toml_key(key.name) + " = " + key.value;
    text += with_comment(line, comment_of(key));
  }
  for (const DeckRecordTable& child : table.tables) write_default_table(child, commented, text);
}

}  // namespace

DeckRecord* DeckRecordTable::find(const std::string& name) {
  const auto found = std::find_if(keys.begin(), keys.end(),
                                  [&](const DeckRecord& key) { return key.name == name; });
  return found == keys.end() ? nullptr : &*found;
}

std::string write_resolved(const DeckRecordTable& root) {
  std::string text;
  write_resolved_table(root, text);
  return text;
}

std::vector<std::pair<std::string, std::string>> resolved_values(const DeckRecordTable& root) {
  std::vector<std::pair<std::string, std::string>> values;
  collect_values(root, values);
  return values;
}

std::string write_defaults(const DeckRecordTable& root) {
  std::string text;
  write_default_table(root, false, text);
  return text;
}

}  // namespace saltus::io
