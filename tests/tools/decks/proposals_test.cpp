// Oracle: what [[proposal]] means, and what is wrong with it, written out by hand.
#include <gmock/gmock.h>

#include "tests/tools/decks/run_deck_fixture.h"
#include "tools/saltus/decks/move_kind.h"

namespace saltus::tools {
namespace {

constexpr const char* kTwo =
    "[[proposal]]\nname = \"fast\"\nmodel = \"train\"\nlag = \"5 ps\"\n"
    "[[proposal]]\nname = \"wide-2\"\nmodel = \"m.pt\"\n";

std::string leap(const std::string& proposal) {
  return "[[move]]\nkind = \"learned_leap\"\nproposal = \"" + proposal + "\"\n";
}

TEST_F(RunDeckTest, ReadsProposalsByName) {
  const LoadedRunDeck loaded = read(std::string(kMinimal) + kTwo + leap("wide-2") + leap("fast"));
  const RunDeck& deck = loaded.deck;
  ASSERT_EQ(deck.leaps.size(), 2U);
  EXPECT_EQ(deck.leaps[0].name, "fast");
  EXPECT_EQ(deck.leaps[0].section, "proposal[0]");
  EXPECT_TRUE(deck.leaps[0].train);
  EXPECT_EQ(deck.leaps[0].options.training.lag_ps, 5.0);
  EXPECT_EQ(deck.leaps[1].name, "wide-2");
  EXPECT_EQ(deck.leaps[1].section, "proposal[1]");
  EXPECT_FALSE(deck.leaps[1].train);
  EXPECT_EQ(deck.leaps[1].model, "m.pt");
  EXPECT_TRUE(deck.pilot.has_value());
  EXPECT_EQ(deck.moves.at(0).proposal, "wide-2");
  EXPECT_EQ(deck.moves.at(1).proposal, "fast");
  EXPECT_EQ(read(loaded.resolved_toml).resolved_toml, loaded.resolved_toml);
}

TEST_F(RunDeckTest, NeedsNoNameOfTheOnlyProposal) {
  const std::string proposal = "[[proposal]]\nname = \"a\"\nmodel = \"m.pt\"\n";
  const RunDeck deck =
      read(std::string(kMinimal) + proposal + "[[move]]\nkind = \"learned_leap\"\n").deck;
  EXPECT_EQ(deck.moves.at(0).proposal, "a");
  EXPECT_FALSE(deck.pilot.has_value());
}

TEST_F(RunDeckTest, CallsTheModelOfLeapByNoName) {
  const LoadedRunDeck loaded =
      read(std::string(kMinimal) + "[leap]\nmodel = \"m.pt\"\n[[move]]\nkind = \"learned_leap\"\n");
  EXPECT_EQ(loaded.deck.leaps.at(0).name, "");
  EXPECT_EQ(loaded.deck.leaps.at(0).section, "leap");
  EXPECT_EQ(loaded.deck.moves.at(0).proposal, "");
  // Digests of decks without [[proposal]] stay what they were.
  EXPECT_THAT(loaded.resolved_toml, testing::Not(testing::HasSubstr("proposal")));
}

TEST_F(RunDeckTest, DescribesProposals) {
  const std::string printed = default_run_deck();
  EXPECT_THAT(printed, testing::HasSubstr("#[[proposal]]\n#name = ... "));
  EXPECT_THAT(printed, testing::HasSubstr("#proposal = ... "));
  EXPECT_THAT(printed, testing::HasSubstr("#[move.proposal]\n#kind = \"mala\" "));
}

struct Fault {
  const char *text, *errors;
};

class WrongProposals : public RunDeckTest, public testing::WithParamInterface<Fault> {};

// The text begins at line 9.
TEST_P(WrongProposals, AreReportedWhereTheyStand) {
  EXPECT_EQ(errors(std::string(kMinimal) + GetParam().text), GetParam().errors);
}

INSTANTIATE_TEST_SUITE_P(
    All, WrongProposals,
    testing::Values(
        Fault{"[[proposal]]\nname = \"a\"\nmodel = \"m.pt\"\n[[proposal]]\nname = \"b\"\n"
              "model = \"m.pt\"\n[[move]]\nkind = \"learned_leap\"",
              "15:1: move[0].proposal: missing; expected \"a\" or \"b\""},
        Fault{"[[proposal]]\nname = \"a\"\nmodel = \"m.pt\"\n[[proposal]]\nname = \"b\"\n"
              "model = \"m.pt\"\n[[move]]\nkind = \"learned_leap\"\nproposal = \"c\"",
              "17:12: move[0].proposal: expected \"a\" or \"b\", got string \"c\""},
        Fault{"[[proposal]]\nname = \"a\"\nmodel = \"m.pt\"\n[[move]]\nkind = \"hmc\"",
              "10:8: proposal[0].name: no [[move]] uses \"a\""},
        Fault{"[[proposal]]\nname = \"a b\"\nmodel = \"m.pt\"\n[[move]]\nkind = \"learned_leap\"\n"
              "proposal = \"a b\"",
              "10:8: proposal[0].name: expected letters, digits, - and _, got \"a b\""},
        Fault{"[[proposal]]\nname = \"a\"\nmodel = \"m.pt\"\n[[proposal]]\nname = \"a\"\n"
              "model = \"m.pt\"\n[[move]]\nkind = \"learned_leap\"",
              "13:8: proposal[1].name: proposal[0] is called so, too"},
        Fault{"[[proposal]]\nname = \"a\"\nmodel = \"train\"\nsave = \"s.pt\"\n[[proposal]]\n"
              "name = \"b\"\nmodel = \"train\"\nsave = \"s.pt\"\nlag = \"0.3 ps\"\n[[move]]\n"
              "kind = \"learned_leap\"\nproposal = \"a\"\n[[move]]\nkind = \"learned_leap\"\n"
              "proposal = \"b\"",
              "16:8: proposal[1].save: proposal[0] is saved there, too\n"
              "17:7: proposal[1].lag: expected a multiple of pilot.frame_period (0.2 ps), got 0.3 "
              "ps"},
        Fault{"[[proposal]]\nname = \"a\"\nmodel = \"m.pt\"\n[leap]\nmodel = \"m.pt\"\n[[move]]\n"
              "kind = \"learned_leap\"",
              "12:1: leap: give either [leap] or [[proposal]], not both"},
        Fault{"[leap]\nmodel = \"m.pt\"\n[[move]]\nkind = \"learned_leap\"\nproposal = \"a\"",
              "13:1: move[0].proposal: only used with [[proposal]]"}));

}  // namespace
}  // namespace saltus::tools
