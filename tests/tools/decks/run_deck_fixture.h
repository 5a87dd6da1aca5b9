#pragma once

#include <gtest/gtest.h>

#include <regex>
#include <string>
#include <vector>

#include "engine/core/error.h"
#include "tests/io/deck/deck_test_files.h"
#include "tools/saltus/decks/load_run_deck.h"
#include "tools/saltus/decks/move_kinds.h"

namespace saltus::tools {

// A complete deck but for its moves, in eight lines.
constexpr const char* kMinimal =
    "schema = 1\n"
    "[system]\n"
    "coordinates = \"x.pdb\"\n"
    "force_field = [\"amber99sbildn.xml\"]\n"
    "[output]\n"
    "directory = \"runs/x\"\n"
    "[ensemble]\n"
    "temperature = \"310 K\"\n";
constexpr const char* kHmc = "[[move]]\nkind = \"hmc\"\n";

// "\"a\", \"b\" or \"c\"", as messages list what a deck may say.
inline std::string quoted_list(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i)
    text += (i == 0 ? "\"" : i + 1 == words.size() ? " or \"" : ", \"") + words[i] + '"';
  return text;
}

// The kinds of moves that `belongs` is true of, listed so: tests need not know of new ones.
template <class Belongs>
std::string quoted_kinds(const Belongs& belongs) {
  std::vector<std::string> names;
  for (const MoveKind& kind : move_kinds())
    if (belongs(kind)) names.emplace_back(kind.name);
  return quoted_list(names);
}

class RunDeckTest : public testing::Test {
 protected:
  RunDeckTest() {
    for (const char* name : {"x.pdb", "x.inpcrd", "x.prmtop", "x.xml", "x.gro", "x.sdf", "m.pt"}) {
      folder_.write(name, "");
    }
  }

  static LoadedRunDeck read(const std::string& text,
                            const std::vector<std::string>& overrides = {}) {
    return parse_run_deck(text, "deck.toml", "", overrides);
  }

  // Lines of the message without "deck.toml:" and the line with their number.
  static std::string errors(const std::string& text) {
    const std::string message = io::message_of<engine::InputError>([&] { read(text); });
    std::string lines = message.substr(0, message.rfind('\n'));
    return std::regex_replace(lines, std::regex("(^|\n)deck.toml(:|$)"), "$1");
  }

  io::DeckFolder folder_;
};

}  // namespace saltus::tools
