#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace saltus::io {

/// Where in which source something stands. Line and column count from 1; line 0 means the source as
/// a whole.
struct DeckPosition {
  std::size_t source = 0;  ///< index into DeckDocument::sources
  std::uint32_t line = 0, column = 0;

  /// Values of files have lines, counted from 1; those given with --set have none.
  bool is_override() const { return line == 0; }
};

struct DeckEntry;

/// One value of a deck, free of the TOML library. Only the members of its kind mean something.
struct DeckNode {
  enum class Kind { kTable, kList, kString, kInteger, kReal, kBoolean, kDate };

  Kind kind = Kind::kTable;
  DeckPosition position;
  std::string text;  ///< a string, or a date or time as written
  std::int64_t integer = 0;
  double real = 0.0;
  bool boolean = false;
  bool faulty = false;             ///< an error about it is known already; readers stay silent
  std::vector<DeckNode> items;     ///< of a list
  std::vector<DeckEntry> entries;  ///< of a table, in the order of the file

  /// Entry of that name, or null.
  const DeckEntry* find(const std::string& name) const;
  DeckEntry* find(const std::string& name);
  /// 'string "abc"', "integer 20", "a list", "a table": for messages. Long strings are cut.
  std::string describe() const;
};

/// A key and its value.
struct DeckEntry {
  std::string name;
  DeckPosition position;  ///< of the key
  DeckNode value;
};

/// A string as TOML writes it, with quotes and escapes.
std::string toml_quoted(const std::string& text);

/// The same for a string of a deck, whose "${" would be taken for a variable.
std::string deck_quoted(const std::string& text);

/// A key as TOML writes it: quoted only when it has to be.
std::string toml_key(const std::string& name);

}  // namespace saltus::io
