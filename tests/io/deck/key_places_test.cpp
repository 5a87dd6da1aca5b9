// Oracle: lines and columns counted by hand in the text of a small deck.
#include <gtest/gtest.h>

#include "io/deck/deck_table.h"
#include "tests/io/deck/deck_test_files.h"

namespace saltus::io {
namespace {

using engine::InputError;

void read_things(DeckTable& root) {
  for (DeckTable& thing : root.tables({"thing", "What is looked at."})) {
    thing.real({"depth", "of it"}, 1.0, Bounds::between(0.0, 100.0));
    thing.table({"part", "Inside of it."}).boolean({"flag", "up or down"}, false);
  }
  root.table({"other", "What is not there."})
      .real({"height", "of it"}, 0.0, Bounds::between(0.0, 100.0));
}

class KeyPlacesOfADeck : public testing::Test {
 protected:
  static KeyPlaces places(const std::vector<std::string>& overrides = {}) {
    DeckReader reader(parse_deck("# a deck\n[[thing]]\n  depth = 2\n[[thing]]\n[thing.part]\n",
                                 "deck.toml", "", overrides));
    DeckTable root = reader.root();
    read_things(root);
    reader.finish(read_things);
    return reader.places();
  }
};

TEST_F(KeyPlacesOfADeck, AreThoseOfValuesElseOfTheTablesElseOfTheDeck) {
  const KeyPlaces places = KeyPlacesOfADeck::places();
  EXPECT_EQ(places.placed("thing[0].depth: too deep"), "deck.toml:3:11: thing[0].depth: too deep");
  EXPECT_EQ(places.placed("thing[0]: odd"), "deck.toml:2:1: thing[0]: odd");
  EXPECT_EQ(places.placed("thing[1].depth: too deep"), "deck.toml:4:1: thing[1].depth: too deep");
  EXPECT_EQ(places.placed("thing[1].part.flag: up"), "deck.toml:5:1: thing[1].part.flag: up");
  EXPECT_EQ(places.placed("other.height: low"), "deck.toml: other.height: low");
  EXPECT_EQ(KeyPlacesOfADeck::places({"thing[0].depth=7"}).placed("thing[0].depth: too deep"),
            "--set thing[0].depth=7: thing[0].depth: too deep");
}

TEST_F(KeyPlacesOfADeck, LeaveOtherMessagesAlone) {
  const KeyPlaces places = KeyPlacesOfADeck::places();
  for (const char* message : {"a.pdb:3: no number", "thing[0].depths: odd", "thing[0].depth", ""})
    EXPECT_EQ(places.placed(message), message);
}

TEST_F(KeyPlacesOfADeck, KeepTheKindOfAnErrorAndPlaceItOnce) {
  const KeyPlaces places = KeyPlacesOfADeck::places();
  const auto twice = [&](const auto& error) {
    return [&places, error] {
      with_places(places, [&] { with_places(places, [&] { throw error; }); });
    };
  };
  EXPECT_EQ(message_of<InputError>(twice(InputError("thing[0]: odd"))),
            "deck.toml:2:1: thing[0]: odd");
  EXPECT_EQ(message_of<engine::FileError>(twice(engine::FileError("thing[0]: odd"))),
            "deck.toml:2:1: thing[0]: odd");
  EXPECT_EQ(message_of<engine::ModelError>(twice(engine::ModelError("thing[0]: odd"))),
            "deck.toml:2:1: thing[0]: odd");
}

}  // namespace
}  // namespace saltus::io
