#include <algorithm>
#include <utility>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "io/deck/deck_table.h"
#include "io/deck/nearest_name.h"

namespace saltus::io {
namespace {

using Kind = DeckNode::Kind;

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

const DeckNode* DeckTable::find(const std::string& name) const {
  const DeckEntry* entry = record_->node == nullptr ? nullptr : record_->node->find(name);
  return entry == nullptr ? nullptr : &entry->value;
}

bool DeckTable::has(const std::string& name) const { return find(name) != nullptr; }

bool DeckTable::failed(const std::string& name) const {
  return record_->failed_names.count(name) > 0;
}

std::string DeckTable::path_of(const std::string& name) const {
  return record_->path.empty() ? name : record_->path + '.' + name;
}

DeckPosition DeckTable::position() const {
  return record_->node == nullptr ? DeckPosition{} : record_->node->position;
}

DeckRecord& DeckTable::add_record(const DeckKey& key) {
  if (record_->find(key.name) != nullptr) {
    throw engine::InternalError("the deck's schema reads " + path_of(key.name) + " twice");
  }
  if (!contains(record_->known_names, key.name)) record_->known_names.emplace_back(key.name);
  DeckRecord record;
  record.name = key.name;
  record.description = key.description;
  const auto condition = record_->conditions.find(key.name);
  if (condition != record_->conditions.end()) record.condition = condition->second;
  record_->keys.push_back(std::move(record));
  return record_->keys.back();
}

void DeckTable::drop_default(const std::string& name) {
  DeckRecord& record = *record_->find(name);
  if (record.condition.empty()) record.condition = "optional";
  if (!describing()) record.value.clear();
}

void DeckTable::add_error(const std::string& name, const DeckPosition& position,
                          const std::string& path, const std::string& message) {
  record_->failed_names.insert(name);
  reader_->add_error(position, path + ": " + message);
}

void DeckTable::wrong_type(const std::string& name, const DeckNode& node, const std::string& path,
                           const std::string& expected) {
  if (node.faulty) {
    record_->failed_names.insert(name);
    return;
  }
  add_error(name, node.position, path, "expected " + expected + ", got " + node.describe());
}

bool DeckTable::applies(const std::string& name, bool condition, const std::string& when) {
  if (describing()) {
    record_->conditions[name] = when;
    return true;
  }
  if (condition) return true;
  if (!contains(record_->known_names, name)) record_->known_names.push_back(name);
  if (const DeckEntry* entry = record_->node ? record_->node->find(name) : nullptr) {
    const bool was_set = entry->value.position.source != entry->position.source;
    reader_->unused_.push_back({was_set ? entry->value.position : entry->position, path_of(name),
                                "only used with " + when});
  }
  return false;
}

void DeckTable::renamed(const std::string& old_name, const std::string& new_name) {
  record_->new_names[old_name] = new_name;
}

void DeckTable::error(const std::string& name, const std::string& message) {
  const DeckNode* node = find(name);
  add_error(name, node == nullptr ? position() : node->position, path_of(name), message);
}

void DeckTable::entry_error(const std::string& name, std::size_t index,
                            const std::string& message) {
  const DeckNode* node = find(name);
  const bool there = node != nullptr && index < node->items.size();
  add_error(name, there ? node->items[index].position : position(),
            path_of(name) + '[' + std::to_string(index) + ']', message);
}

void DeckTable::table_error(const std::string& message) {
  reader_->add_error(position(), record_->path.empty() ? message : record_->path + ": " + message);
}

DeckRecordTable& DeckTable::add_table(const DeckKey& key, const std::string& path,
                                      const DeckNode* node) {
  if (!contains(record_->known_names, key.name)) record_->known_names.emplace_back(key.name);
  DeckRecordTable table;
  table.header = (record_->header.empty() ? "" : record_->header + '.') + toml_key(key.name);
  table.path = path;
  table.description = key.description;
  table.node = node;
  const auto condition = record_->conditions.find(key.name);
  if (condition != record_->conditions.end()) table.condition = condition->second;
  record_->tables.push_back(std::move(table));
  return record_->tables.back();
}

DeckTable DeckTable::table(DeckKey key) {
  const DeckNode* node = find(key.name);
  if (node != nullptr && node->kind != Kind::kTable) {
    wrong_type(key.name, *node, path_of(key.name), "a table [" + path_of(key.name) + ']');
    node = nullptr;
  }
  return {*reader_, add_table(key, path_of(key.name), node)};
}

std::vector<std::pair<std::string, std::vector<std::string>>> DeckTable::named_string_lists(
    std::size_t min_entries) {
  std::vector<std::pair<std::string, std::vector<std::string>>> lists;
  if (record_->node == nullptr) return lists;
  for (const DeckEntry& entry : record_->node->entries) {
    lists.emplace_back(entry.name, string_list({entry.name.c_str(), ""}, kRequired, min_entries));
  }
  return lists;
}

DeckTable DeckTable::add_list_item(const DeckKey& key, const std::string& path,
                                   const DeckNode* node) {
  DeckRecordTable& record = add_table(key, path, node);
  record.list_item = true;
  record.optional = describing();
  return {*reader_, record};
}

std::vector<DeckTable> DeckTable::tables(DeckKey key, std::size_t min_entries) {
  const std::string path = path_of(key.name);
  const std::string header =
      "[[" + (record_->header.empty() ? "" : record_->header + '.') + key.name + "]]";
  if (describing()) return {add_list_item(key, path, nullptr)};
  if (!contains(record_->known_names, key.name)) record_->known_names.emplace_back(key.name);
  const DeckNode* node = find(key.name);
  const std::size_t n_given = node == nullptr ? 0 : node->items.size();
  std::vector<DeckTable> result;
  if (node != nullptr && node->kind != Kind::kList) {
    wrong_type(key.name, *node, path, "tables " + header);
    return result;
  }
  if (n_given < min_entries) {
    error(key.name, "expected at least " + std::to_string(min_entries) + ' ' + header + ", got " +
                        std::to_string(n_given));
  }
  for (std::size_t i = 0; i < n_given; ++i) {
    const std::string item_path = path + '[' + std::to_string(i) + ']';
    const DeckNode& item = node->items[i];
    if (item.kind == Kind::kTable) {
      result.push_back(add_list_item(key, item_path, &item));
    } else {
      wrong_type(key.name, item, item_path, "a table " + header);
    }
  }
  return result;
}

std::vector<std::pair<std::string, DeckTable>> DeckTable::tables_by_kind(
    DeckKey key, const char* kind_key, const std::vector<DeckKey>& kinds, std::size_t min_entries) {
  std::vector<std::pair<std::string, DeckTable>> result;
  if (describing()) {
    for (const DeckKey& kind : kinds) {
      DeckTable table = tables({key.name, result.empty() ? key.description : ""}).front();
      table.add_record({kind_key, kind.description}).value = toml_quoted(kind.name);
      result.emplace_back(kind.name, table);
    }
    return result;
  }
  std::vector<std::string> names;
  for (const DeckKey& kind : kinds) names.emplace_back(kind.name);
  for (DeckTable& table : tables(key, min_entries)) {
    const std::size_t kind = table.choice_index({kind_key, key.description}, names, kRequired);
    if (table.failed(kind_key)) {
      table.record_->skip_unknown_keys = true;
      record_->failed_names.insert(key.name);
    } else {
      result.emplace_back(names[kind], table);
    }
  }
  return result;
}

std::optional<std::pair<std::string, DeckTable>> DeckTable::table_by_kind(
    DeckKey key, const char* kind_key, const std::vector<DeckKey>& kinds) {
  std::vector<std::string> names;
  for (const DeckKey& kind : kinds) names.emplace_back(kind.name);
  DeckTable result = table(key);
  if (describing()) {
    result.record_->optional = true;
    DeckRecord& record = result.add_record({kind_key, kinds.front().description});
    record.value = toml_quoted(names.front());
    record.choices = "one of: " + engine::joined(names);
    return std::make_pair(names.front(), result);
  }
  if (failed(key.name)) return std::nullopt;
  const std::size_t kind = result.choice_index({kind_key, key.description}, names, kRequired);
  if (result.failed(kind_key)) {
    result.record_->skip_unknown_keys = true;
    record_->failed_names.insert(key.name);
    return std::nullopt;
  }
  return std::make_pair(names[kind], result);
}

}  // namespace saltus::io
