// Oracle: counts that follow from the deck, and the same chains moved by a model that was trained
// in the run or loaded from its file.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "saltus_test_paths.h"
#include "tests/e2e/program.h"
#include "tests/e2e/trajectories.h"

namespace saltus::tests {
namespace {

using nlohmann::json;
using testing::HasSubstr;

/// A pilot of 2 ps and a training that take a second together.
DeckText training_deck() {
  DeckText deck;
  deck.moves = "[[move]]\nkind = \"learned_leap\"\n[[move]]\nkind = \"hmc\"\nsteps = 3";
  deck.more =
      "[pilot]\ntemperatures = [\"310 K\"]\nladders = 4\nframe_period = \"20 fs\"\n"
      "exchange_period = \"0.1 ps\"\nlength = \"2 ps\"\nequilibration = \"0.2 ps\"\n"
      "[leap]\nmodel = \"train\"\nlag = \"0.2 ps\"\nepochs = 2\nhidden = 8\ncomponents = 2\n"
      "refinement_rounds = 1\nrefinement_leaps = 4";
  return deck;
}

TEST_F(ProgramTest, AModelIsTrainedUsedSavedAndLoadedAgain) {
  write_deck(training_deck());
  const ProgramEnd end = good({"run", "deck.toml"});
  EXPECT_THAT(end.err, HasSubstr("\nmodel written to out/trajectory.leap.safetensors\n"));
  const json trained = json::parse(read("out/summary.json"));
  EXPECT_EQ(trained.at("is_exact"), true);
  EXPECT_EQ(trained.at("model_card").at("kind"), "internal-coordinate leap");
  EXPECT_EQ(trained.at("model_card").at("temperature"), "310 K");
  EXPECT_EQ(trained.at("moves").at(0).at("name"), "learned_leap");
  EXPECT_EQ(trained.at("moves").at(0).at("proposed"), 4 * 24);
  EXPECT_THAT(read("out/report.html"), HasSubstr("internal-coordinate leap"));

  DeckText loading = training_deck();
  loading.more = "[leap]\nmodel = \"out/trajectory.leap.safetensors\"";
  loading.output = "directory = \"loaded\"";
  write_deck(loading, "loading.toml");
  good({"run", "loading.toml"});
  EXPECT_EQ(json::parse(read("loaded/summary.json")).at("model_card"), trained.at("model_card"));
  // Chains start from the same structure with the same random numbers.
  expect_same_frames(file("loaded/trajectory.h5"), file("out/trajectory.h5"));
  EXPECT_THAT(
      good({"info", "out/trajectory.leap.safetensors"}).out,
      testing::AllOf(HasSubstr("kind         internal-coordinate leap\n"),
                     HasSubstr("temperature  310 K\n"), HasSubstr("atoms        ACE 1 HH31 H;")));
}

/// However often a run with leaps is interrupted, and whatever the number of threads.
TEST_F(ProgramTest, RunsWithLeapsResumeToTheSameBits) {
  write_deck(training_deck());
  good({"train", "deck.toml", "-o", "leap.model"});
  DeckText loading = training_deck();
  loading.more = "[leap]\nmodel = \"leap.model\"";
  loading.chains = "count = 19";
  write_deck(loading);
  good({"run", "deck.toml", "--set", "output.directory=whole"});
  good({"run", "deck.toml", "--set", "run.steps=7"});
  good({"run", "deck.toml", "--resume", "--set", "run.steps=16"});
  good({"run", "deck.toml", "--resume"});
  expect_same_frames(file("out/trajectory.h5"), file("whole/trajectory.h5"));
  good({"run", "deck.toml", "--set", "output.directory=two", "--set", "energy.threads=2"});
  expect_same_frames(file("two/trajectory.h5"), file("whole/trajectory.h5"));
  const json moves = json::parse(read("whole/summary.json")).at("moves");
  EXPECT_EQ(moves.at(0).at("name"), "learned_leap");
  EXPECT_EQ(moves.at(0).at("proposed"), 19 * 24);
}

TEST_F(ProgramTest, ADeckThatTrainsRunsWithAModelByOneSetting) {
  write_deck(training_deck());
  good({"train", "deck.toml", "-o", "small.leap.pt"});
  const ProgramEnd end = good({"run", "deck.toml", "--set", "leap.model=small.leap.pt"});
  EXPECT_THAT(end.err, testing::AllOf(HasSubstr("note: deck.toml:33:1: leap.lag: not used after "
                                                "--set: only used with model = \"train\"\n"),
                                      HasSubstr(": pilot: not used after --set: "),
                                      testing::Not(HasSubstr("pilot dynamics"))));
  EXPECT_EQ(json::parse(read("out/summary.json")).at("moves").at(0).at("name"), "learned_leap");
}

TEST_F(ProgramTest, TheShippedDeckRunsWithoutComparisonAndWithTheShippedModel) {
  const std::string data = std::string(SALTUS_TEST_SOURCE_DIR) + "/data/";
  const std::string deck = data + "decks/alanine_dipeptide.toml";
  const ProgramEnd compared = good({"check", deck, "--set", "comparison.openmm_dynamics=false"});
  EXPECT_EQ(compared.out, deck + ": the deck is fine\n");
  EXPECT_THAT(compared.err, HasSubstr(": comparison.platform: not used after --set: only used with "
                                      "openmm_dynamics = true\n"));
  const ProgramEnd loaded =
      good({"check", deck, "--set",
            "leap.model=" + data + "models/alanine_dipeptide_310K.leap.safetensors"});
  EXPECT_THAT(loaded.err, HasSubstr(": leap.lag: not used after --set: only used with "));
}

TEST_F(ProgramTest, TrainingAloneWritesTheModelOfTheRun) {
  write_deck(training_deck());
  EXPECT_EQ(good({"train", "deck.toml", "-o", "models/small.leap.pt"}).out,
            "model: models/small.leap.pt\n");
  EXPECT_FALSE(std::filesystem::exists(file("out")));
  DeckText loading = training_deck();
  loading.more = "[leap]\nmodel = \"models/small.leap.pt\"";
  write_deck(loading, "loading.toml");
  good({"run", "loading.toml"});
}

TEST_F(ProgramTest, SeveralModelsAreTrainedAndUsedByName) {
  DeckText deck = training_deck();
  const std::size_t leap = deck.more.find("[leap]\n");
  const std::string training = deck.more.substr(leap + std::string("[leap]\n").size());
  deck.moves =
      "[[move]]\nkind = \"learned_leap\"\nproposal = \"wide\"\n[[move]]\n"
      "kind = \"learned_leap\"\nproposal = \"narrow\"\n[[move]]\nkind = \"hmc\"\nsteps = 3";
  deck.more = deck.more.substr(0, leap) + "[[proposal]]\nname = \"narrow\"\n" + training +
              "\n[[proposal]]\nname = \"wide\"\n" + training;
  write_deck(deck);
  good({"run", "deck.toml"});
  const json summary = json::parse(read("out/summary.json"));
  EXPECT_EQ(summary.at("is_exact"), true);
  EXPECT_EQ(summary.at("model_card").at("narrow: kind"), "internal-coordinate leap");
  EXPECT_EQ(summary.at("model_card").at("wide: temperature"), "310 K");
  EXPECT_EQ(summary.at("moves").at(0).at("name"), "learned_leap");
  EXPECT_EQ(summary.at("moves").at(1).at("name"), "learned_leap_2");
  for (const json& move : summary.at("moves"))
    EXPECT_DOUBLE_EQ(move.at("acceptance").get<double>(),
                     move.at("accepted").get<double>() / move.at("proposed").get<double>());
  // Each has random numbers of its own.
  EXPECT_NE(read("out/trajectory.narrow.leap.safetensors"),
            read("out/trajectory.wide.leap.safetensors"));
  good({"run", "deck.toml", "--resume", "--set", "run.steps=30"});
  expect_error({"train", "deck.toml", "-o", "m.pt"}, 65,
               "saltus train: the deck trains 2 models, which cannot all go to 'm.pt'; say where "
               "with `save` in each [[proposal]]");
}

TEST_F(ProgramTest, ChainsMayStartFromThePilot) {
  DeckText deck = training_deck();
  deck.chains = "count = 4\nstart = \"pilot\"";
  deck.moves = "[[move]]\nkind = \"hmc\"\nsteps = 3";
  deck.more = deck.more.substr(0, deck.more.find("[leap]"));
  write_deck(deck);
  EXPECT_THAT(good({"run", "deck.toml"}).err, HasSubstr("pilot dynamics: done"));
}

}  // namespace
}  // namespace saltus::tests
