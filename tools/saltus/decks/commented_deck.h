#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tools/saltus/decks/load_run_deck.h"

namespace saltus::tools {

/// A value of a run deck that the program has chosen, and what it says about it.
struct DeckChoice {
  std::string key;       ///< as paths of decks: "ensemble.temperature", "move[0].kind"
  std::string value;     ///< as TOML; or the path of a file
  std::string why;       ///< sentences
  std::string others;    ///< what else could stand there, sentences; may be empty
  bool is_file = false;  ///< the value is written relative to the deck's folder
};

/// Whether one of the `--set` texts sets the key, or a table that it stands in.
bool is_set(const std::string& key, const std::vector<std::string>& overrides);

/// A deck as text, and what it means.
struct CommentedDeck {
  std::string text;
  std::vector<DeckChoice> choices;  ///< as they stand in the text
  LoadedRunDeck loaded;             ///< its notes are those of `--set`
};

/// Writes choices as a deck with comments above each value, with what `--set` says in place of
/// them: values that were set are added, those that have no use any more are left out. The text is
/// accepted without `--set`.
/// @param choices  in the order in which run decks are resolved
/// @param heading  comment at the top
/// @param file     where the text will be: messages name it, and relative paths count from its
///                 folder, which need not exist
/// @throws InputError, UsageError  as parse_run_deck does
CommentedDeck comment_deck(const std::vector<DeckChoice>& choices, const std::string& heading,
                           const std::filesystem::path& file,
                           const std::vector<std::string>& overrides);

}  // namespace saltus::tools
