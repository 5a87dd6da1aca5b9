#include "io/deck/deck_reader.h"

#include <algorithm>
#include <cstdint>
#include <set>
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

using Place = std::tuple<std::size_t, std::uint32_t, std::uint32_t>;

Place place_of(const DeckPosition& position) {
  return {position.source, position.line, position.column};
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

void DeckReader::judge_unused_keys(const std::function<void(DeckTable&)>& read) {
  const DeckDocument* as_written = document_.as_written.get();
  const bool excuses = read && as_written != nullptr && !unused_.empty();
  std::set<Place> mistakes;  // without use also as written
  if (excuses) {
    DeckReader before(*as_written);
    DeckTable root = before.root();
    read(root);
    for (const UnusedKey& key : before.unused_) mistakes.insert(place_of(key.position));
  }
  for (const UnusedKey& key : unused_) {
    const bool was_set = excuses && key.position.source >= as_written->sources.size();
    if (!excuses || was_set || mistakes.count(place_of(key.position)) > 0)
      add_error(key.position, key.path + ": " + key.why);
    else
      notes_.push_back(document_.where(key.position) + ": " + key.path +
                       ": not used after --set: " + key.why);
  }
}

void DeckReader::finish(const std::function<void(DeckTable&)>& read) {
  report_unknown_keys(record_);
  judge_unused_keys(read);
  if (errors_.empty()) return;
  std::stable_sort(errors_.begin(), errors_.end(), [](const DeckError& a, const DeckError& b) {
    return place_of(a.position) < place_of(b.position);
  });
  std::string text;
  for (const DeckError& error : errors_) {
    text += document_.where(error.position) + ": " + error.message + '\n';
  }
  const std::size_t n = errors_.size();
  throw engine::InputError(text + std::to_string(n) + (n == 1 ? " error in " : " errors in ") +
                           document_.sources.front().name);
}

void DeckReader::collect_places(const DeckRecordTable& table, const DeckPosition& above,
                                KeyPlaces& places) const {
  const DeckPosition here = table.node == nullptr ? above : table.node->position;
  if (!table.path.empty()) places.add(table.path, document_.where(here));
  for (const DeckRecord& key : table.keys) {
    const DeckEntry* entry = table.node == nullptr ? nullptr : table.node->find(key.name);
    places.add((table.path.empty() ? "" : table.path + ".") + key.name,
               document_.where(entry == nullptr ? here : entry->value.position));
  }
  for (const DeckRecordTable& child : table.tables) collect_places(child, here, places);
}

KeyPlaces DeckReader::places() const {
  KeyPlaces places;
  collect_places(record_, {}, places);
  return places;
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
