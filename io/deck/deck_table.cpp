#include "io/deck/deck_table.h"

#include <algorithm>
#include <cmath>
#include <system_error>

#include "engine/core/error.h"
#include "engine/core/special_file.h"
#include "engine/core/text.h"
#include "io/deck/look_up_detail.h"
#include "io/deck/nearest_name.h"
#include "io/deck/quantity.h"

namespace saltus::io {
namespace {

namespace fs = std::filesystem;
using engine::InputError;
using Kind = DeckNode::Kind;

std::string number_text(double value, const char* unit) {
  return unit == nullptr ? engine::shortest_text(value) : format_quantity(value, unit);
}

// "from 0 K to 1 K", "between 0 and 1, both excluded".
std::string bounds_text(const Bounds& bounds, const char* unit) {
  const bool excluded = bounds.lowest_excluded || bounds.highest_excluded;
  return (excluded ? "between " : "from ") + number_text(bounds.lowest, unit) +
         (excluded ? " and " : " to ") + number_text(bounds.highest, unit) +
         (bounds.lowest_excluded && bounds.highest_excluded ? ", both excluded" : "");
}

// ", usually 2 fs"
std::string usual_text(std::optional<double> usual, const char* unit) {
  return usual ? ", usually " + number_text(*usual, unit) : "";
}

std::string written_quantity(double value, const char* unit) {
  const std::string text = format_quantity(value, unit);
  return text.find(' ') == std::string::npos ? text : toml_quoted(text);
}

std::string quoted_words(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const char* separator = i == 0 ? "" : i + 1 == words.size() ? " or " : ", ";
    text += separator + toml_quoted(words[i]);
  }
  return text;
}

}  // namespace

std::optional<double> DeckTable::read_quantity(const std::string& name, const DeckNode& node,
                                               const std::string& path, const QuantityRule& rule) {
  const auto& [unit, expected, range, bounds] = rule;
  double value = 0.0;
  std::string shown;
  if (node.kind == Kind::kInteger || node.kind == Kind::kReal) {
    value = node.kind == Kind::kInteger ? static_cast<double>(node.integer) : node.real;
    shown = engine::shortest_text(value);
    // Whoever leaves the unit of a pressure out does not mean kJ/mol/nm^3.
    if (describe(parse_unit(unit).dimension) == "pressure") {
      add_error(name, node.position, path,
                "expected " + expected + ", got " + shown + " without a unit");
      return std::nullopt;
    }
  } else if (node.kind == Kind::kString && !node.faulty) {
    shown = toml_quoted(node.text);
    const Unit wanted = parse_unit(unit);
    try {
      const Quantity quantity = parse_quantity(node.text);
      if (!quantity.has_unit) {
        add_error(name, node.position, path,
                  "expected " + expected + ", got " + shown + " without a unit");
        return std::nullopt;
      }
      if (quantity.unit.dimension != wanted.dimension) {
        add_error(
            name, node.position, path,
            "expected " + expected + ", got " + describe(quantity.unit.dimension) + ' ' + shown);
        return std::nullopt;
      }
      value = quantity.internal();
    } catch (const InputError& problem) {
      add_error(name, node.position, path, "expected " + expected + ": " + problem.what());
      return std::nullopt;
    }
  } else {
    wrong_type(name, node, path, expected);
    return std::nullopt;
  }
  const std::string noun = describe(parse_unit(unit).dimension);
  if (!std::isfinite(value)) {
    add_error(name, node.position, path, "expected a finite " + noun + ", got " + shown);
    return std::nullopt;
  }
  if (!bounds.contains(value)) {
    add_error(name, node.position, path, "expected " + range + ", got " + shown);
    return std::nullopt;
  }
  return value;
}

void DeckTable::check_default(const std::string& name, double value, const Bounds& bounds) const {
  if (describing() && !bounds.contains(value))
    throw engine::InternalError(path_of(name) + ": the default is outside the range");
}

DeckTable::QuantityRule DeckTable::quantity_rule(const std::string& name, const char* unit,
                                                 std::optional<double> usual,
                                                 const Bounds& bounds) const {
  if (!usual) usual = bounds.usual;
  if (usual) check_default(name, *usual, bounds);
  const Unit parsed = parse_unit(unit);
  const std::string noun = with_article(describe(parsed.dimension));
  return {unit, noun + " such as " + written_quantity(usual.value_or(parsed.to_internal), unit),
          noun + ' ' + bounds_text(bounds, unit) + usual_text(usual, unit), bounds};
}

double DeckTable::quantity(DeckKey key, const char* unit, std::optional<double> fallback,
                           Bounds bounds) {
  const QuantityRule rule = quantity_rule(key.name, unit, fallback, bounds);
  return look_up<double>(
      key, fallback, rule.example,
      [&](const DeckNode& node, const std::string& path) {
        return read_quantity(key.name, node, path, rule);
      },
      [&](const double& value) { return written_quantity(value, unit); });
}

std::optional<double> DeckTable::optional_quantity(DeckKey key, const char* unit, Bounds bounds) {
  const DeckNode* node = find(key.name);
  // Any default will do: it is dropped again.
  const double value = quantity(key, unit, bounds.usual.value_or(bounds.highest), bounds);
  if (node != nullptr && !failed(key.name)) return value;
  drop_default(key.name);
  return std::nullopt;
}

std::vector<double> DeckTable::quantity_list(DeckKey key, const char* unit,
                                             std::optional<std::vector<double>> fallback,
                                             Bounds bounds, std::size_t min_entries) {
  std::optional<double> usual;
  if (fallback && !fallback->empty()) usual = fallback->front();
  const QuantityRule rule = quantity_rule(key.name, unit, usual, bounds);
  return look_up_list<double>(
      key, fallback, {rule.example, min_entries},
      [&](const DeckNode& node, const std::string& path) {
        return read_quantity(key.name, node, path, rule);
      },
      [&](const double& value) { return written_quantity(value, unit); });
}

DeckTable::RealRule DeckTable::real_rule(const std::string& name, std::optional<double> usual,
                                         const Bounds& bounds) const {
  if (usual) check_default(name, *usual, bounds);
  return {"a number " + bounds_text(bounds, nullptr) + usual_text(usual, nullptr), bounds};
}

std::optional<double> DeckTable::read_real(const std::string& name, const DeckNode& node,
                                           const std::string& path, const RealRule& rule) {
  const bool whole = node.kind == Kind::kInteger;
  const double value = whole ? static_cast<double>(node.integer) : node.real;
  if ((whole || node.kind == Kind::kReal) && std::isfinite(value) && rule.bounds.contains(value))
    return value;
  wrong_type(name, node, path, std::isfinite(value) ? rule.expected : "a finite number");
  return std::nullopt;
}

double DeckTable::real(DeckKey key, std::optional<double> fallback, Bounds bounds) {
  const std::optional<double> usual = fallback ? fallback : bounds.usual;
  const RealRule rule = real_rule(key.name, usual, bounds);
  return look_up<double>(
      key, fallback, rule.expected,
      [&](const DeckNode& node, const std::string& path) {
        return read_real(key.name, node, path, rule);
      },
      written_real);
}

DeckTable::IntegerRule DeckTable::integer_rule(const std::string& name,
                                               std::optional<std::int64_t> usual,
                                               std::int64_t lowest, std::int64_t highest) const {
  IntegerRule rule = {std::to_string(lowest), lowest, highest};
  if (lowest != highest) {
    rule.expected = "an integer from " + rule.expected + " to " + std::to_string(highest);
    if (usual) rule.expected += ", usually " + std::to_string(*usual);
  }
  if (describing() && usual && (*usual < lowest || *usual > highest))
    throw engine::InternalError(path_of(name) + ": the default is outside the range");
  return rule;
}

std::optional<std::int64_t> DeckTable::read_integer(const std::string& name, const DeckNode& node,
                                                    const std::string& path,
                                                    const IntegerRule& rule) {
  if (node.kind == Kind::kInteger && node.integer >= rule.lowest && node.integer <= rule.highest)
    return node.integer;
  wrong_type(name, node, path, rule.expected);
  return std::nullopt;
}

std::int64_t DeckTable::integer(DeckKey key, std::optional<std::int64_t> fallback,
                                std::int64_t lowest, std::int64_t highest) {
  const IntegerRule rule = integer_rule(key.name, fallback, lowest, highest);
  return look_up<std::int64_t>(
      key, fallback, rule.expected,
      [&](const DeckNode& node, const std::string& path) {
        return read_integer(key.name, node, path, rule);
      },
      written_integer);
}

std::size_t DeckTable::count(DeckKey key, std::optional<std::size_t> fallback, std::size_t lowest,
                             std::size_t highest) {
  std::optional<std::int64_t> signed_fallback;
  if (fallback) signed_fallback = static_cast<std::int64_t>(*fallback);
  return static_cast<std::size_t>(integer(key, signed_fallback, static_cast<std::int64_t>(lowest),
                                          static_cast<std::int64_t>(highest)));
}

bool DeckTable::boolean(DeckKey key, std::optional<bool> fallback) {
  return look_up<bool>(
      key, fallback, "true or false",
      [&](const DeckNode& node, const std::string& path) -> std::optional<bool> {
        if (node.kind != Kind::kBoolean) {
          wrong_type(key.name, node, path, "true or false");
          return std::nullopt;
        }
        return node.boolean;
      },
      [](const bool& value) { return std::string(value ? "true" : "false"); });
}

std::optional<std::string> DeckTable::read_string(const std::string& name, const DeckNode& node,
                                                  const std::string& path,
                                                  const std::string& expected) {
  if (node.kind != Kind::kString || node.faulty) {
    wrong_type(name, node, path, expected);
    return std::nullopt;
  }
  return node.text;
}

std::string DeckTable::string(DeckKey key, std::optional<std::string> fallback) {
  return look_up<std::string>(
      key, fallback, "a string",
      [&](const DeckNode& node, const std::string& path) {
        return read_string(key.name, node, path, "a string");
      },
      [](const std::string& value) { return deck_quoted(value); });
}

std::vector<std::string> DeckTable::string_list(DeckKey key,
                                                std::optional<std::vector<std::string>> fallback,
                                                std::size_t min_entries) {
  return look_up_list<std::string>(
      key, fallback, {"a string", min_entries},
      [&](const DeckNode& node, const std::string& path) {
        return read_string(key.name, node, path, "a string");
      },
      [](const std::string& value) { return deck_quoted(value); });
}

std::size_t DeckTable::choice_index(DeckKey key, const std::vector<std::string>& words,
                                    std::optional<std::size_t> fallback,
                                    const RefusedWords& refused) {
  const std::string expected = quoted_words(words);
  const std::size_t index = look_up<std::size_t>(
      key, fallback, expected,
      [&](const DeckNode& node, const std::string& path) -> std::optional<std::size_t> {
        const auto word = read_string(key.name, node, path, expected);
        if (!word) return std::nullopt;
        for (std::size_t i = 0; i < words.size(); ++i) {
          if (words[i] == *word) return i;
        }
        const std::string nearest = nearest_name(*word, words);
        std::string message =
            "expected " + expected + ", got " + node.describe() +
            (nearest.empty() ? "" : "; did you mean " + toml_quoted(nearest) + '?');
        for (const auto& [no, why] : refused)
          if (no == *word) message = toml_quoted(no) + ' ' + why + "; expected " + expected;
        add_error(key.name, node.position, path, message);
        return std::nullopt;
      },
      [&](const std::size_t& i) { return toml_quoted(words[i]); });
  if (words.size() > 1) record_->find(key.name)->choices = "one of: " + engine::joined(words);
  return index;
}

std::string DeckTable::written_path(const fs::path& path) const {
  const fs::path& directory = reader_->document_.sources.front().directory;
  std::error_code ignored;
  const fs::path base =
      fs::absolute(directory.empty() ? "." : directory, ignored).lexically_normal();
  const fs::path full = fs::absolute(path, ignored).lexically_normal();
  return deck_quoted(full.lexically_relative(base).generic_string());
}

std::optional<fs::path> DeckTable::read_path(const std::string& name, const DeckNode& node,
                                             const std::string& path, PathRule rule) {
  const auto text = read_string(name, node, path, "a path");
  if (!text) return std::nullopt;
  if (text->empty() || text->find('\0') != std::string::npos) {
    wrong_type(name, node, path, "a path");
    return std::nullopt;
  }
  const fs::path& directory = reader_->document_.sources.at(node.position.source).directory;
  const fs::path full = (directory / *text).lexically_normal();
  std::error_code ignored;
  const bool exists = fs::is_regular_file(full, ignored);
  const std::string special = engine::special_file(full);
  if (!special.empty()) {
    add_error(name, node.position, path,
              "'" + full.string() + "' is " + special + ", expected a regular file");
    return std::nullopt;
  }
  if (rule == PathRule::kExistingFile && !exists) {
    add_error(name, node.position, path,
              "no file " + toml_quoted(full.string()) +
                  (node.position.is_override()
                       ? "; paths given with --set count from the current folder"
                       : "; paths count from the folder of the deck that holds them"));
    return std::nullopt;
  }
  if (rule != PathRule::kFileOrName) return full;
  return exists ? fs::absolute(full, ignored) : fs::path(*text);
}

fs::path DeckTable::path(DeckKey key, std::optional<std::string> fallback, PathRule rule,
                         const std::vector<std::string>& words) {
  const auto is_word = [&](const std::string& text) {
    return std::find(words.begin(), words.end(), text) != words.end();
  };
  std::optional<fs::path> default_path;
  if (fallback) default_path = fs::path(*fallback);
  const std::string expected = words.empty() ? "a path" : quoted_words(words) + " or a path";
  const fs::path value = look_up<fs::path>(
      key, default_path, expected,
      [&](const DeckNode& node, const std::string& path) -> std::optional<fs::path> {
        if (node.kind == Kind::kString && is_word(node.text)) return fs::path(node.text);
        return read_path(key.name, node, path, rule);
      },
      [&](const fs::path& used) {
        const bool verbatim = used.empty() || is_word(used.string());
        return verbatim ? deck_quoted(used.string()) : written_path(used);
      });
  if (value.empty() && fallback) drop_default(key.name);
  return value;
}

std::vector<fs::path> DeckTable::path_list(DeckKey key, PathRule rule, std::size_t min_entries) {
  std::vector<fs::path> none;
  std::optional<std::vector<fs::path>> fallback;
  if (min_entries == 0) fallback = none;
  return look_up_list<fs::path>(
      key, fallback, {"a path", min_entries, true},
      [&](const DeckNode& node, const std::string& path) {
        return read_path(key.name, node, path, rule);
      },
      [&](const fs::path& value) {
        return value.is_absolute() ? written_path(value) : deck_quoted(value.generic_string());
      });
}

}  // namespace saltus::io
