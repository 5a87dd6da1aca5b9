// Oracle: evaluations counted by hand from what the deck says.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/e2e/program.h"

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

}  // namespace
}  // namespace saltus::tests
