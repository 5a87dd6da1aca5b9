#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/deck/key_places.h"
#include "tools/saltus/decks/run_deck.h"

namespace saltus::io {
class DeckTable;
}

namespace saltus::tools {

/// Reads, checks or describes a run deck. Everything wrong goes to the table's reader.
RunDeck read_run_deck(io::DeckTable& root);

/// A run deck with what goes into output files.
struct LoadedRunDeck {
  std::filesystem::path file;  ///< the deck's own; empty for text
  RunDeck deck;
  std::string resolved_toml;
  std::string digest;  ///< SHA-256 of resolved_toml
  /// resolved_toml key by key: ("ensemble.temperature", "\"300 K\"")
  std::vector<std::pair<std::string, std::string>> values;
  io::KeyPlaces places;
  std::vector<std::string> notes;  ///< for the user: keys that `--set` has left without use
};

/// Reads a deck file with `--set` overrides.
/// @throws FileError, UsageError  as io::load_deck does
/// @throws InputError             listing everything that is wrong with the deck
LoadedRunDeck load_run_deck(const std::filesystem::path& path,
                            const std::vector<std::string>& overrides);

/// The same for text, such as the resolved deck of an output file.
/// @param directory  relative paths count from here
LoadedRunDeck parse_run_deck(std::string_view text, const std::string& name,
                             const std::filesystem::path& directory,
                             const std::vector<std::string>& overrides);

/// The deck that `saltus run --print-defaults` shows.
std::string default_run_deck();

}  // namespace saltus::tools
