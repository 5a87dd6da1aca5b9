// Oracle: notes and messages written out by hand for a small schema.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/deck/deck_table.h"
#include "tests/io/deck/deck_test_files.h"

namespace saltus::io {
namespace {

using engine::InputError;
using testing::ElementsAre;

// Depth is of blue things, and measured from the surface when they have one.
void read_thing(DeckTable& root) {
  DeckTable thing = root.table({"thing", "What is looked at."});
  const std::size_t colour = thing.choice_index({"colour", "of it"}, {"blue", "red"}, 0);
  thing.boolean({"flag", "up or down"}, false);
  if (thing.applies("depth", colour == 0, "colour = \"blue\""))
    thing.real({"depth", ""}, 1.0, Bounds::between(0.0, 100.0));
  if (root.applies("surface", colour == 0, "thing.colour = \"blue\""))
    root.table({"surface", "Of blue things."})
        .real({"height", ""}, 0.0, Bounds::between(0.0, 100.0));
}

std::vector<std::string> notes_on(const std::string& text,
                                  const std::vector<std::string>& overrides) {
  DeckReader reader(parse_deck(text, "deck.toml", "", overrides));
  DeckTable root = reader.root();
  read_thing(root);
  reader.finish(read_thing);
  return reader.notes();
}

const std::string kBlue = "[thing]\ncolour = \"blue\"\ndepth = 2\n[surface]\nheight = 3\n";

TEST(DeckNotes, NameKeysAndTablesThatSetHasLeftWithoutUse) {
  EXPECT_THAT(notes_on(kBlue, {}), ElementsAre());
  EXPECT_THAT(notes_on(kBlue, {"thing.flag=true"}), ElementsAre());
  EXPECT_THAT(
      notes_on(kBlue, {"thing.colour=red"}),
      ElementsAre("deck.toml:3:1: thing.depth: not used after --set: only used with colour = "
                  "\"blue\"",
                  "deck.toml:4:2: surface: not used after --set: only used with thing.colour = "
                  "\"blue\""));
}

TEST(DeckNotes, AreNotMadeOfMistakes) {
  const std::string red = "[thing]\ncolour = \"red\"\n";
  // Without use as it was written, whatever else is set.
  EXPECT_EQ(message_of<InputError>([&] { notes_on(red + "depth = 1", {"thing.flag=true"}); }),
            "deck.toml:3:1: thing.depth: only used with colour = \"blue\"\n1 error in deck.toml");
  // Wanted in so many words.
  EXPECT_EQ(message_of<InputError>([&] { notes_on(red, {"thing.depth=1"}); }),
            "--set thing.depth=1: thing.depth: only used with colour = \"blue\"\n1 error in "
            "deck.toml");
  EXPECT_EQ(message_of<InputError>([&] {
              notes_on(kBlue, {"thing.colour=red", "thing.depth=1"});
            }),
            "--set thing.depth=1: thing.depth: only used with colour = \"blue\"\n1 error in "
            "deck.toml");
  // Other errors stay what they are.
  EXPECT_EQ(message_of<InputError>([] { notes_on("thing = {flag = 3}", {"thing.colour=red"}); }),
            "deck.toml:1:17: thing.flag: expected true or false, got integer 3\n1 error in "
            "deck.toml");
}

TEST(DeckNotes, NeedAReaderOfTheWholeDeck) {
  DeckReader reader(parse_deck(kBlue, "deck.toml", "", {"thing.colour=red"}));
  DeckTable root = reader.root();
  read_thing(root);
  EXPECT_EQ(message_of<InputError>([&] { reader.finish(); }),
            "deck.toml:3:1: thing.depth: only used with colour = \"blue\"\n"
            "deck.toml:4:2: surface: only used with thing.colour = \"blue\"\n"
            "2 errors in deck.toml");
}

}  // namespace
}  // namespace saltus::io
