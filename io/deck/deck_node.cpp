#include "io/deck/deck_node.h"

#include <algorithm>
#include <cctype>
#include <string_view>

#include "engine/core/text.h"
#include "io/deck/quantity.h"

namespace saltus::io {
namespace {

constexpr std::size_t kMaxShownLength = 60;

bool is_bare_key_letter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
}

// At most `length` bytes, never half a UTF-8 character.
std::string shortened(const std::string& text, std::size_t length) {
  if (text.size() <= length) return text;
  while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80U) --length;
  return text.substr(0, length) + "...";
}

}  // namespace

const DeckEntry* DeckNode::find(const std::string& name) const {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [&](const DeckEntry& entry) { return entry.name == name; });
  return found == entries.end() ? nullptr : &*found;
}

DeckEntry* DeckNode::find(const std::string& name) {
  return const_cast<DeckEntry*>(static_cast<const DeckNode*>(this)->find(name));
}

std::string DeckNode::describe() const {
  switch (kind) {
    case Kind::kTable:
      return "a table";
    case Kind::kList:
      return "a list";
    case Kind::kString:
      return "string " + toml_quoted(shortened(text, kMaxShownLength));
    case Kind::kInteger:
      return "integer " + std::to_string(integer);
    case Kind::kReal:
      return "real " + engine::shortest_text(real);
    case Kind::kBoolean:
      return boolean ? "boolean true" : "boolean false";
    case Kind::kDate:
      return "a date or time";
  }
  return "";
}

std::string toml_quoted(const std::string& text) {
  constexpr std::string_view kHexDigits = "0123456789ABCDEF";
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (c == '\n') {
      quoted += "\\n";
    } else if (c == '\t') {
      quoted += "\\t";
    } else if (byte < 0x20U || byte == 0x7FU) {
      quoted += "\\u00";
      quoted += kHexDigits[byte >> 4U];
      quoted += kHexDigits[byte & 0xFU];
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

std::string deck_quoted(const std::string& text) {
  std::string escaped;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.compare(i, 2, "${") == 0) escaped += '$';
    escaped += text[i];
  }
  return toml_quoted(escaped);
}

std::string toml_key(const std::string& name) {
  const bool bare = !name.empty() && std::all_of(name.begin(), name.end(), is_bare_key_letter);
  return bare ? name : toml_quoted(name);
}

}  // namespace saltus::io
