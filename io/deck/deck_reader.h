#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "io/deck/deck_document.h"
#include "io/deck/deck_record.h"
#include "io/deck/key_places.h"

namespace saltus::io {

class DeckTable;

/// One reading of a deck: collects all errors and records every key that was asked for, so that one
/// schema function serves to read, check, resolve and document a deck.
///
///     DeckReader reader(load_deck("deck.toml"));
///     DeckTable root = reader.root();
///     RunDeck deck = read_run_deck(root);   // never throws for a wrong deck
///     reader.finish(read_run_deck);         // throws all that was wrong at once
///
/// Tables refer to their reader, which therefore stays where it is.
class DeckReader {
 public:
  explicit DeckReader(DeckDocument document);
  DeckReader(const DeckReader&) = delete;
  DeckReader& operator=(const DeckReader&) = delete;

  /// The table of the deck's top-level keys; call once.
  DeckTable root();

  /// Adds an error; the message begins with the key's path.
  void add_error(const DeckPosition& position, const std::string& message);

  /// Keys that have no use are errors (DeckTable::applies); but those of a file that `--set` has
  /// left without use are noted, when `read` is given: it reads the deck as it was written.
  /// @param read    reads a whole deck
  /// @throws InputError  when anything was wrong: one line per error in the order of sources and
  ///                     lines, unknown keys included, then their number
  void finish(const std::function<void(DeckTable&)>& read = {});

  /// "deck.toml:12:1: comparison.length: not used after --set: only used with ..." for each key
  /// that `--set` has left without use. Call after `finish`.
  const std::vector<std::string>& notes() const { return notes_; }

  /// The deck as understood: all values in use, with units, relative paths counted from the main
  /// deck's folder. Reads back to itself. Call after `finish`.
  std::string resolved_toml() const { return write_resolved(record_); }

  /// resolved_toml() key by key: ("ensemble.temperature", "\"300 K\"").
  std::vector<std::pair<std::string, std::string>> resolved_values() const {
    return io::resolved_values(record_);
  }

  /// Of every key and table that was asked for: of the value, else of the table it belongs in, else
  /// of the deck. Call after `finish`.
  KeyPlaces places() const;

  /// SHA-256 of resolved_toml(): equal for decks that mean the same, whatever their layout.
  std::string digest() const;

 private:
  friend class DeckTable;
  friend std::string default_deck(const std::function<void(DeckTable&)>& read);
  DeckReader() : describing_(true) {}

  /// A key that is there and has no use.
  struct UnusedKey {
    DeckPosition position;
    std::string path;
    std::string why;  ///< "only used with backend = \"native\""
  };

  void report_unknown_keys(DeckRecordTable& table);
  void collect_places(const DeckRecordTable& table, const DeckPosition& above,
                      KeyPlaces& places) const;
  void judge_unused_keys(const std::function<void(DeckTable&)>& read);

  DeckDocument document_;
  bool describing_ = false;
  DeckRecordTable record_;
  std::vector<DeckError> errors_;
  std::vector<UnusedKey> unused_;
  std::vector<std::string> notes_;
};

/// The deck of defaults of a schema, as `--print-defaults` shows it: every key of every table with
/// its description. Reads back to the defaults once the required keys are given.
/// @param read  reads a whole deck; it is called on a table that is "describing"
std::string default_deck(const std::function<void(DeckTable&)>& read);

}  // namespace saltus::io
