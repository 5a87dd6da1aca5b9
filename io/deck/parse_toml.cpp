#include <toml++/toml.h>

#include <algorithm>
#include <exception>
#include <sstream>
#include <utility>

#include "engine/core/error.h"
#include "io/deck/toml_text.h"

namespace saltus::io {
namespace {

using engine::InputError;

DeckPosition position_of(const toml::source_region& region, std::size_t source) {
  return {source, region.begin.line, region.begin.column};
}

bool stands_before(const DeckPosition& a, const DeckPosition& b) {
  return a.line != b.line ? a.line < b.line : a.column < b.column;
}

template <class T>
std::string printed(const T& value) {
  std::ostringstream stream;
  stream << value;
  return stream.str();
}

DeckNode convert(const toml::node& node, std::size_t source);

void convert_table(const toml::table& table, std::size_t source, DeckNode& node) {
  node.kind = DeckNode::Kind::kTable;
  for (const auto& [key, value] : table) {
    node.entries.push_back(
        {std::string(key.str()), position_of(key.source(), source), convert(value, source)});
  }
  // The library sorts by name; readers of messages and resolved decks expect the file's order.
  std::stable_sort(
      node.entries.begin(), node.entries.end(),
      [](const DeckEntry& a, const DeckEntry& b) { return stands_before(a.position, b.position); });
}

DeckNode convert(const toml::node& node, std::size_t source) {
  DeckNode result;
  result.position = position_of(node.source(), source);
  if (const auto* table = node.as_table()) {
    convert_table(*table, source, result);
  } else if (const auto* list = node.as_array()) {
    result.kind = DeckNode::Kind::kList;
    for (const toml::node& item : *list) result.items.push_back(convert(item, source));
  } else if (const auto* text = node.as_string()) {
    result.kind = DeckNode::Kind::kString;
    result.text = text->get();
  } else if (const auto* integer = node.as_integer()) {
    result.kind = DeckNode::Kind::kInteger;
    result.integer = integer->get();
  } else if (const auto* real = node.as_floating_point()) {
    result.kind = DeckNode::Kind::kReal;
    result.real = real->get();
  } else if (const auto* boolean = node.as_boolean()) {
    result.kind = DeckNode::Kind::kBoolean;
    result.boolean = boolean->get();
  } else {
    result.kind = DeckNode::Kind::kDate;
    node.visit([&](const auto& value) { result.text = printed(value); });
  }
  return result;
}

}  // namespace

DeckNode parse_toml(std::string_view text, const std::string& name, std::size_t source) {
  check_toml_text(text, name);
  const auto where = [&](const toml::source_region& region) {
    return name + ':' + std::to_string(region.begin.line) + ':' +
           std::to_string(region.begin.column) + ": ";
  };
  try {
    const toml::table table = toml::parse(text, std::string_view(name));
    DeckNode root;
    root.position.source = source;
    convert_table(table, source, root);
    return root;
  } catch (const toml::parse_error& error) {
    throw InputError(where(error.source()) + "not valid TOML: " + std::string(error.description()));
  } catch (const std::exception& error) {
    throw InputError(name + ": not valid TOML: " + error.what());
  }
}

}  // namespace saltus::io
