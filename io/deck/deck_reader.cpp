#include "io/deck/deck_reader.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "io/deck/deck_table.h"
#include "io/deck/nearest_name.h"
#include "io/deck/sha256.h"

namespace saltus::io {
namespace {

std::string unknown_key_message(const std::string& name, const DeckRecordTable& table) {
  const std::string path = (table.path.empty() ? "" : table.path + '.') + name;
  const auto renamed = table.new_names.find(name);
  if (renamed != table.new_names.end()) return path + ": renamed; write " + renamed->second;
  const std::string nearest = nearest_name(name, table.known_names);
  return path + ": unknown key; " +
         (nearest.empty() ? "known here: " + engine::joined(table.known_names)
                          : "did you mean \"" + nearest + "\"?");
}

}  // namespace

DeckReader::DeckReader(DeckDocument document) : document_(std::move(document)) {
  errors_ = document_.errors;
  record_.node = &document_.root;
}

DeckTable DeckReader::root() { return DeckTable(*this, record_); }

void DeckReader::add_error(const DeckPosition& position, const std::string& message) {
  errors_.push_back({position, message});
}

void DeckReader::report_unknown_keys(DeckRecordTable& table) {
  if (table.node == nullptr || table.skip_unknown_keys) return;
  for (const DeckEntry& entry : table.node->entries) {
    const auto& known = table.known_names;
    if (std::find(known.begin(), known.end(), entry.name) == known.end()) {
      add_error(entry.position, unknown_key_message(entry.name, table));
    }
  }
  for (DeckRecordTable& child : table.tables) report_unknown_keys(child);
}

void DeckReader::finish() {
  report_unknown_keys(record_);
  if (errors_.empty()) return;
  std::stable_sort(errors_.begin(), errors_.end(), [](const DeckError& a, const DeckError& b) {
    return std::tie(a.position.source, a.position.line, a.position.column) <
           std::tie(b.position.source, b.position.line, b.position.column);
  });
  std::string text;
  for (const DeckError& error : errors_) {
    text += document_.where(error.position) + ": " + error.message + '\n';
  }
  const std::size_t n = errors_.size();
  throw engine::InputError(text + std::to_string(n) + (n == 1 ? " error in " : " errors in ") +
                           document_.sources.front().name);
}

std::string DeckReader::digest() const { return sha256_hex(resolved_toml()); }

std::string default_deck(const std::function<void(DeckTable&)>& read) {
  DeckReader reader;
  reader.document_.sources.push_back({"defaults", ""});
  DeckTable root = reader.root();
  read(root);
  return write_defaults(reader.record_);
}

}  // namespace saltus::io
