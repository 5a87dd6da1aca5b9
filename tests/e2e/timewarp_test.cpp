// Oracle: counts that follow from the deck, the same chains moved by a model that was trained in
// the run or loaded from its file, and the word that exploration has to carry.
#include <gmock/gmock.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "saltus_test_paths.h"
#include "tests/e2e/program.h"
#include "tests/e2e/trajectories.h"

namespace saltus::tests {
namespace {

using nlohmann::json;
using testing::HasSubstr;

/// A pilot of 2 ps and a training that take some seconds together.
DeckText timewarp_deck() {
  DeckText deck;
  deck.moves = "[[move]]\nkind = \"timewarp\"\n[[move]]\nkind = \"hmc\"\nsteps = 3";
  deck.more =
      "[pilot]\ntemperatures = [\"310 K\"]\nladders = 4\nframe_period = \"20 fs\"\n"
      "exchange_period = \"0.1 ps\"\nlength = \"2 ps\"\nequilibration = \"0.2 ps\"\n"
      "[leap]\nmodel = \"train\"\n[leap.timewarp]\nlag = \"0.2 ps\"\ncouplings = 2\nwidth = 8\n"
      "feed_forward = 16\nhidden = 8\nelement_width = 4\nsteps = 20\nbatch_size = 16\n"
      "check_period = 10\nheld_out_pairs = 16\ntuning_steps = 5";
  return deck;
}

TEST_F(ProgramTest, ATimewarpFlowIsTrainedUsedSavedAndLoadedAgain) {
  write_deck(timewarp_deck());
  const ProgramEnd end = good({"run", "deck.toml"});
  EXPECT_THAT(end.err, HasSubstr("\nmodel written to out/trajectory.leap.safetensors\n"));
  EXPECT_FALSE(std::filesystem::exists(file("out/trajectory.leap.safetensors.training")));
  const json trained = json::parse(read("out/summary.json"));
  EXPECT_EQ(trained.at("is_exact"), true);
  EXPECT_EQ(trained.at("model_card").at("kind"), "timewarp flow");
  EXPECT_EQ(trained.at("moves").at(0).at("name"), "timewarp");
  EXPECT_EQ(trained.at("moves").at(0).at("proposed"), 4 * 24);

  DeckText loading = timewarp_deck();
  loading.more = "[leap]\nmodel = \"out/trajectory.leap.safetensors\"";
  loading.output = "directory = \"loaded\"";
  write_deck(loading, "loading.toml");
  good({"run", "loading.toml"});
  expect_same_frames(file("loaded/trajectory.h5"), file("out/trajectory.h5"));

  // As another kind of proposal it is refused.
  loading.moves = "[[move]]\nkind = \"learned_leap\"";
  loading.output = "directory = \"refused\"";
  write_deck(loading, "refused.toml");
  const ProgramEnd refused = saltus({"run", "refused.toml"});
  EXPECT_NE(refused.exit_code, 0);
  EXPECT_THAT(refused.err,
              HasSubstr("a model of kind 'timewarp flow', expected 'internal-coordinate leap'"));
}

TEST_F(ProgramTest, ExplorationIsCalledBiasedEverywhere) {
  write_deck(timewarp_deck());
  good({"train", "deck.toml", "-o", "flow.model"});
  DeckText exploring = timewarp_deck();
  exploring.moves =
      "[[move]]\nkind = \"biased_exploration\"\nlargest_rise = \"300 kJ/mol\"\n"
      "[move.proposal]\nkind = \"timewarp\"\n[[move]]\nkind = \"hmc\"\nsteps = 3";
  exploring.more = "[leap]\nmodel = \"flow.model\"";
  write_deck(exploring);
  const ProgramEnd end = good({"run", "deck.toml"});
  EXPECT_THAT(end.err, HasSubstr("approximate: biased_exploration is not exact"));
  const json summary = json::parse(read("out/summary.json"));
  EXPECT_EQ(summary.at("is_exact"), false);
  EXPECT_EQ(summary.at("exactness"), "approximate: biased_exploration is not exact");
  EXPECT_EQ(summary.at("moves").at(0).at("name"), "biased_exploration");
  EXPECT_THAT(read("out/report.html"), HasSubstr("all averages are biased."));
  EXPECT_THAT(good({"info", "out/trajectory.h5"}).out, HasSubstr("biased"));
}

TEST_F(ProgramTest, TheTimewarpDecksAreFine) {
  for (const char* name : {"disulfane", "two_beads", "four_beads"}) {
    const std::string deck =
        std::string(SALTUS_TEST_SOURCE_DIR) + "/data/decks/" + name + "_timewarp.toml";
    EXPECT_EQ(good({"check", deck}).out, deck + ": the deck is fine\n");
  }
}

TEST_F(ProgramTest, DecksOfBeadsTrainAndSample) {
  for (const char* name : {"two_beads", "four_beads"}) {
    const std::string deck =
        std::string(SALTUS_TEST_SOURCE_DIR) + "/data/decks/" + name + "_timewarp.toml";
    good({"run", deck, "--set", std::string("output.directory=") + name, "--set",
          "leap.timewarp.steps=400", "--set", "warm_up.steps=2", "--set", "run.steps=4"});
    const json summary = json::parse(read(std::string(name) + "/summary.json"));
    EXPECT_EQ(summary.at("is_exact"), true);
    const json& move = summary.at("moves").at(0);
    EXPECT_EQ(move.at("proposed"), 256 * 4);
    // Far below what a full training reaches, which is a half and a fifth.
    EXPECT_GT(move.at("accepted").get<int>(), 0);
  }
}

}  // namespace
}  // namespace saltus::tests
