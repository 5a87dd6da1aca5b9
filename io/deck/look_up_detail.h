#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/text.h"
#include "io/deck/deck_table.h"

namespace saltus::io {

/// As decks write them.
inline std::string written_real(double value) {
  const std::string text = engine::shortest_text(value);
  return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

inline std::string written_integer(std::int64_t value) { return std::to_string(value); }

/// "[1, 2]"
template <class T>
std::string written_list(const std::vector<T>& values,
                         const std::function<std::string(const T&)>& write) {
  std::string text = "[";
  for (const T& value : values) text += (text.size() > 1 ? ", " : "") + write(value);
  return text + ']';
}

template <class T>
T DeckTable::look_up(
    const DeckKey& key, const std::optional<T>& fallback, const std::string& expected,
    const std::function<std::optional<T>(const DeckNode&, const std::string&)>& read,
    const std::function<std::string(const T&)>& write) {
  DeckRecord& record = add_record(key);
  record.required = !fallback;
  T value = fallback.value_or(T{});
  const DeckNode* node = find(key.name);
  if (node == nullptr) {
    if (record.required && !describing()) {
      add_error(key.name, position(), path_of(key.name), "missing; expected " + expected);
    }
  } else if (std::optional<T> given = read(*node, path_of(key.name))) {
    value = std::move(*given);
  }
  // A required key has no value to show: what it expects stands in its place.
  record.value = record.required && describing() ? "..." : write(value);
  if (record.required && describing()) record.description = expected + "; " + record.description;
  return value;
}

template <class T>
std::vector<T> DeckTable::look_up_list(
    const DeckKey& key, const std::optional<std::vector<T>>& fallback, const ListRule& rule,
    const std::function<std::optional<T>(const DeckNode&, const std::string&)>& read,
    const std::function<std::string(const T&)>& write) {
  const std::string expected =
      rule.takes_single ? rule.entry + " or a list of them" : "a list; each entry " + rule.entry;
  const auto read_list = [&](const DeckNode& node,
                             const std::string& path) -> std::optional<std::vector<T>> {
    if (rule.takes_single && node.kind == DeckNode::Kind::kString) {
      const auto value = read(node, path);
      if (!value) return std::nullopt;
      return std::vector<T>{*value};
    }
    if (node.kind != DeckNode::Kind::kList) {
      wrong_type(key.name, node, path, expected);
      return std::nullopt;
    }
    std::vector<T> values;
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      const std::string item_path = path + '[' + std::to_string(i) + ']';
      if (auto value = read(node.items[i], item_path)) values.push_back(std::move(*value));
    }
    if (node.items.size() < rule.min_entries) {
      add_error(key.name, node.position, path,
                "expected at least " + std::to_string(rule.min_entries) +
                    (rule.min_entries == 1 ? " entry, got " : " entries, got ") +
                    std::to_string(node.items.size()));
    }
    return values;
  };
  return look_up<std::vector<T>>(
      key, fallback, expected, read_list,
      [&](const std::vector<T>& values) { return written_list(values, write); });
}

}  // namespace saltus::io
