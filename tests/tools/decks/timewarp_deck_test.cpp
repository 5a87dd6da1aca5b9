// Oracle: what decks of Timewarp flows mean, and what is wrong with them, written out by hand.
#include <gmock/gmock.h>

#include "tests/tools/decks/run_deck_fixture.h"
#include "tools/saltus/decks/move_kinds.h"

namespace saltus::tools {
namespace {

using mlsamplers::TimewarpFrame;

constexpr const char* kTimewarpMove = "[[move]]\nkind = \"timewarp\"\n";

TEST_F(RunDeckTest, ReadsTimewarpFlows) {
  const LoadedRunDeck loaded =
      read(std::string(kMinimal) + "[leap]\nmodel = \"train\"\nsave = \"flow.safetensors\"\n" +
           "[leap.timewarp]\nlag = \"5 ps\"\ncouplings = 12\nencoders = 6\nwidth = 128\n"
           "lengths = [\"0.1 nm\", \"0.5 nm\"]\nframe = \"random\"\nsteps = 70\n"
           "tuning_steps = 9\nentropy = 0.2\n" +
           kTimewarpMove);
  const LeapDeck& leap = loaded.deck.leaps.at(0);
  ASSERT_TRUE(leap.timewarp.has_value());
  EXPECT_TRUE(leap.train);
  EXPECT_EQ(leap.lag_ps(), 5.0);
  EXPECT_EQ(leap.timewarp->shape.n_couplings, 12U);
  EXPECT_EQ(leap.timewarp->shape.n_encoders, 6U);
  EXPECT_EQ(leap.timewarp->shape.width, 128U);
  EXPECT_THAT(leap.timewarp->shape.lengths_nm, testing::ElementsAre(0.1, 0.5));
  EXPECT_EQ(leap.timewarp->frame, TimewarpFrame::kRandom);
  EXPECT_EQ(leap.timewarp->n_steps, 70U);
  EXPECT_EQ(leap.timewarp->tuning.n_steps, 9U);
  EXPECT_EQ(leap.timewarp->tuning.entropy, 0.2);
  EXPECT_EQ(leap.timewarp->tuning.likelihood, mlsamplers::TimewarpTuningOptions{}.likelihood);
  EXPECT_TRUE(loaded.deck.pilot.has_value());
  EXPECT_EQ(read(loaded.resolved_toml).resolved_toml, loaded.resolved_toml);
}

TEST_F(RunDeckTest, LoadsTimewarpFlowsAndExploresWithThem) {
  const RunDeck deck =
      read(std::string(kMinimal) + "[leap]\nmodel = \"m.pt\"\n" +
           "[[move]]\nkind = \"biased_exploration\"\nlargest_rise = \"100 kJ/mol\"\n"
           "[move.proposal]\nkind = \"timewarp\"\n")
          .deck;
  ASSERT_TRUE(deck.leaps.at(0).timewarp.has_value());
  EXPECT_FALSE(deck.leaps[0].train);
  EXPECT_FALSE(deck.pilot.has_value());
  EXPECT_STREQ(deck.moves.at(0).kind->name, "biased_exploration");
  EXPECT_STREQ(deck.moves[0].parts.at(0).kind->name, "timewarp");
  EXPECT_TRUE(requirements_of(deck.moves[0]).one_temperature);
  EXPECT_FALSE(requirements_of(deck.moves[0]).free_molecule);
}

TEST_F(RunDeckTest, SaysWhatIsWrongWithTimewarpFlows) {
  const std::string start = std::string(kMinimal) + kTimewarpMove + "[leap]\n";
  EXPECT_THAT(errors(start + "model = \"train\"\n[leap.timewarp]\ncouplings = 3\n"),
              testing::HasSubstr("leap.timewarp.couplings: expected an even number, got 3"));
  EXPECT_THAT(
      errors(start + "model = \"train\"\nhidden = 8\n"),
      testing::HasSubstr("leap.hidden: only used with a [[move]] of kind \"learned_leap\""));
  EXPECT_THAT(errors(start + "model = \"m.pt\"\n[leap.timewarp]\nsteps = 3\n"),
              testing::HasSubstr("leap.timewarp: only used with model = \"train\""));
  EXPECT_THAT(errors(start + "model = \"train\"\n[leap.timewarp]\nlag = \"1 ns\"\n"),
              testing::HasSubstr("leap.timewarp: lag: expected less than what the pilot keeps"));
  EXPECT_THAT(errors(start + "model = \"train\"\n[leap.timewarp]\nentropy = 0.1\n"),
              testing::HasSubstr("leap.timewarp.entropy: only used with tuning_steps above 0"));
  EXPECT_THAT(errors(start + "model = \"train\"\n[[move]]\nkind = \"learned_leap\"\n"),
              testing::HasSubstr("a \"timewarp\" and a \"learned_leap\" cannot share a model; give "
                                 "each a [[proposal]]"));
  EXPECT_THAT(errors(std::string(kMinimal) + "[leap]\nmodel = \"train\"\n[leap.timewarp]\n"
                                             "[[move]]\nkind = \"learned_leap\"\n"),
              testing::HasSubstr("leap.timewarp: only used with a [[move]] of kind \"timewarp\""));
}

TEST_F(RunDeckTest, DescribesTimewarpFlows) {
  const std::string printed = default_run_deck();
  EXPECT_THAT(printed, testing::HasSubstr("[leap.timewarp]"));
  EXPECT_THAT(printed, testing::HasSubstr("kind = \"biased_exploration\""));
}

}  // namespace
}  // namespace saltus::tools
