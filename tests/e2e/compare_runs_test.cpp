// Oracle: what --help of compare promises of runs that it makes: each once, and going on.
#include <gmock/gmock.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "tests/e2e/program.h"

namespace saltus::tests {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

constexpr char kDeck[] = R"(schema = 1
title = "Two dipeptides"
threads = 1
[peptides]
sequences = ["AG", "GA"]
folder = "evaluation"
reference_deck = "reference.toml"
[[run]]
name = "hmc"
deck = "hmc.toml"
[[run]]
name = "md"
role = "plain_dynamics"
deck = "md.toml"
[openmm_dynamics]
length = "0.2 ps"
equilibration = "0.02 ps"
time_step = "2 fs"
frame_period = "4 fs"
platform = "Reference"
[distances]
frames = 20
curve_points = 0
[output]
directory = "compared"
)";

/// Decks of dipeptides; each says which molecule by what compare sets.
DeckText run_deck(const std::string& moves, const std::string& run) {
  DeckText deck;
  deck.energy_source =
      "force_field = [\"amber14/protein.ff14SB.xml\"]\nimplicit_solvent = \"obc2\"";
  deck.moves = moves;
  deck.run = run;
  return deck;
}

DeckText hmc_deck(int steps = 10) {
  return run_deck("[[move]]\nkind = \"hmc\"\nsteps = " + std::to_string(steps),
                  "steps = 2000\nframe_period = 40\ncheckpoint_period = 200");
}

class RunsOfComparisons : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    write_deck(run_deck("[[move]]\nkind = \"hmc\"\nsteps = 5", "steps = 30"), "reference.toml");
    write_deck(hmc_deck(), "hmc.toml");
    write_deck(
        run_deck("[[move]]\nkind = \"langevin\"\ntime_step = \"1 fs\"\nsteps = 5", "steps = 30"),
        "md.toml");
    write("compare.toml", kDeck);
  }

  bool is_there(const std::string& name) const { return std::filesystem::exists(file(name)); }

  using Time = std::filesystem::file_time_type;
  /// When a run's checkpoint was written: again only if the run went on or was made again.
  Time time_of(const std::string& run) const {
    return std::filesystem::last_write_time(file("evaluation/" + run + "/trajectory.checkpoint"));
  }
  std::map<std::string, Time> times() const {
    std::map<std::string, Time> result;
    for (const char* peptide : {"AG", "GA"})
      for (const char* run : {"reference", "hmc", "md", "openmm_dynamics"}) {
        const std::string name = std::string(peptide) + "/" + run;
        result[name] = time_of(name);
      }
    return result;
  }
};

TEST_F(RunsOfComparisons, AreMadeOnceAndGoOnWhereTheyWere) {
  {
    RunningProgram program({"compare", "compare.toml"}, folder_.path());
    while (!is_there("evaluation/GA/hmc/trajectory.checkpoint") && !program.has_ended())
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    program.send(SIGINT);
    const ProgramEnd end = program.wait();
    EXPECT_EQ(end.exit_code, 130) << end.err;
    EXPECT_EQ(end.out, "interrupted; the same command goes on where it was\n");
    EXPECT_THAT(end.err, HasSubstr("molecule 1 of 2, AG: reference (1 of 8 runs)"));
    EXPECT_THAT(end.err, HasSubstr("molecule 2 of 2, GA: hmc (6 of 8 runs"));
    EXPECT_FALSE(is_there("evaluation/GA/hmc/summary.json"));
    EXPECT_FALSE(is_there("compared/compare.json"));
  }
  const Time reference = time_of("AG/reference"), hmc = time_of("AG/hmc"),
             openmm = time_of("AG/openmm_dynamics");
  EXPECT_THAT(good({"compare", "compare.toml"}).err, HasSubstr("resuming after step "));
  EXPECT_EQ(time_of("AG/reference"), reference);
  EXPECT_EQ(time_of("AG/hmc"), hmc);
  EXPECT_EQ(time_of("AG/openmm_dynamics"), openmm);

  const json compared = json::parse(read("compared/compare.json"));
  ASSERT_EQ(compared.at("peptides").size(), 2u);
  const json& peptide = compared.at("peptides").at(1);
  EXPECT_EQ(peptide.at("name"), "GA");
  ASSERT_EQ(peptide.at("runs").size(), 3u);
  EXPECT_EQ(peptide.at("runs").at(0).at("n_frames"), 50);
  const json& dynamics = peptide.at("runs").at(2);
  EXPECT_EQ(dynamics.at("role"), "OpenMM dynamics");
  EXPECT_EQ(dynamics.at("energy_evaluations"), 100);
  EXPECT_EQ(dynamics.at("n_frames"), 50);
  EXPECT_GT(dynamics.at("cpu_s"), 0.0);
  EXPECT_THAT(dynamics.at("exactness"), HasSubstr("approximate"));
  const json& summary = compared.at("summary").at("runs").at(0);
  EXPECT_EQ(summary.at("name"), "hmc");
  EXPECT_EQ(summary.at("n_peptides"), 2);
  EXPECT_THAT(read("compared/compare.html"), HasSubstr("<h2>Over all molecules</h2>"));

  // What is there is there.
  const auto before = times();
  const ProgramEnd again = good({"compare", "compare.toml", "--overwrite"});
  EXPECT_EQ(times(), before);
  EXPECT_THAT(again.err, Not(HasSubstr("resuming")));

  // Another deck is noticed, and only its runs are made again.
  write_deck(hmc_deck(11), "hmc.toml");
  const ProgramEnd refused =
      saltus({"compare", "compare.toml", "--set", "output.directory=elsewhere"});
  EXPECT_EQ(refused.exit_code, 65);
  EXPECT_THAT(refused.err, HasSubstr("error: peptide 'AG', run 'hmc': '"));
  EXPECT_THAT(refused.err, HasSubstr("evaluation/AG/hmc' holds a run by another deck: "
                                     "move[0].steps was 10 and is 11 now; use --overwrite to "
                                     "make it again, or another folder"));
  EXPECT_EQ(times(), before);
  EXPECT_THAT(good({"compare", "compare.toml", "--overwrite"}).err,
              HasSubstr("move[0].steps was 10 and is 11 now); it is made again"));
  for (const auto& [name, time] : times())
    EXPECT_EQ(time == before.at(name), name.find("hmc") == std::string::npos) << name;
}

TEST_F(RunsOfComparisons, AreNotBegunWhenTheyCannotBeCompared) {
  DeckText hot = hmc_deck();
  hot.ensemble = "temperature = \"350 K\"";
  write_deck(hot, "hmc.toml");
  const ProgramEnd refused = saltus({"compare", "compare.toml"});
  EXPECT_EQ(refused.exit_code, 65);
  EXPECT_THAT(refused.err, HasSubstr("hmc.toml: runs are at 350 K, those of "));
  EXPECT_FALSE(is_there("evaluation/AG/reference/trajectory.h5"));
  write_deck(hmc_deck(), "hmc.toml");
  const ProgramEnd end =
      saltus({"compare", "compare.toml", "--set", "openmm_dynamics.platform=\"Abacus\""});
  EXPECT_EQ(end.exit_code, 65);
  EXPECT_THAT(end.err, HasSubstr("error: openmm_dynamics.platform: 'Abacus' is not there; this "
                                 "OpenMM offers fastest, Reference"));
  EXPECT_FALSE(is_there("evaluation/AG/reference/trajectory.h5"));
}

TEST_F(RunsOfComparisons, AreNotBegunByAWrongDeck) {
  std::string text = kDeck;
  text.replace(text.find("\"GA\""), 4, "\"GX\"");
  text.replace(text.find("\"md.toml\""), 9, "\"nowhere.toml\"");
  write("wrong.toml", text);
  const ProgramEnd end = saltus({"compare", "wrong.toml"});
  EXPECT_EQ(end.exit_code, 65);
  EXPECT_THAT(end.err, HasSubstr("wrong.toml:5:20: peptides.sequences[1]: sequence 'GX': 'X' is no "
                                 "amino acid"));
  EXPECT_THAT(end.err, HasSubstr("wrong.toml:14:8: run[1].deck: no file \"nowhere.toml\""));
  EXPECT_THAT(end.err, HasSubstr("2 errors in wrong.toml"));
  EXPECT_FALSE(is_there("evaluation"));
}

}  // namespace
}  // namespace saltus::tests
