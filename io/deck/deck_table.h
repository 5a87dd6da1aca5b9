#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "io/deck/deck_reader.h"

namespace saltus::io {

/// A key and the one-line description that `--print-defaults` shows.
struct DeckKey {
  const char* name;
  const char* description;
};

/// Instead of a default: the key has to be there.
constexpr std::nullopt_t kRequired = std::nullopt;

/// The sensible values of a number, in internal units. Both ends are finite: what is beyond them is
/// a slip of the pen, which computes nonsense or for ever.
struct Bounds {
  double lowest, highest;
  bool lowest_excluded = false, highest_excluded = false;
  std::optional<double> usual = std::nullopt;  ///< for messages, where a key has no default

  static constexpr Bounds between(double lowest, double highest) { return {lowest, highest}; }
  /// From 0 to below 1.
  static constexpr Bounds fraction_below_one() { return {0.0, 1.0, false, true}; }
  /// Between, both ends excluded.
  static constexpr Bounds inside(double lowest, double highest) {
    return {lowest, highest, true, true};
  }
  constexpr Bounds usually(double value) const {
    return {lowest, highest, lowest_excluded, highest_excluded, value};
  }
  bool contains(double value) const {
    return (lowest_excluded ? value > lowest : value >= lowest) &&
           (highest_excluded ? value < highest : value <= highest);
  }
};

/// What has to be at a path.
enum class PathRule {
  kAny,           ///< nothing: it may be written later
  kExistingFile,  ///< a file
  kFileOrName,    ///< a file next to the deck, or else a name to be looked up elsewhere
};

/// Typed view of one table of a deck. Every look-up marks its key as known and records default and
/// value; a wrong value adds an error to the reader and the default (or zero) is returned, so that
/// reading continues and all errors come out together. Absent keys take the default; kRequired
/// makes absence an error. Every number has a range, which errors state beside the usual value.
/// Asking for the same key twice, or a default outside the range, is a defect (InternalError).
class DeckTable {
 public:
  /// True when the deck has this table.
  bool present() const { return record_->node != nullptr; }
  /// "move[0].part[1]", as messages call this table; empty for the deck itself.
  const std::string& path() const { return record_->path; }
  /// True when a default deck is being written: every branch of the schema is then visited.
  bool describing() const { return reader_->describing_; }
  /// True when the deck has the key or table.
  bool has(const std::string& name) const;
  /// True when an error was reported at the key: what depends on it should stay silent.
  bool failed(const std::string& name) const;

  /// A value with a dimension, in internal units.
  /// @param unit  "fs", "kJ/mol/nm^2": fixes the dimension, and is what values are written back in.
  ///              The deck may use any unit of the same dimension, or a bare number in internal
  ///              units, except for pressures
  double quantity(DeckKey key, const char* unit, std::optional<double> fallback, Bounds bounds);
  /// The same for a key that may be absent.
  std::optional<double> optional_quantity(DeckKey key, const char* unit, Bounds bounds);
  /// A list of them.
  std::vector<double> quantity_list(DeckKey key, const char* unit,
                                    std::optional<std::vector<double>> fallback, Bounds bounds,
                                    std::size_t min_entries = 0);
  /// A number without dimension; never NaN or infinite.
  double real(DeckKey key, std::optional<double> fallback, Bounds bounds);
  /// The same for a key that may be absent.
  std::optional<double> optional_real(DeckKey key, Bounds bounds);
  std::int64_t integer(DeckKey key, std::optional<std::int64_t> fallback, std::int64_t lowest,
                       std::int64_t highest);
  /// An integer that counts things.
  std::size_t count(DeckKey key, std::optional<std::size_t> fallback, std::size_t lowest,
                    std::size_t highest);
  /// One value or a list of different ones to choose from; a value alone is a list of one.
  /// @param most  entries of the list
  std::vector<std::size_t> counts(DeckKey key, std::size_t fallback, std::size_t lowest,
                                  std::size_t highest, std::size_t most);
  std::vector<double> reals(DeckKey key, double fallback, Bounds bounds, std::size_t most);
  bool boolean(DeckKey key, std::optional<bool> fallback);
  std::string string(DeckKey key, std::optional<std::string> fallback);
  std::vector<std::string> string_list(DeckKey key,
                                       std::optional<std::vector<std::string>> fallback,
                                       std::size_t min_entries = 0);
  /// Words that people will try and that are no choices, each with the reason.
  using RefusedWords = std::vector<std::pair<std::string, std::string>>;
  /// One of some words; returns its index.
  std::size_t choice_index(DeckKey key, const std::vector<std::string>& words,
                           std::optional<std::size_t> fallback, const RefusedWords& refused = {});
  /// One of some words, each standing for a value.
  template <class T>
  T choice(DeckKey key, const std::vector<std::pair<std::string, T>>& options,
           std::optional<T> fallback, const RefusedWords& refused = {});
  /// A path; a relative one counts from the folder of the file that holds it (for `--set`, from the
  /// current folder). `words` are accepted verbatim besides paths. The default "" means not set.
  std::filesystem::path path(DeckKey key, std::optional<std::string> fallback, PathRule rule,
                             const std::vector<std::string>& words = {});
  /// A list of paths; a single path stands for a list of one.
  std::vector<std::filesystem::path> path_list(DeckKey key, PathRule rule,
                                               std::size_t min_entries = 0);

  /// A table inside this one; reading an absent one gives defaults.
  DeckTable table(DeckKey key);
  /// Every key of this table with a list of strings each; for tables whose names the user chooses.
  std::vector<std::pair<std::string, std::vector<std::string>>> named_string_lists(
      std::size_t min_entries);
  /// The tables [[name]]. When describing: one, optional.
  std::vector<DeckTable> tables(DeckKey key, std::size_t min_entries = 0);
  /// The tables [[name]], each with a first key that says of which kind it is. Entries of no known
  /// kind become errors and are left out. When describing: one of each kind.
  /// @param kinds  names and descriptions
  std::vector<std::pair<std::string, DeckTable>> tables_by_kind(DeckKey key, const char* kind_key,
                                                                const std::vector<DeckKey>& kinds,
                                                                std::size_t min_entries = 0);
  /// The table [name], which has to be there, with a first key that says of which kind it is;
  /// nothing, and an error, when that is of no known kind. When describing: one of the first kind.
  /// @param kinds  names and descriptions, at least one
  std::optional<std::pair<std::string, DeckTable>> table_by_kind(DeckKey key, const char* kind_key,
                                                                 const std::vector<DeckKey>& kinds);

  /// For keys and tables that mean something only under a condition: true when it holds or when
  /// describing. Otherwise the key must not be there; "only used with <when>" is the error, or a
  /// note when `--set` is why (DeckReader::finish).
  bool applies(const std::string& name, bool condition, const std::string& when);

  /// Refuses a key that had another name once: "renamed; write <new_name>" is the error.
  void renamed(const std::string& old_name, const std::string& new_name);

  /// Adds an error at the key's value (at the table when the key is absent), or at one entry of it.
  void error(const std::string& name, const std::string& message);
  void entry_error(const std::string& name, std::size_t index, const std::string& message);
  /// Adds an error at the table itself.
  void table_error(const std::string& message);

 private:
  friend class DeckReader;
  DeckTable(DeckReader& reader, DeckRecordTable& record) : reader_(&reader), record_(&record) {}

  const DeckNode* find(const std::string& name) const;
  std::string path_of(const std::string& name) const;
  DeckRecord& add_record(const DeckKey& key);
  /// The key stays absent from the resolved deck: its default means "not set".
  void drop_default(const std::string& name);
  DeckPosition position() const;
  void add_error(const std::string& name, const DeckPosition& position, const std::string& path,
                 const std::string& message);
  void wrong_type(const std::string& name, const DeckNode& node, const std::string& path,
                  const std::string& expected);

  /// The common course of all look-ups of one value: record, absent, faulty, read, write back.
  template <class T>
  T look_up(const DeckKey& key, const std::optional<T>& fallback, const std::string& expected,
            const std::function<std::optional<T>(const DeckNode&, const std::string&)>& read,
            const std::function<std::string(const T&)>& write);
  /// What a list has to hold.
  struct ListRule {
    std::string entry;            ///< "a string"
    std::size_t min_entries = 0;  ///< entries
    bool takes_single = false;    ///< whether a value alone stands for a list of one
  };
  /// The same for a list of values.
  template <class T>
  std::vector<T> look_up_list(
      const DeckKey& key, const std::optional<std::vector<T>>& fallback, const ListRule& rule,
      const std::function<std::optional<T>(const DeckNode&, const std::string&)>& read,
      const std::function<std::string(const T&)>& write);

  /// What one value, or a list of values to choose from, has to hold.
  template <class T>
  struct AlternativesRule {
    T fallback;
    std::string expected;  ///< of a value
    std::size_t most;      ///< entries
  };
  template <class T>
  std::vector<T> look_up_alternatives(
      const DeckKey& key, const AlternativesRule<T>& rule,
      const std::function<std::optional<T>(const DeckNode&, const std::string&)>& read,
      const std::function<std::string(const T&)>& write);

  /// What a quantity has to be.
  struct QuantityRule {
    const char* unit;
    std::string example;  ///< a time such as "2 fs"
    std::string range;    ///< a time from 0 fs to 100 fs, usually 2 fs
    const Bounds& bounds;
  };
  /// @param usual  the default, or what stands for it in messages
  QuantityRule quantity_rule(const std::string& name, const char* unit, std::optional<double> usual,
                             const Bounds& bounds) const;
  /// What an integer has to be.
  struct IntegerRule {
    std::string expected;
    std::int64_t lowest, highest;
  };
  IntegerRule integer_rule(const std::string& name, std::optional<std::int64_t> usual,
                           std::int64_t lowest, std::int64_t highest) const;
  std::optional<std::int64_t> read_integer(const std::string& name, const DeckNode& node,
                                           const std::string& path, const IntegerRule& rule);
  void check_default(const std::string& name, double value, const Bounds& bounds) const;
  std::optional<double> read_quantity(const std::string& name, const DeckNode& node,
                                      const std::string& path, const QuantityRule& rule);
  /// What a number without dimension has to be.
  struct RealRule {
    std::string expected;
    const Bounds& bounds;
  };
  RealRule real_rule(const std::string& name, std::optional<double> usual,
                     const Bounds& bounds) const;
  std::optional<double> read_real(const std::string& name, const DeckNode& node,
                                  const std::string& path, const RealRule& rule);
  std::optional<std::string> read_string(const std::string& name, const DeckNode& node,
                                         const std::string& path, const std::string& expected);
  std::optional<std::filesystem::path> read_path(const std::string& name, const DeckNode& node,
                                                 const std::string& path, PathRule rule);
  std::string written_path(const std::filesystem::path& path) const;
  DeckRecordTable& add_table(const DeckKey& key, const std::string& path, const DeckNode* node);
  DeckTable add_list_item(const DeckKey& key, const std::string& path, const DeckNode* node);

  DeckReader* reader_;
  DeckRecordTable* record_;
};

template <class T>
T DeckTable::choice(DeckKey key, const std::vector<std::pair<std::string, T>>& options,
                    std::optional<T> fallback, const RefusedWords& refused) {
  std::vector<std::string> words;
  std::optional<std::size_t> index;
  for (std::size_t i = 0; i < options.size(); ++i) {
    words.push_back(options[i].first);
    if (fallback && options[i].second == *fallback) index = i;
  }
  return options[choice_index(key, words, index, refused)].second;
}

}  // namespace saltus::io
