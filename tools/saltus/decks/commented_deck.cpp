#include "tools/saltus/decks/commented_deck.h"

#include <algorithm>
#include <map>
#include <sstream>
#include <utility>

#include "engine/core/text.h"
#include "io/deck/deck_node.h"

namespace saltus::tools {

namespace fs = std::filesystem;

namespace {

/// Lines of at most 100 letters that begin with "# ".
std::string comment_lines(const std::string& text) {
  constexpr std::size_t kWidth = 100;
  std::string result, line;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (!line.empty() && line.size() + 1 + word.size() > kWidth) {
      result += line + '\n';
      line.clear();
    }
    line += (line.empty() ? "# " : " ") + word;
  }
  return line.empty() ? result : result + line + '\n';
}

/// "[[move.part]]" of "move[0].part[1]", "[run]" of "run".
std::string header_of(const std::string& table) {
  std::string name;
  bool in_index = false;
  for (const char c : table) {
    in_index = in_index || c == '[';
    if (!in_index) name += c;
    in_index = in_index && c != ']';
  }
  return table.back() == ']' ? "[[" + name + "]]" : '[' + name + ']';
}

std::string deck_text(const std::string& heading, const std::vector<DeckChoice>& choices) {
  std::string text = comment_lines(heading) + '\n', table;
  for (const DeckChoice& choice : choices) {
    const std::size_t dot = choice.key.rfind('.');
    const bool at_root = dot == std::string::npos;
    const std::string here = at_root ? "" : choice.key.substr(0, dot);
    if (here != table) text += '\n' + header_of(here) + '\n';
    table = here;
    text += comment_lines(choice.why) + comment_lines(choice.others) +
            io::toml_key(at_root ? choice.key : choice.key.substr(dot + 1)) + " = " + choice.value +
            '\n';
  }
  return text;
}

/// A file as a deck in the folder names it.
std::string written_file(const fs::path& file, const fs::path& folder) {
  const fs::path base = fs::absolute(folder.empty() ? "." : folder).lexically_normal();
  const fs::path full = fs::absolute(file).lexically_normal();
  return io::deck_quoted(full.lexically_relative(base).generic_string());
}

/// Of a deck as understood, what was chosen and what was set.
std::vector<DeckChoice> used_choices(const LoadedRunDeck& loaded,
                                     const std::vector<DeckChoice>& choices,
                                     const std::vector<std::string>& overrides) {
  std::map<std::string, const DeckChoice*> chosen;
  for (const DeckChoice& choice : choices) chosen[choice.key] = &choice;
  std::vector<DeckChoice> used;
  for (const auto& [key, value] : loaded.values) {
    const auto found = chosen.find(key);
    const bool set = is_set(key, overrides);
    if (!set && found == chosen.end()) continue;
    used.push_back(found == chosen.end() ? DeckChoice{key, value, "", ""} : *found->second);
    used.back().value = value;
    if (set) used.back().why = "Set by --set.";
  }
  return used;
}

}  // namespace

bool is_set(const std::string& key, const std::vector<std::string>& overrides) {
  return std::any_of(overrides.begin(), overrides.end(), [&](const std::string& text) {
    const std::string set = text.substr(0, text.find('='));
    if (!engine::starts_with(key, set)) return false;
    return key.size() == set.size() || key[set.size()] == '.' || key[set.size()] == '[';
  });
}

CommentedDeck comment_deck(const std::vector<DeckChoice>& choices, const std::string& heading,
                           const fs::path& file, const std::vector<std::string>& overrides) {
  const fs::path folder = file.parent_path();
  CommentedDeck deck;
  for (DeckChoice choice : choices) {
    if (choice.is_file) choice.value = written_file(choice.value, folder);
    choice.is_file = false;
    deck.choices.push_back(std::move(choice));
  }
  deck.text = deck_text(heading, deck.choices);
  deck.loaded = parse_run_deck(deck.text, file.string(), folder, overrides);
  if (overrides.empty()) return deck;
  std::vector<std::string> notes = std::move(deck.loaded.notes);
  deck.choices = used_choices(deck.loaded, deck.choices, overrides);
  deck.text = deck_text(heading, deck.choices);
  deck.loaded = parse_run_deck(deck.text, file.string(), folder, {});
  deck.loaded.notes = std::move(notes);
  return deck;
}

}  // namespace saltus::tools
