#include <algorithm>

#include "io/deck/deck_table.h"
#include "io/deck/look_up_detail.h"

namespace saltus::io {

template <class T>
std::vector<T> DeckTable::look_up_alternatives(
    const DeckKey& key, const AlternativesRule<T>& rule,
    const std::function<std::optional<T>(const DeckNode&, const std::string&)>& read,
    const std::function<std::string(const T&)>& write) {
  const auto read_all = [&](const DeckNode& node,
                            const std::string& path) -> std::optional<std::vector<T>> {
    if (node.kind != DeckNode::Kind::kList) {
      const auto value = read(node, path);
      return value ? std::optional(std::vector<T>{*value}) : std::nullopt;
    }
    const std::size_t n = node.items.size();
    if (n == 0 || n > rule.most) {
      add_error(key.name, node.position, path,
                "expected " + rule.expected + ", or a list of 1 to " + std::to_string(rule.most) +
                    " of them to choose from, got " + std::to_string(n) + " entries");
      return std::nullopt;
    }
    std::vector<T> values;
    for (std::size_t i = 0; i < n; ++i) {
      const std::string item_path = path + '[' + std::to_string(i) + ']';
      const auto value = read(node.items[i], item_path);
      if (!value) continue;
      if (std::find(values.begin(), values.end(), *value) != values.end())
        add_error(key.name, node.items[i].position, item_path, write(*value) + " is given twice");
      values.push_back(*value);
    }
    return values.empty() ? std::nullopt : std::optional(values);
  };
  return look_up<std::vector<T>>(key, std::vector<T>{rule.fallback}, rule.expected, read_all,
                                 [&](const std::vector<T>& values) {
                                   return values.size() == 1 ? write(values.front())
                                                             : written_list(values, write);
                                 });
}

std::vector<double> DeckTable::reals(DeckKey key, double fallback, Bounds bounds,
                                     std::size_t most) {
  const RealRule rule = real_rule(key.name, fallback, bounds);
  return look_up_alternatives<double>(
      key, {fallback, rule.expected, most},
      [&](const DeckNode& node, const std::string& path) {
        return read_real(key.name, node, path, rule);
      },
      written_real);
}

std::optional<double> DeckTable::optional_real(DeckKey key, Bounds bounds) {
  const DeckNode* node = find(key.name);
  const double value = real(key, bounds.usual.value_or(bounds.highest), bounds);
  if (node != nullptr && !failed(key.name)) return value;
  drop_default(key.name);
  return std::nullopt;
}

std::vector<std::size_t> DeckTable::counts(DeckKey key, std::size_t fallback, std::size_t lowest,
                                           std::size_t highest, std::size_t most) {
  const auto usual = static_cast<std::int64_t>(fallback);
  const IntegerRule rule = integer_rule(key.name, usual, static_cast<std::int64_t>(lowest),
                                        static_cast<std::int64_t>(highest));
  const auto found = look_up_alternatives<std::int64_t>(
      key, {usual, rule.expected, most},
      [&](const DeckNode& node, const std::string& path) {
        return read_integer(key.name, node, path, rule);
      },
      written_integer);
  return {found.begin(), found.end()};
}

}  // namespace saltus::io
