// Oracle: folders laid out by the test, paths worked out by hand.
#include <gtest/gtest.h>

#include "io/deck/deck_table.h"
#include "tests/io/deck/deck_test_files.h"

namespace saltus::io {
namespace {

using engine::InputError;

std::filesystem::path read_path(const DeckDocument& document, PathRule rule,
                                std::string* resolved) {
  DeckReader reader(document);
  DeckTable root = reader.root();
  std::filesystem::path path = root.path({"file", ""}, std::nullopt, rule);
  reader.finish();
  *resolved = reader.resolved_toml();
  return path;
}

TEST(DeckPath, CountsFromTheFileThatHoldsIt) {
  const DeckFolder folder;
  folder.write("decks/base/base.toml", "file = \"x.pdb\"\n");
  folder.write("decks/base/x.pdb", "");
  folder.write("x.pdb", "");
  folder.write("decks/deck.toml", "include = [\"base/base.toml\"]\n");
  std::string resolved;
  EXPECT_EQ(read_path(load_deck("decks/deck.toml"), PathRule::kExistingFile, &resolved),
            "decks/base/x.pdb");
  EXPECT_EQ(resolved, "file = \"base/x.pdb\"\n");
  EXPECT_EQ(
      read_path(load_deck("decks/deck.toml", {"file=x.pdb"}), PathRule::kExistingFile, &resolved),
      "x.pdb");
  EXPECT_EQ(resolved, "file = \"../x.pdb\"\n");
  // The resolved deck, put beside the deck, means the same file.
  EXPECT_EQ(read_path(parse_deck(resolved, "r", "decks"), PathRule::kExistingFile, &resolved),
            "x.pdb");
}

TEST(DeckPath, MayHaveToExist) {
  const DeckFolder folder;
  folder.write("sub/deck.toml", "file = \"no.pdb\"\n");
  std::string resolved;
  EXPECT_EQ(message_of<InputError>(
                [&] { read_path(load_deck("sub/deck.toml"), PathRule::kExistingFile, &resolved); }),
            "sub/deck.toml:1:8: file: no file \"sub/no.pdb\"; paths count from the folder of the "
            "deck that holds them\n1 error in sub/deck.toml");
  EXPECT_EQ(read_path(load_deck("sub/deck.toml"), PathRule::kAny, &resolved), "sub/no.pdb");
  EXPECT_EQ(message_of<InputError>([&] {
              read_path(load_deck("sub/deck.toml", {"file=sub"}), PathRule::kExistingFile,
                        &resolved);
            }),
            "--set file=sub: file: no file \"sub\"; paths given with --set count from the current "
            "folder\n1 error in sub/deck.toml");
}

TEST(DeckPath, MayBeANameToLookUp) {
  const DeckFolder folder;
  folder.write("sub/own.xml", "");
  std::string resolved;
  const auto file = [&](const std::string& name) {
    return read_path(parse_deck("file = \"" + name + "\"\n", "deck.toml", "sub"),
                     PathRule::kFileOrName, &resolved);
  };
  EXPECT_EQ(file("amber14/protein.xml"), "amber14/protein.xml");
  EXPECT_EQ(file("own.xml"), std::filesystem::current_path() / "sub/own.xml");
}

TEST(DeckPath, MayStandForAListOfOne) {
  const auto files = [](const std::string& text) {
    DeckReader reader(parse_deck("files = " + text + "\n", "deck.toml", ""));
    DeckTable root = reader.root();
    const auto paths = root.path_list({"files", "to read"}, PathRule::kAny, 1);
    reader.finish();
    return std::make_pair(paths, reader.resolved_toml());
  };
  EXPECT_EQ(files("\"a.xml\"").first, std::vector<std::filesystem::path>{"a.xml"});
  EXPECT_EQ(files("\"a.xml\""), files("[\"a.xml\"]"));
  EXPECT_EQ(message_of<InputError>([&] { files("3"); }),
            "deck.toml:1:9: files: expected a path or a list of them, got integer 3\n1 error in "
            "deck.toml");
  EXPECT_EQ(message_of<InputError>([&] { files("\"\""); }),
            "deck.toml:1:9: files: expected a path, got string \"\"\n1 error in deck.toml");
}

}  // namespace
}  // namespace saltus::io
