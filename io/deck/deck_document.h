#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "io/deck/deck_node.h"

namespace saltus::io {

/// A file, or one `--set` option, that values of a deck come from.
struct DeckSource {
  std::string name;                 ///< as messages show it
  std::filesystem::path directory;  ///< relative paths inside it count from here
};

/// Something wrong with a deck: "<where>: <message>", the message beginning with the key's path.
struct DeckError {
  DeckPosition position;
  std::string message;
};

/// A deck after includes, `--set` and variables: one tree in which everything still knows where it
/// was written.
struct DeckDocument {
  std::vector<DeckSource> sources;  ///< the deck, its includes in order of reading, the overrides
  DeckNode root;
  std::vector<DeckError> errors;  ///< found so far, to be reported with those of the reader
  /// The same without `--set`; null when nothing was set.
  std::shared_ptr<const DeckDocument> as_written;

  /// "deck.toml:12:5", or the name alone for a source as a whole.
  std::string where(const DeckPosition& position) const;
};

/// Reads a deck.
///
/// `include = ["base.toml"]` at the top reads other decks first, relative to the including file;
/// what is read later wins, key by key within tables, while lists and arrays of tables are replaced
/// as a whole. `overrides` are texts "path=value" such as "ensemble.temperature=350 K" or
/// "move[0].steps=20"; the value is TOML or, without quotes, a string. `[vars]` defines variables;
/// "${name}" and "${env:NAME}" are replaced in all strings ("$${" is a literal "${"), and a string
/// that is one variable and nothing else takes the variable's type.
///
/// @throws FileError   when the deck cannot be read
/// @throws InputError  for text that is not TOML, an include that cannot be read or includes
/// itself, or
///                     text beyond 1 MiB; with file, line and column
/// @throws UsageError  for an override that cannot be understood or names no place in the deck
DeckDocument load_deck(const std::filesystem::path& path,
                       const std::vector<std::string>& overrides = {});

/// The same for text in memory.
/// @param name       the text as messages show it
/// @param directory  relative paths count from here
DeckDocument parse_deck(std::string_view text, const std::string& name,
                        const std::filesystem::path& directory,
                        const std::vector<std::string>& overrides = {});

}  // namespace saltus::io
