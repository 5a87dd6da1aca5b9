#include "io/deck/deck_overrides.h"

#include <cctype>
#include <charconv>
#include <cstdint>
#include <limits>
#include <system_error>
#include <utility>
#include <vector>

#include "engine/core/error.h"
#include "io/deck/deck_variables.h"
#include "io/deck/toml_text.h"

namespace saltus::io {
namespace {

using engine::InputError;
using engine::UsageError;

constexpr std::size_t kMaxSteps = 32;

// One step down the tree: a name, or an index into a list.
struct PathStep {
  std::string name;
  std::size_t index = 0;
  bool is_index = false;
};

UsageError override_error(const std::string& text, const std::string& message) {
  return UsageError("--set " + text + ": " + message);
}

// Reads "move[0].part[1].steps".
class PathReader {
 public:
  PathReader(const std::string& text, std::size_t length) : text_(text), length_(length) {}

  std::vector<PathStep> read() {
    std::vector<PathStep> steps;
    for (;;) {
      steps.push_back(read_name());
      while (next_ < length_ && text_[next_] == '[') steps.push_back(read_index());
      if (steps.size() > kMaxSteps) throw unreadable();
      if (next_ == length_) return steps;
      if (text_[next_++] != '.') throw unreadable();
    }
  }

 private:
  UsageError unreadable() const {
    return override_error(
        text_, "expected path=value, such as ensemble.temperature=350K or move[0].steps=20");
  }

  PathStep read_name() {
    PathStep step;
    while (next_ < length_ && (std::isalnum(static_cast<unsigned char>(text_[next_])) != 0 ||
                               text_[next_] == '_' || text_[next_] == '-')) {
      step.name += text_[next_++];
    }
    if (step.name.empty()) throw unreadable();
    return step;
  }

  PathStep read_index() {
    PathStep step;
    step.is_index = true;
    const auto [end, error] =
        std::from_chars(text_.data() + next_ + 1, text_.data() + length_, step.index);
    next_ = static_cast<std::size_t>(end - text_.data());
    if (error != std::errc() || next_ >= length_ || text_[next_] != ']') throw unreadable();
    ++next_;
    return step;
  }

  const std::string& text_;
  std::size_t length_;
  std::size_t next_ = 0;
};

void move_to_source(DeckNode& node, std::size_t source) {
  node.position = {source, 0, 0};
  for (DeckNode& item : node.items) move_to_source(item, source);
  for (DeckEntry& entry : node.entries) {
    entry.position = {source, 0, 0};
    move_to_source(entry.value, source);
  }
}

// Whether a text is a number that doubles or integers of 64 bits cannot hold; TOML refuses these.
bool is_too_large(const std::string& value) {
  const std::size_t sign = value.find_first_of("+-") == 0 ? 1 : 0;
  if (value.size() > sign && value.find_first_not_of("0123456789_", sign) == std::string::npos)
    return value.size() - sign > std::numeric_limits<std::int64_t>::digits10;
  double number = 0.0;
  const auto [end, error] =
      std::from_chars(value.data() + sign, value.data() + value.size(), number);
  return error == std::errc::result_out_of_range && end == value.data() + value.size();
}

// The value as TOML, or as a plain string when it is none and has no quotes.
DeckNode parse_value(const std::string& text, const std::string& value, std::size_t source) {
  if (!is_utf8(value)) throw override_error(text, "the value is not UTF-8 text");
  const bool one_line = value.find_first_of("\r\n") == std::string::npos;
  try {
    DeckNode table = parse_toml("value = " + value, "--set " + text, source);
    if (one_line && table.entries.size() == 1) {
      DeckNode node = std::move(table.entries.front().value);
      move_to_source(node, source);
      return node;
    }
  } catch (const InputError&) {
    if (is_too_large(value))
      throw override_error(text, "the number cannot be represented: integers end at " +
                                     std::to_string(std::numeric_limits<std::int64_t>::max()) +
                                     ", real numbers at about 1.8e308");
    if (value.find_first_of("\"'") != std::string::npos) {
      throw override_error(text,
                           "the value is not valid TOML; quote the whole option for the "
                           "shell, such as 'title=\"a name\"'");
    }
  }
  if (!one_line) throw override_error(text, "the value has to be one line");
  DeckNode node;
  node.kind = DeckNode::Kind::kString;
  node.position.source = source;
  node.text = value;
  return node;
}

DeckNode& step_down(DeckNode& node, const PathStep& step, const std::string& text,
                    std::size_t source) {
  const auto kind = step.is_index ? DeckNode::Kind::kList : DeckNode::Kind::kTable;
  if (node.kind != kind) {
    throw override_error(text, step.is_index ? "[" + std::to_string(step.index) +
                                                   "] needs a list, but there is " + node.describe()
                                             : '"' + step.name + "\" needs a table, but there is " +
                                                   node.describe());
  }
  if (step.is_index) {
    if (step.index > node.items.size()) {
      throw override_error(text, "index " + std::to_string(step.index) + " of a list with " +
                                     std::to_string(node.items.size()) +
                                     " entries; indexes count from 0");
    }
    if (step.index == node.items.size()) {
      node.items.emplace_back();
      node.items.back().position.source = source;
    }
    return node.items[step.index];
  }
  if (DeckEntry* entry = node.find(step.name)) return entry->value;
  DeckEntry entry;
  entry.name = step.name;
  entry.position.source = entry.value.position.source = source;
  node.entries.push_back(std::move(entry));
  return node.entries.back().value;
}

}  // namespace

void apply_override(const std::string& text, DeckDocument& document,
                    std::set<std::string>& used_variables) {
  const std::size_t equals = text.find('=');
  const std::size_t length = equals == std::string::npos ? 0 : equals;
  const std::vector<PathStep> steps = PathReader(text, length).read();
  const std::size_t source = document.sources.size();
  document.sources.push_back({"--set " + text, ""});
  DeckNode value = parse_value(text, text.substr(equals + 1), source);
  collect_used_variables(value, used_variables);

  DeckNode* node = &document.root;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const bool fresh_list = i + 1 < steps.size() && steps[i + 1].is_index && !steps[i].is_index &&
                            node->kind == DeckNode::Kind::kTable &&
                            node->find(steps[i].name) == nullptr;
    node = &step_down(*node, steps[i], text, source);
    if (fresh_list) node->kind = DeckNode::Kind::kList;
  }
  *node = std::move(value);
}

}  // namespace saltus::io
