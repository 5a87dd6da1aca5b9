// Oracle: evaluations counted by hand from what the deck says.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/e2e/program.h"
#include "tests/e2e/trajectories.h"

namespace saltus::tests {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

/// Four chains, trajectories of exactly five leapfrog steps.
DeckText counted_deck() {
  DeckText deck;
  deck.moves = "[[move]]\nkind = \"hmc\"\nsteps = 5\nlength_jitter = 0";
  return deck;
}

constexpr int kInput = 65;

/// The first energies of 4 chains; 3 steps, each 5 leapfrog steps and the forces at their start.
constexpr int kWarmUp = 4 + 3 * 4 * (5 + 1);

class Preparations : public ProgramTest {
 protected:
  json summary(const std::string& folder = "out") const {
    return json::parse(read(folder + "/summary.json"));
  }
  static std::vector<std::string> stages(const json& summary) {
    std::vector<std::string> names;
    for (const json& stage : summary.at("preparation"))
      names.push_back(stage.at("stage").get<std::string>());
    return names;
  }
};

TEST_F(Preparations, CountWhatWasEvaluated) {
  DeckText deck = counted_deck();
  deck.chains = "count = 4\nstart = \"input\"";
  deck.warm_up = "steps = 3\ntune = false";
  write_deck(deck);
  const ProgramEnd end = good({"run", "deck.toml"});
  const json found = summary();
  ASSERT_THAT(stages(found), ElementsAre("warm-up"));
  EXPECT_EQ(found.at("preparation").at(0).at("energy_evaluations"), kWarmUp);
  EXPECT_GT(found.at("preparation").at(0).at("cpu_s").get<double>(), 0.0);
  EXPECT_EQ(found.at("ready_models"), json::array());
  // Production: 24 steps of 4 chains.
  EXPECT_THAT(end.err, HasSubstr("\npreparation: 76 energy evaluations, "));
  EXPECT_THAT(end.err, HasSubstr(" CPU s; production: 576 energy evaluations, "));
  const std::string page = read("out/report.html");
  EXPECT_THAT(page, HasSubstr("<data value=\"76\">"));
  EXPECT_THAT(page, HasSubstr("<data value=\"652\">"));
}

TEST_F(Preparations, HaveStages) {
  write_deck(counted_deck());
  good({"run", "deck.toml", "--no-report"});
  const json found = summary();
  // Steps are tuned half-way; those of tuning are not among those of the warm-up.
  ASSERT_THAT(stages(found), ElementsAre("minimisation", "warm-up", "tuning"));
  EXPECT_GT(found.at("preparation").at(0).at("energy_evaluations"), 1);
  EXPECT_EQ(found.at("preparation").at(1).at("energy_evaluations"), kWarmUp);
  EXPECT_GT(found.at("preparation").at(2).at("energy_evaluations"), 0);
}

TEST_F(Preparations, AreThoseOfTheStartAfterAResume) {
  write_deck(counted_deck());
  good({"run", "deck.toml", "--no-report"});
  const json first = summary();
  good({"run", "deck.toml", "--no-report", "--resume", "--set", "run.steps=30"});
  const json resumed = summary();
  EXPECT_EQ(resumed.at("preparation"), first.at("preparation"));
  EXPECT_EQ(resumed.at("samplers").at(0).at("energy_evaluations"), 30 * 4 * (5 + 1));
}

TEST_F(Preparations, ContainPilotAndTraining) {
  DeckText deck = counted_deck();
  deck.moves = "[[move]]\nkind = \"learned_leap\"\n" + deck.moves;
  // Pieces of 10 steps of 2 fs: 10 of equilibration and 90 of frames.
  deck.more =
      "[pilot]\ntemperatures = [\"310 K\"]\nladders = 4\nframe_period = \"20 fs\"\n"
      "exchange_period = \"0.1 ps\"\nlength = \"2 ps\"\nequilibration = \"0.2 ps\"\n"
      "[leap]\nmodel = \"train\"\nlag = \"0.2 ps\"\nepochs = 2\nhidden = 8\ncomponents = 2\n"
      "refinement_rounds = 1\nrefinement_leaps = 4";
  write_deck(deck);
  good({"run", "deck.toml", "--no-report"});
  const json trained = summary();
  ASSERT_THAT(stages(trained),
              ElementsAre("minimisation", "pilot", "training", "warm-up", "tuning"));
  // Four chains: a gentle start of 1,000 steps, then the pieces; each ends with an energy.
  EXPECT_EQ(trained.at("preparation").at(1).at("energy_evaluations"), 4 * 1001 + 4 * 100 * 11);
  EXPECT_GT(trained.at("preparation").at(2).at("energy_evaluations"), 0) << "of the refinement";
  EXPECT_EQ(trained.at("ready_models"), json::array());

  DeckText loading = deck;
  loading.more = "[leap]\nmodel = \"out/trajectory.leap.safetensors\"";
  loading.output = "directory = \"loaded\"";
  write_deck(loading, "loading.toml");
  good({"run", "loading.toml", "--no-report"});
  const json loaded = summary("loaded");
  EXPECT_THAT(stages(loaded), ElementsAre("minimisation", "warm-up", "tuning"));
  ASSERT_EQ(loaded.at("ready_models").size(), 1u);
  EXPECT_THAT(loaded.at("ready_models").at(0).get<std::string>(),
              HasSubstr("trajectory.leap.safetensors"));
}

/// Driven torsions whose length warm-up chooses.
DeckText driven_deck() {
  DeckText deck = counted_deck();
  deck.moves +=
      "\n[[move]]\nkind = \"driven_torsion\"\natoms = [\"1:C\", \"2:N\", \"2:CA\", \"2:C\"]\n"
      "change = \"half_turn\"\nsteps = [2, 40]\ntrials = 8";
  return deck;
}

TEST_F(Preparations, ChooseTheLengthOfAProtocol) {
  write_deck(driven_deck());
  const ProgramEnd end = good({"run", "deck.toml"});
  const json found = summary(), choice = found.at("protocols").at(0);
  ASSERT_EQ(found.at("protocols").size(), 1u);
  EXPECT_EQ(choice.at("move"), "driven_torsion");
  ASSERT_EQ(choice.at("tried").size(), 2u);
  EXPECT_EQ(choice.at("tried").at(0).at("protocol"), "2 steps");
  EXPECT_EQ(choice.at("tried").at(0).at("energy_evaluations_per_trial"), 3.0);
  EXPECT_EQ(choice.at("tried").at(1).at("energy_evaluations_per_trial"), 41.0);
  EXPECT_EQ(choice.at("tried").at(1).at("trials"), 8);
  // Phi turned by force against clashes in 2 fs.
  EXPECT_GT(choice.at("tried").at(0).at("mean_work_kT").get<double>(), 20.0);
  // Production has the one chosen, and no other.
  const std::string chosen = choice.at("chosen");
  for (const json& move : found.at("moves"))
    if (move.at("name") == "driven_torsion") {
      EXPECT_EQ(move.at("energy_evaluations_per_application"), chosen == "2 steps" ? 3.0 : 41.0);
    }
  EXPECT_THAT(end.err, HasSubstr("driven_torsion: trials of protocols"));
  if (!choice.at("gains").get<bool>()) {
    EXPECT_THAT(end.err, HasSubstr("driven_torsion: no protocol tried gains anything"));
    EXPECT_THAT(found.at("warnings").dump(), HasSubstr("no protocol tried gains anything"));
  }
  EXPECT_THAT(read("out/report.html"), HasSubstr("Protocols of driven_torsion tried"));
}

TEST_F(Preparations, ChooseOnceAndKeepItWhenResumed) {
  write_deck(driven_deck());
  good({"run", "deck.toml", "--no-report"});
  good({"run", "deck.toml", "--no-report", "--set", "output.directory=two", "--set",
        "run.steps=10"});
  const json before = json::parse(read("two/summary.json")).at("protocols");
  good({"run", "deck.toml", "--no-report", "--set", "output.directory=two", "--set", "run.steps=24",
        "--resume"});
  EXPECT_EQ(json::parse(read("two/summary.json")).at("protocols"), before);
  EXPECT_EQ(before, summary().at("protocols"));
  EXPECT_EQ(expect_same_frames(file("two/trajectory.h5"), file("out/trajectory.h5")), 24u);
}

TEST_F(Preparations, ChooseRungsAndSoftening) {
  DeckText deck = counted_deck();
  deck.moves +=
      "\n[[move]]\nkind = \"nonequilibrium\"\nrungs = [1, 2]\nsoftest = [0.9, 0.5]\n"
      "steps = 3\nlength_jitter = 0\ntrials = 4\n[move.proposal]\nkind = \"torsion_walk\"";
  write_deck(deck);
  good({"run", "deck.toml", "--no-report"});
  const json choice = summary().at("protocols").at(0);
  std::vector<std::string> names;
  for (const json& trials : choice.at("tried")) names.push_back(trials.at("protocol"));
  EXPECT_THAT(names,
              ElementsAre("1 rung to 0.9", "1 rung to 0.5", "2 rungs to 0.9", "2 rungs to 0.5"));
  // At once: a torsion walk, which evaluates one energy.
  EXPECT_EQ(choice.at("at_once").at("energy_evaluations_per_trial"), 1.0);
}

TEST_F(Preparations, RefuseWhatCannotBeChosenFrom) {
  DeckText deck = driven_deck();
  deck.warm_up = "steps = 3\ntune = false";
  write_deck(deck);
  const ProgramEnd end = saltus({"run", "deck.toml"});
  EXPECT_EQ(end.exit_code, kInput);
  EXPECT_THAT(end.err,
              HasSubstr("move[1].steps: warm-up chooses from several values, but warm_up.tune = "
                        "false; give one value"));
  write_deck(driven_deck());
  EXPECT_THAT(saltus({"run", "deck.toml", "--set", "move[1].steps=[]"}).err,
              HasSubstr("or a list of 1 to 8 of them to choose from, got 0 entries"));
  EXPECT_THAT(saltus({"run", "deck.toml", "--set", "move[1].steps=[-5, 3]"}).err,
              HasSubstr("move[1].steps[0]: expected an integer from 1 to"));
  EXPECT_THAT(saltus({"run", "deck.toml", "--set", "move[1].trials=1"}).err,
              HasSubstr("move[1].trials: expected an integer from 2 to"));
}

}  // namespace
}  // namespace saltus::tests
