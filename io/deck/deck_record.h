#pragma once

#include <list>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "io/deck/deck_node.h"

namespace saltus::io {

/// What a reader asked for under one name, and what it got.
struct DeckRecord {
  std::string name;
  std::string description;
  std::string value;      ///< as TOML; empty when the key is absent and has no default
  std::string choices;    ///< "one of: a, b", or empty
  std::string condition;  ///< when the key means something; empty for always
  bool required = false;
};

/// What a reader asked for in one table. The tree of these is the deck's schema and its result.
struct DeckRecordTable {
  std::string header;  ///< "move.part"
  std::string path;    ///< "move[0].part[1]", as messages show it
  std::string description;
  std::string condition;
  bool list_item = false;
  bool optional = false;           ///< commented out among the defaults
  bool skip_unknown_keys = false;  ///< its schema is not known, because its kind is not
  const DeckNode* node = nullptr;  ///< null when the deck has no such table
  std::vector<DeckRecord> keys;
  std::list<DeckRecordTable> tables;     ///< addresses are stable
  std::vector<std::string> known_names;  ///< of keys and tables
  std::set<std::string> failed_names;    ///< of keys and tables that an error was reported at
  std::map<std::string, std::string> conditions;  ///< of keys and tables; for describing
  std::map<std::string, std::string> new_names;   ///< of keys that had other names once

  DeckRecord* find(const std::string& name);
};

/// The deck as it was understood: every key with the value in use, defaults included.
std::string write_resolved(const DeckRecordTable& root);

/// The same key by key: ("move[0].steps", "5").
std::vector<std::pair<std::string, std::string>> resolved_values(const DeckRecordTable& root);

/// The deck of defaults: every key with its description; what has no default or is optional is
/// commented out by a "#" without a space.
std::string write_defaults(const DeckRecordTable& root);

}  // namespace saltus::io
