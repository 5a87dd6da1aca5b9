// Oracle: trees and positions read off the text by hand.
#include "io/deck/deck_document.h"

#include <gtest/gtest.h>

namespace saltus::io {
namespace {

TEST(DeckDocument, KnowsThePositionOfEveryKeyAndValue) {
  const DeckDocument document = parse_deck(
      "x = 1\n[a.b]\n  c = \"\xC3\xA9\" # comment\n  d.e = [1, {f = 2}, 3.5]\n[[move]]\nk = true\n",
      "deck.toml", "");
  const auto where = [&](const DeckPosition& position) { return document.where(position); };
  EXPECT_EQ(where(document.root.position), "deck.toml");
  const DeckEntry& b = *document.root.find("a")->value.find("b");
  EXPECT_EQ(where(b.position), "deck.toml:2:4");
  EXPECT_EQ(where(b.value.position), "deck.toml:2:1");
  EXPECT_EQ(where(b.value.find("c")->position), "deck.toml:3:3");
  EXPECT_EQ(where(b.value.find("c")->value.position), "deck.toml:3:7");
  const DeckNode& list = b.value.find("d")->value.find("e")->value;
  EXPECT_EQ(where(list.position), "deck.toml:4:9");
  EXPECT_EQ(where(list.items[1].find("f")->value.position), "deck.toml:4:18");
  EXPECT_EQ(where(list.items[2].position), "deck.toml:4:22");
  const DeckNode& moves = document.root.find("move")->value;
  EXPECT_EQ(where(moves.items[0].position), "deck.toml:5:1");
  EXPECT_EQ(where(moves.items[0].find("k")->value.position), "deck.toml:6:5");
}

TEST(DeckDocument, KeepsTheOrderOfTheFile) {
  const DeckDocument document = parse_deck("z = 1\na = 2\nm = 3\n", "deck.toml", "");
  ASSERT_EQ(document.root.entries.size(), 3U);
  EXPECT_EQ(document.root.entries[0].name, "z");
  EXPECT_EQ(document.root.entries[1].name, "a");
  EXPECT_EQ(document.root.entries[2].name, "m");
}

TEST(DeckNode, DescribesItselfForMessages) {
  const DeckDocument document = parse_deck(
      "a = {}\nb = []\nc = \"x\\n\\\"\\u0001\"\nd = -3\ne = 2.5\nf = false\n"
      "g = 2026-01-02\n",
      "deck.toml", "");
  const auto describe = [&](const char* name) {
    return document.root.find(name)->value.describe();
  };
  EXPECT_EQ(describe("a"), "a table");
  EXPECT_EQ(describe("b"), "a list");
  EXPECT_EQ(describe("c"), "string \"x\\n\\\"\\u0001\"");
  EXPECT_EQ(describe("d"), "integer -3");
  EXPECT_EQ(describe("e"), "real 2.5");
  EXPECT_EQ(describe("f"), "boolean false");
  EXPECT_EQ(describe("g"), "a date or time");
}

TEST(DeckNode, CutsLongStringsBetweenCharacters) {
  DeckNode node;
  node.kind = DeckNode::Kind::kString;
  node.text = std::string(59, 'x') + "\xC3\xA9" + std::string(100, 'y');
  EXPECT_EQ(node.describe(), "string \"" + std::string(59, 'x') + "...\"");
}

TEST(TomlQuoted, IsReadBackToTheSameText) {
  const std::string text = "tab\t quote\" backslash\\ newline\n bell\x07 \xC3\x85 ${x} $${y}";
  const DeckDocument document = parse_deck("a = " + deck_quoted(text) + '\n', "deck.toml", "");
  EXPECT_TRUE(document.errors.empty());
  EXPECT_EQ(document.root.find("a")->value.text, text);
}

TEST(TomlKey, IsQuotedWhenItHasToBe) {
  EXPECT_EQ(toml_key("time_step-2"), "time_step-2");
  EXPECT_EQ(toml_key("a b"), "\"a b\"");
  EXPECT_EQ(toml_key(""), "\"\"");
}

}  // namespace
}  // namespace saltus::io
