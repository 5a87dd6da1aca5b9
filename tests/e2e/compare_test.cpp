// Oracle: two tiny runs, and what --help of compare promises of them.
#include <gmock/gmock.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/e2e/program.h"

namespace saltus::tests {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr char kDeck[] = R"(schema = 1
title = "Tiny <runs>"
threads = 1
[distances]
frames = 20
curve_frames = 10
curve_points = 2
[output]
directory = "compared"
[[peptide]]
name = "alanine dipeptide"
reference = "reference/trajectory.h5"
[[peptide.run]]
name = "hmc"
trajectory = "out/trajectory.h5"
training_energy_evaluations = 500
[[peptide.run]]
name = "again"
role = "plain_dynamics"
trajectory = "reference/trajectory.h5"
)";

class ComparedPrograms : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    write_deck({});
    good({"run", "deck.toml", "--no-report"});
    good({"run", "deck.toml", "--no-report", "--set", "seed=9", "--set",
          "output.directory=reference"});
    write("compare.toml", kDeck);
  }
};

TEST_F(ComparedPrograms, WriteOnePageAndOneJson) {
  EXPECT_EQ(good({"compare", "compare.toml"}).out,
            "numbers: compared/compare.json\npage:    compared/compare.html\n");
  const json compared = json::parse(read("compared/compare.json"));
  const json& peptide = compared.at("peptides").at(0);
  EXPECT_EQ(peptide.at("reference").at("n_chains"), 4);
  EXPECT_EQ(peptide.at("reference").at("n_frames"), 24);
  EXPECT_EQ(peptide.at("reference").at("temperature_K"), 310.0);
  const json& run = peptide.at("runs").at(0);
  EXPECT_EQ(run.at("exactness"), "exact");
  const double evaluations = run.at("energy_evaluations");
  EXPECT_EQ(evaluations, json::parse(read("out/summary.json"))
                             .at("samplers")
                             .at(0)
                             .at("energy_evaluations")
                             .get<double>());
  EXPECT_EQ(run.at("distances").at("n_frames"), 20);
  EXPECT_GT(run.at("distances").at("torus_w2_rad").at("value"), 0.0);
  EXPECT_GT(run.at("distances").at("torus_w2_rad").at("floor"), 0.0);
  EXPECT_EQ(run.at("distances_along_run").at(1).at("energy_evaluations"), 500.0 + evaluations);
  EXPECT_EQ(run.at("speed_ups").at(0).at("reference"), "plain dynamics");
  EXPECT_THAT(run.at("remarks").dump(), HasSubstr("no speed-up over OpenMM's dynamics"));
  // The reference compared with itself: nothing apart, nothing missed.
  const json& again = peptide.at("runs").at(1);
  EXPECT_EQ(again.at("distances").at("energy_w1_kT").at("value"), 0.0);
  EXPECT_EQ(again.at("distances").at("tica_w2").at("value"), 0.0);
  // Its deck says nothing of preparation, so that what the run has recorded counts.
  double spent = again.at("energy_evaluations");
  const json reference = json::parse(read("reference/summary.json"));
  for (const json& stage : reference.at("preparation"))
    spent += stage.at("energy_evaluations").get<double>();
  EXPECT_GT(spent, again.at("energy_evaluations").get<double>());
  EXPECT_EQ(again.at("distances_along_run").at(1).at("energy_evaluations"), spent);
  EXPECT_EQ(again.at("n_missed_states"), 0);
  const std::string page = read("compared/compare.html");
  EXPECT_THAT(page, HasSubstr("Tiny &lt;runs&gt;"));
  EXPECT_THAT(page, HasSubstr("<h2>alanine dipeptide</h2>"));
  EXPECT_THAT(page, HasSubstr("<svg"));
}

TEST_F(ComparedPrograms, DoNotReplaceAnEarlierComparison) {
  good({"compare", "compare.toml"});
  expect_error({"compare", "compare.toml"}, 74,
               "'compared/compare.html' exists: use --overwrite to replace it, or another "
               "output.directory");
  good({"compare", "compare.toml", "--overwrite"});
}

TEST_F(ComparedPrograms, RefuseAnotherTemperature) {
  good({"run", "deck.toml", "--no-report", "--overwrite", "--set",
        "ensemble.temperature=\"350 K\""});
  expect_error({"compare", "compare.toml"}, 65,
               "peptide 'alanine dipeptide', run 'hmc': out/trajectory.h5: is at 350 K, the "
               "reference at 310 K");
}

TEST_F(ComparedPrograms, SayWhatIsUnknownWithoutACheckpoint) {
  std::filesystem::remove(file("out/trajectory.checkpoint"));
  good({"compare", "compare.toml"});
  const json compared = json::parse(read("compared/compare.json"));
  const json& run = compared.at("peptides").at(0).at("runs").at(0);
  EXPECT_TRUE(run.at("cpu_s").is_null());
  EXPECT_EQ(run.at("exactness"), "unknown");
  EXPECT_TRUE(run.at("speed_ups").at(0).at("per_cpu_s").is_null());
}

TEST_F(ProgramTest, CompareNamesFileAndLineOfAWrongDeck) {
  write("compare.toml",
        "schema = 1\n[output]\ndirectory = \"out\"\n[[peptide]]\nname = \"A\"\n"
        "reference = \"nowhere.h5\"\n[[peptide.run]]\nname = \"a\"\n"
        "trajectory = \"ala.pdb\"\n");
  expect_error({"compare", "compare.toml"}, 65,
               "compare.toml:6:13: peptide[0].reference: no file \"nowhere.h5\"; paths count from "
               "the folder of the deck that holds them\n1 error in compare.toml");
  expect_error({"compare"}, 64, "saltus compare: DECK is missing; see 'saltus compare --help'");
}

}  // namespace
}  // namespace saltus::tests
