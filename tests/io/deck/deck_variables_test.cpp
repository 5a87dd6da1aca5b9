// Oracle: the rules of includes, overrides and variables applied by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "io/deck/deck_document.h"
#include "io/deck/deck_reader.h"
#include "io/deck/deck_table.h"
#include "tests/io/deck/deck_test_files.h"

namespace saltus::io {
namespace {

using engine::InputError;
using engine::UsageError;

DeckDocument parse(const std::string& text, const std::vector<std::string>& overrides = {}) {
  return parse_deck(text, "deck.toml", "", overrides);
}

std::string text_at(const DeckDocument& document, const std::string& name) {
  const DeckEntry* entry = document.root.find(name);
  return entry == nullptr ? "(absent)" : entry->value.describe();
}

std::string errors_of(const DeckDocument& document) {
  std::string text;
  for (const DeckError& error : document.errors) {
    text += document.where(error.position) + ": " + error.message + '\n';
  }
  return text;
}

TEST(Variables, AreReplacedInStrings) {
  const DeckDocument document = parse(
      "a = \"runs/${name}_${n}\"\nb = \"$${name} costs $5\"\nc = [\"${x}\", \"${yes}\"]\n"
      "[vars]\nname = \"ala\"\nn = 3\nx = 1.5\nyes = true\n");
  EXPECT_EQ(errors_of(document), "");
  EXPECT_EQ(text_at(document, "a"), "string \"runs/ala_3\"");
  EXPECT_EQ(text_at(document, "b"), "string \"${name} costs $5\"");
  const DeckNode& list = document.root.find("c")->value;
  EXPECT_EQ(list.items[0].describe(), "real 1.5");
  EXPECT_EQ(list.items[1].describe(), "boolean true");
  EXPECT_EQ(document.root.find("vars"), nullptr);
}

TEST(Variables, AloneInAStringKeepTheirTypeAndThePlaceOfTheString) {
  const DeckDocument document = parse("[vars]\nn = 3\n\n[a]\nb = \"${n}\"\n");
  const DeckNode& node = document.root.find("a")->value.find("b")->value;
  EXPECT_EQ(node.describe(), "integer 3");
  EXPECT_EQ(document.where(node.position), "deck.toml:5:5");
}

TEST(Variables, MayUseEachOther) {
  const DeckDocument document =
      parse("a = \"${dir}/x\"\n[vars]\ndir = \"${root}/runs\"\nroot = \"data\"\n");
  EXPECT_EQ(errors_of(document), "");
  EXPECT_EQ(text_at(document, "a"), "string \"data/runs/x\"");
}

TEST(Variables, ComeFromTheEnvironmentToo) {
  ASSERT_EQ(setenv("SALTUS_DECK_TEST", "somewhere", 1), 0);
  EXPECT_EQ(text_at(parse("a = \"${env:SALTUS_DECK_TEST}/x\"\n"), "a"), "string \"somewhere/x\"");
  ASSERT_EQ(setenv("SALTUS_DECK_TEST", "\xff", 1), 0);
  EXPECT_EQ(errors_of(parse("a = \"${env:SALTUS_DECK_TEST}/x\"\n")),
            "deck.toml:1:5: a: environment variable \"SALTUS_DECK_TEST\" is not UTF-8 text\n");
  ASSERT_EQ(unsetenv("SALTUS_DECK_TEST"), 0);
  EXPECT_EQ(errors_of(parse("a = \"${env:SALTUS_DECK_TEST}/x\"\n")),
            "deck.toml:1:5: a: environment variable \"SALTUS_DECK_TEST\" is not set\n");
}

TEST(Variables, ReportEverythingWrongWithThem) {
  EXPECT_EQ(errors_of(parse("a = \"${nam}\"\nb = \"${other}\"\nc = \"${name\"\nd = [\"${u}\"]\n"
                            "[vars]\nname = \"${name}\"\nu = \"${v}\"\nv = \"${u}\"\nw = 1\n"
                            "z = [1]\n")),
            "deck.toml:9:1: vars.w: never used; write \"${w}\" where it is wanted, or remove it\n"
            "deck.toml:10:5: vars.z: expected a string, number or boolean, got a list\n"
            "deck.toml:1:5: a: unknown variable \"${nam}\"; did you mean \"${name}\"?\n"
            "deck.toml:2:5: b: unknown variable \"${other}\"; define it in [vars]\n"
            "deck.toml:3:5: c: \"${\" without \"}\"; a literal \"${\" is written \"$${\"\n"
            "deck.toml:4:6: d[0]: variable \"u\" is defined by itself\n");
}

TEST(Variables, HaveToBeATable) {
  EXPECT_EQ(errors_of(parse("vars = 3\n")),
            "deck.toml:1:8: vars: expected a table [vars], got integer 3\n");
}

// Thirty doublings of one letter would fill the memory.
TEST(Variables, CannotGrowWithoutBound) {
  std::string text = "a = \"${v30}\"\n[vars]\nv0 = \"0123456789\"\n";
  for (int i = 1; i <= 30; ++i) {
    const std::string before = "${v" + std::to_string(i - 1) + '}';
    text += 'v' + std::to_string(i) + " = \"" + before + before + "\"\n";
  }
  EXPECT_EQ(errors_of(parse(text)),
            "deck.toml:1:5: a: longer than 65536 letters with its variables replaced\n");
}

TEST(Overrides, ReplaceAddAndAppend) {
  const DeckDocument document =
      parse("n = 1\n[[move]]\nsteps = 5\n[[move]]\nsteps = 6\n",
            {"n=2", "ensemble.temperature=350 K", "move[1].steps=20", "move[2].kind=\"hmc\"",
             "list=[1, 2]", "fresh[0].x=true", "title=", "time=2026-01-02", "q=${n}"});
  EXPECT_EQ(text_at(document, "n"), "integer 2");
  EXPECT_EQ(text_at(document, "title"), "string \"\"");
  EXPECT_EQ(text_at(document, "time"), "a date or time");
  EXPECT_EQ(document.root.find("list")->value.items.size(), 2U);
  const DeckNode& moves = document.root.find("move")->value;
  ASSERT_EQ(moves.items.size(), 3U);
  EXPECT_EQ(moves.items[0].find("steps")->value.integer, 5);
  EXPECT_EQ(moves.items[1].find("steps")->value.integer, 20);
  EXPECT_EQ(moves.items[2].find("kind")->value.text, "hmc");
  EXPECT_TRUE(document.root.find("fresh")->value.items.at(0).find("x")->value.boolean);
  const DeckNode& temperature = document.root.find("ensemble")->value.find("temperature")->value;
  EXPECT_EQ(temperature.text, "350 K");
  EXPECT_EQ(document.where(temperature.position), "--set ensemble.temperature=350 K");
}

struct BadOverride {
  const char* text;
  const char* message;
};

class BadOverrides : public testing::TestWithParam<BadOverride> {};

TEST_P(BadOverrides, AreUsageErrors) {
  EXPECT_EQ(
      message_of<UsageError>([] { parse("n = 1\n[[move]]\nsteps = 5\n", {GetParam().text}); }),
      GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, BadOverrides,
    testing::Values(
        BadOverride{"n",
                    "--set n: expected path=value, such as ensemble.temperature=350K or "
                    "move[0].steps=20"},
        BadOverride{"=3",
                    "--set =3: expected path=value, such as ensemble.temperature=350K or "
                    "move[0].steps=20"},
        BadOverride{"a..b=3",
                    "--set a..b=3: expected path=value, such as "
                    "ensemble.temperature=350K or move[0].steps=20"},
        BadOverride{"move[x].steps=3",
                    "--set move[x].steps=3: expected path=value, such as "
                    "ensemble.temperature=350K or move[0].steps=20"},
        BadOverride{"move[0=3",
                    "--set move[0=3: expected path=value, such as "
                    "ensemble.temperature=350K or move[0].steps=20"},
        BadOverride{
            "move[2].steps=3",
            "--set move[2].steps=3: index 2 of a list with 1 entries; indexes count from 0"},
        BadOverride{"move.steps=3",
                    "--set move.steps=3: \"steps\" needs a table, but there is a list"},
        BadOverride{"n[0]=3", "--set n[0]=3: [0] needs a list, but there is integer 1"},
        BadOverride{"title=\"a",
                    "--set title=\"a: the value is not valid TOML; quote the whole "
                    "option for the shell, such as 'title=\"a name\"'"},
        BadOverride{"title=a\nn = 2", "--set title=a\nn = 2: the value has to be one line"},
        BadOverride{"title=1\nn = 2", "--set title=1\nn = 2: the value has to be one line"},
        BadOverride{"title=\xff", "--set title=\xff: the value is not UTF-8 text"}));

TEST(Includes, AreMergedUnderTheIncludingFileAndKeepTheirPositions) {
  const DeckFolder folder;
  folder.write("base/more.toml", "a = 1\nb = 1\n[t]\nx = 1\ny = 1\n[[m]]\nk = 1\n[[m]]\nk = 2\n");
  folder.write("base/base.toml", "include = [\"more.toml\"]\nb = 2\nc = 2\n[t]\ny = 2\n");
  folder.write("deck.toml", "include = \"base/base.toml\"\nc = 3\n[[m]]\nk = 3\n");
  const DeckDocument document = load_deck("deck.toml", {"t.x=9"});
  const auto at = [&](const std::string& name) {
    const DeckNode& node = document.root.find(name)->value;
    return node.describe() + " at " + document.where(node.position);
  };
  EXPECT_EQ(at("a"), "integer 1 at base/more.toml:1:5");
  EXPECT_EQ(at("b"), "integer 2 at base/base.toml:2:5");
  EXPECT_EQ(at("c"), "integer 3 at deck.toml:2:5");
  const DeckNode& table = document.root.find("t")->value;
  EXPECT_EQ(table.find("x")->value.integer, 9);
  EXPECT_EQ(document.where(table.find("y")->value.position), "base/base.toml:5:5");
  EXPECT_EQ(document.root.find("m")->value.items.size(), 1U);
  EXPECT_EQ(document.root.find("include"), nullptr);
}

TEST(Includes, LaterOnesWin) {
  const DeckFolder folder;
  folder.write("one.toml", "a = 1\nb = 1\n");
  folder.write("two.toml", "a = 2\n");
  folder.write("deck.toml", "include = [\"one.toml\", \"two.toml\"]\n");
  const DeckDocument document = load_deck("deck.toml");
  EXPECT_EQ(text_at(document, "a"), "integer 2");
  EXPECT_EQ(text_at(document, "b"), "integer 1");
}

TEST(Includes, CannotIncludeThemselves) {
  const DeckFolder folder;
  folder.write("a.toml", "include = [\"sub/b.toml\"]\n");
  folder.write("sub/b.toml", "\ninclude = [\"../a.toml\"]\n");
  EXPECT_EQ(message_of<InputError>([] { load_deck("a.toml"); }),
            "sub/b.toml:2:12: include: a deck cannot include itself (a.toml -> sub/b.toml -> "
            "a.toml)");
}

TEST(Includes, CannotMultiplyWithoutBound) {
  const DeckFolder folder;
  folder.write("deck0.toml", "a = 1\n");
  for (int i = 1; i <= 20; ++i) {
    const std::string before = "\"deck" + std::to_string(i - 1) + ".toml\"";
    folder.write("deck" + std::to_string(i) + ".toml",
                 "include = [" + before + ", " + before + "]");
  }
  EXPECT_THAT(message_of<InputError>([] { load_deck("deck20.toml"); }),
              testing::EndsWith("include: more than 64 decks in one"));
}

TEST(Includes, ReportWhatCannotBeRead) {
  const DeckFolder folder;
  folder.write("folder/x.toml", "");
  folder.write("a.toml", "include = [\"none.toml\"]\n");
  folder.write("b.toml", "include = [\"folder\"]\n");
  folder.write("c.toml", "include = [3]\n");
  folder.write("d.toml", "include = 3\n");
  folder.write("e.toml", "include = [\"${x}.toml\"]\n");
  folder.write("f.toml", "include = [\"bad.toml\"]\n");
  folder.write("bad.toml", "a = 1\nb = 300 K\n");
  const auto message = [](const char* name) {
    return message_of<InputError>([&] { load_deck(name); });
  };
  EXPECT_EQ(message("a.toml"), "a.toml:1:12: include: none.toml: cannot be opened for reading");
  EXPECT_EQ(message("b.toml"),
            "b.toml:1:12: include: folder: is a folder; name a deck file, such as "
            "\"folder/deck.toml\"");
  EXPECT_EQ(message("c.toml"),
            "c.toml:1:12: include: expected a deck file such as \"base.toml\", got integer 3");
  EXPECT_EQ(message("d.toml"),
            "d.toml:1:11: include: expected a list of deck files such as [\"base.toml\"], got "
            "integer 3");
  EXPECT_EQ(message("e.toml"),
            "e.toml:1:12: include: variables are not replaced here; write the file's name");
  EXPECT_THAT(message("f.toml"), testing::StartsWith("bad.toml:2:9: not valid TOML: "));
}

// A base deck may define a variable that only its own, overridden keys use.
TEST(Includes, CountForTheUseOfVariables) {
  const DeckFolder folder;
  folder.write("base.toml", "a = \"${x}\"\n[vars]\nx = 1\n");
  folder.write("deck.toml", "include = [\"base.toml\"]\na = 5\n");
  EXPECT_EQ(errors_of(load_deck("deck.toml")), "");
}

}  // namespace
}  // namespace saltus::io
