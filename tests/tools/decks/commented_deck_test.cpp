// Oracle: decks with comments written out by hand, and the reader of decks.
#include "tools/saltus/decks/commented_deck.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "tests/tools/decks/run_deck_fixture.h"

namespace saltus::tools {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::vector<DeckChoice> kChoices = {
    {"schema", "1", "", ""},
    {"system.coordinates", "x.pdb", "The molecule.", "", true},
    {"system.force_field", "[\"amber99sbildn.xml\"]", "Known to all.", "Others are files."},
    {"ensemble.temperature", "\"310 K\"", "Warm.", "Any."},
    {"move[0].kind", "\"hmc\"", "", ""},
    {"move[1].kind", "\"mixture\"", "", ""},
    {"move[1].part[0].kind", "\"mala\"", "", ""},
    {"move[1].part[1].kind", "\"torsion_walk\"", "", ""},
    {"output.directory", "\"runs/x\"", "", ""},
    {"comparison.openmm_dynamics", "true", "", ""},
    {"comparison.length", "\"2 ns\"", "", ""},
};

class CommentedDecks : public RunDeckTest {
 protected:
  static CommentedDeck deck(const std::vector<std::string>& overrides = {},
                            const std::string& file = "x.toml") {
    return comment_deck(kChoices, "By hand.", file, overrides);
  }
  /// What the reader makes of the text alone.
  static LoadedRunDeck alone(const CommentedDeck& deck) { return read(deck.text); }
};

TEST_F(CommentedDecks, HaveACommentAboveEachValue) {
  EXPECT_EQ(deck().text,
            "# By hand.\n\nschema = 1\n\n[system]\n# The molecule.\ncoordinates = \"x.pdb\"\n"
            "# Known to all.\n# Others are files.\nforce_field = [\"amber99sbildn.xml\"]\n\n"
            "[ensemble]\n# Warm.\n# Any.\ntemperature = \"310 K\"\n\n[[move]]\nkind = \"hmc\"\n\n"
            "[[move]]\nkind = \"mixture\"\n\n[[move.part]]\nkind = \"mala\"\n\n[[move.part]]\n"
            "kind = \"torsion_walk\"\n\n[output]\ndirectory = \"runs/x\"\n\n[comparison]\n"
            "openmm_dynamics = true\nlength = \"2 ns\"\n");
  EXPECT_EQ(deck().loaded.resolved_toml, alone(deck()).resolved_toml);
  EXPECT_EQ(deck().loaded.deck.moves.at(1).parts.size(), 2u);
}

TEST_F(CommentedDecks, BreakLongComments) {
  std::vector<DeckChoice> choices = kChoices;
  for (int i = 0; i < 40; ++i) choices[0].why += "word " + std::to_string(i) + " ";
  const CommentedDeck made = comment_deck(choices, "", "x.toml", {});
  std::istringstream lines(made.text);
  std::size_t longest = 0;
  for (std::string line; std::getline(lines, line);) longest = std::max(longest, line.size());
  EXPECT_LE(longest, 100u);
  EXPECT_GT(longest, 90u);
}

TEST_F(CommentedDecks, TakeWhatIsSet) {
  const std::vector<std::string> overrides = {"ensemble.temperature=350 K", "chains.count=8",
                                              "move[1].part[1].weight=3"};
  const CommentedDeck made = deck(overrides);
  EXPECT_THAT(made.text, HasSubstr("\n# Set by --set.\n# Any.\ntemperature = \"350 K\"\n"));
  EXPECT_THAT(made.text, HasSubstr("\n[chains]\n# Set by --set.\ncount = 8\n"));
  EXPECT_THAT(made.text, HasSubstr("\n[[move.part]]\nkind = \"torsion_walk\"\n"
                                   "# Set by --set.\nweight = 3.0\n"));
  // Values that are neither chosen nor set stay out.
  EXPECT_THAT(made.text, Not(HasSubstr("seed")));
  // The text alone means what the choices and --set mean.
  EXPECT_EQ(made.loaded.resolved_toml, alone(made).resolved_toml);
  EXPECT_EQ(made.loaded.resolved_toml, read(deck().text, overrides).resolved_toml);
}

TEST_F(CommentedDecks, LeaveOutWhatHasNoUseAfterwards) {
  const CommentedDeck made = deck({"comparison.openmm_dynamics=false"});
  EXPECT_THAT(made.text, HasSubstr("openmm_dynamics = false\n"));
  EXPECT_THAT(made.text, Not(HasSubstr("length")));
  EXPECT_THAT(made.loaded.notes, testing::ElementsAre(HasSubstr("comparison.length: not used")));
  EXPECT_EQ(made.loaded.resolved_toml, alone(made).resolved_toml);
}

TEST_F(CommentedDecks, NameFilesFromTheirOwnFolder) {
  const CommentedDeck made =
      deck({"system.force_field=[\"x.xml\", \"amber99_obc.xml\"]"}, "runs/x/deck.toml");
  EXPECT_THAT(made.text, HasSubstr("coordinates = \"../../x.pdb\"\n"));
  // A file that was set counts from the current folder, a plain name is looked up.
  EXPECT_THAT(made.text, HasSubstr("force_field = [\"../../x.xml\", \"amber99_obc.xml\"]\n"));
  EXPECT_EQ(made.loaded.deck.system.coordinates, "x.pdb");
}

TEST_F(CommentedDecks, SayWhichSettingIsWrong) {
  EXPECT_EQ(io::message_of<engine::InputError>([] { deck({"chains.count=0"}); }),
            "--set chains.count=0: chains.count: expected an integer from 1 to 100000000, usually "
            "64, got integer "
            "0\n1 error in x.toml");
}

TEST(SetKeys, AreThoseOfTheSettingAndOfTablesInIt) {
  const std::vector<std::string> overrides = {"move[1]={kind=\"hmc\"}", "run.steps=3"};
  EXPECT_TRUE(is_set("run.steps", overrides));
  EXPECT_TRUE(is_set("move[1].kind", overrides));
  EXPECT_FALSE(is_set("move[0].kind", overrides));
  EXPECT_FALSE(is_set("run.steps_more", overrides));
  EXPECT_FALSE(is_set("run", overrides));
}

}  // namespace
}  // namespace saltus::tools
