#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "io/deck/deck_reader.h"
#include "io/deck/deck_table.h"
#include "tools/saltus/decks/ranges.h"

/// What decks of all kinds share: how they begin, are loaded and are printed.
namespace saltus::tools {

/// A deck as it was read, and as text.
template <class Deck>
struct LoadedDeck {
  Deck deck;
  std::string resolved_toml;  ///< with every value in use
  io::KeyPlaces places;
};

/// The key `schema`. Required of users, who are to know what they wrote for; the deck of defaults
/// shows it.
inline void read_schema(io::DeckTable& root, std::int64_t schema) {
  const auto shown = root.describing() ? std::optional<std::int64_t>(schema) : std::nullopt;
  root.integer({"schema", "version of the deck's layout"}, shown, schema, schema);
}

/// The keys that a deck begins with which trains a model: schema, title and seed.
template <class Deck>
void read_training_head(io::DeckTable& root, std::int64_t schema, Deck& deck) {
  read_schema(root, schema);
  deck.title = root.string({"title", "goes into the model's card"}, deck.title);
  deck.seed = root.count({"seed", "of all random numbers"}, deck.seed, 0, kMostSeed);
}

/// Far beyond any machine; more would only fail to start, one by one.
constexpr std::int64_t kMaxThreads = 1024;

/// The key `threads`.
inline std::size_t read_threads(io::DeckTable& table, const char* description,
                                std::size_t fallback) {
  return static_cast<std::size_t>(
      table.integer({"threads", description}, static_cast<std::int64_t>(fallback), 0, kMaxThreads));
}

/// The key `model` of such a deck.
inline std::filesystem::path read_trained_model(io::DeckTable& root) {
  return root.path({"model", "file for the trained model"}, std::nullopt, io::PathRule::kAny);
}

/// Whether the deck of that file has a table, which tells its kind.
inline bool deck_has(const std::filesystem::path& path, const std::vector<std::string>& overrides,
                     const char* table) {
  io::DeckReader reader(io::load_deck(path, overrides));
  return reader.root().has(table);
}

/// Reads a deck by `read(root)`, which returns it.
/// @throws InputError  listing everything that is wrong with it
template <class Read>
auto load_whole_deck(const std::filesystem::path& path, const std::vector<std::string>& overrides,
                     const Read& read) {
  io::DeckReader reader(io::load_deck(path, overrides));
  io::DeckTable root = reader.root();
  auto deck = read(root);
  reader.finish();
  return LoadedDeck<decltype(deck)>{std::move(deck), reader.resolved_toml(), reader.places()};
}

/// Every key that `read` asks for with its default, explained, under a comment.
/// @param what  "a deck that trains a peptide model"
template <class Read>
std::string default_whole_deck(const std::string& what, const Read& read) {
  return "# Every key of " + what + ", with its default.\n\n" +
         io::default_deck([&read](io::DeckTable& root) { read(root); });
}

}  // namespace saltus::tools
