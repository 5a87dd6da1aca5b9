// Oracle: the deck a run was made with, summary.json read back, and what README and --help promise.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "io/hdf5/trajectory_reader.h"
#include "tests/e2e/program.h"

namespace saltus::tests {
namespace {

using nlohmann::json;
using testing::HasSubstr;

std::string with_line(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find("\n" + from);
  EXPECT_NE(at, std::string::npos) << from;
  if (at == std::string::npos) return text;
  const std::size_t end = text.find('\n', at + 1);
  return text.replace(at + 1, end - at - 1, to);
}

TEST_F(ProgramTest, HelpIsThereForEveryCommand) {
  const std::string help = good({"--help"}).out;
  EXPECT_EQ(good({"help"}).out, help);
  for (const char* command : {"run", "init", "check", "energy", "train", "report", "compare",
                              "info", "repair", "conformers", "merge"}) {
    EXPECT_THAT(help, HasSubstr(std::string("\n  ") + command + " "));
    const ProgramEnd end = good({command, "--help"});
    EXPECT_THAT(end.out, testing::StartsWith(std::string("Usage: saltus ") + command));
    EXPECT_THAT(end.out, HasSubstr("\nExamples:\n  saltus "));
    EXPECT_EQ(end.err, "");
  }
  EXPECT_THAT(good({"--version"}).out, testing::StartsWith("saltus "));
}

TEST_F(ProgramTest, TheDeckOfDefaultsIsADeckOnceItsHolesAreFilled) {
  std::string deck = good({"run", "--print-defaults"}).out;
  deck = with_line(deck, "#coordinates = ", "coordinates = \"ala.pdb\"");
  deck = with_line(deck, "#force_field = ", "force_field = [\"amber99sbildn.xml\"]");
  deck = with_line(deck, "#temperature = ", "temperature = \"300 K\"");
  deck = with_line(deck, "#directory = ", "directory = \"out\"");
  deck = with_line(deck, "#[[move]]", "[[move]]");
  deck = with_line(deck, "#kind = \"hmc\"", "kind = \"hmc\"");
  write("defaults.toml", deck);
  EXPECT_EQ(good({"check", "defaults.toml"}).out, "defaults.toml: the deck is fine\n");
  DeckText small;
  small.chains = small.energy = small.run = small.warm_up = "";
  small.moves = "[[move]]\nkind = \"hmc\"";
  small.ensemble = "temperature = \"300 K\"";
  small.energy_source = "force_field = [\"amber99sbildn.xml\"]";
  write_deck(small);
  // The same deck as one that leaves everything out, but for title and seed.
  EXPECT_EQ(good({"check", "defaults.toml", "--print-resolved", "--set", "seed=5", "--set",
                  "title='a test'"})
                .out,
            good({"check", "deck.toml", "--print-resolved"}).out);
}

TEST_F(ProgramTest, TheResolvedDeckSaysTheSameAgain) {
  write_deck({});
  const std::string resolved = good({"check", "deck.toml", "--print-resolved"}).out;
  write("resolved.toml", resolved);
  EXPECT_EQ(good({"check", "resolved.toml", "--print-resolved"}).out, resolved);
}

/// The kinds of moves that the deck of defaults shows, as messages list them.
std::string kinds_of_moves(const std::string& defaults) {
  const std::regex head("#\\[\\[move\\]\\]\n#kind = (\"[a-z_]+\")");
  std::vector<std::string> kinds;
  for (std::sregex_iterator found(defaults.begin(), defaults.end(), head), end; found != end;
       ++found)
    kinds.push_back(found->str(1));
  std::string text;
  for (std::size_t i = 0; i < kinds.size(); ++i)
    text += (i == 0 ? "" : i + 1 == kinds.size() ? " or " : ", ") + kinds[i];
  return text;
}

TEST_F(ProgramTest, CheckListsEverythingThatIsWrong) {
  DeckText deck;
  const std::string kinds = kinds_of_moves(good({"run", "--print-defaults"}).out);
  EXPECT_THAT(kinds, testing::StartsWith("\"hmc\", \"ghmc\", "));
  deck.coordinates = "nowhere.pdb";
  deck.chains = "count = 0";
  deck.run = "stesp = 3";
  deck.moves = "[[move]]\nkind = \"hcm\"";
  write_deck(deck);
  expect_error({"check", "deck.toml"}, 65,
               "deck.toml:5:15: system.coordinates: no file \"nowhere.pdb\"; paths count from the "
               "folder of the deck that holds them\n"
               "deck.toml:12:9: chains.count: expected an integer from 1 to 100000000, usually 64, "
               "got integer 0\n"
               "deck.toml:16:1: run.stesp: unknown key; did you mean \"steps\"?\n"
               "deck.toml:20:8: move[0].kind: expected " +
                   kinds +
                   ", got string \"hcm\"; did you mean "
                   "\"hmc\"?\n4 errors in deck.toml");
}

TEST_F(ProgramTest, OverridesReachTheRunAndItsFiles) {
  write_deck({});
  good({"run", "deck.toml", "--set", "ensemble.temperature=\"350 K\"", "--set", "run.steps=6",
        "--set", "move[0].steps=2", "--set", "output.trajectory=other.h5", "--no-report"});
  EXPECT_FALSE(std::filesystem::exists(file("out/report.html")));
  const json summary = json::parse(read("out/summary.json"));
  EXPECT_EQ(summary.at("temperatures_K"), json({350.0}));
  EXPECT_EQ(summary.at("n_steps"), 6);
  const io::TrajectoryReader reader(file("out/other.h5"));
  EXPECT_EQ(reader.observable("temperature", 0, 1), std::vector<double>(4, 350.0));
  EXPECT_THAT(reader.info().resolved_deck, HasSubstr("temperature = \"350 K\""));
}

TEST_F(ProgramTest, InfoTellsWhereATrajectoryComesFrom) {
  write_deck({});
  good({"run", "deck.toml"});
  const std::string info = good({"info", "out/trajectory.h5", "--deck"}).out;
  EXPECT_THAT(info, testing::StartsWith("title        a test\natoms        22\nchains       4\n"
                                        "frames       24 of each chain\nsteps        1 to 24\n"
                                        "seed         5\nforce field  amber99sbildn.xml + "
                                        "amber99_obc.xml\ndeck digest  "));
  EXPECT_THAT(info, HasSubstr("\nweights      equal\n"));
  EXPECT_THAT(info, HasSubstr("\nobservables  potential_energy temperature phi_2 psi_2\n"));
  const std::string resolved = good({"check", "deck.toml", "--print-resolved"}).out;
  EXPECT_EQ(info.substr(info.size() - resolved.size()), resolved);
}

TEST_F(ProgramTest, ATrajectoryThatIsWholeNeedsNoRepair) {
  write_deck({});
  good({"run", "deck.toml"});
  const std::string before = read("out/trajectory.h5");
  EXPECT_EQ(good({"repair", "out/trajectory.h5"}).out,
            "out/trajectory.h5: nothing to repair, 24 frames\n");
  EXPECT_EQ(read("out/trajectory.h5"), before);
}

TEST_F(ProgramTest, AReportMadeLaterIsTheReportOfTheRun) {
  write_deck({});
  good({"run", "deck.toml"});
  const std::string summary = read("out/summary.json"), report = read("out/report.html");
  std::filesystem::remove(file("out/summary.json"));
  std::filesystem::remove(file("out/report.html"));
  EXPECT_EQ(good({"report", "out/trajectory.h5"}).out,
            "summary: out/summary.json\nreport:  out/report.html\n");
  EXPECT_EQ(read("out/summary.json"), summary);
  EXPECT_EQ(read("out/report.html"), report);
}

TEST_F(ProgramTest, AReportWithoutACheckpointSaysWhatIsUnknown) {
  write_deck({});
  good({"run", "deck.toml"});
  std::filesystem::remove(file("out/trajectory.checkpoint"));
  good({"report", "out/trajectory.h5"});
  const json summary = json::parse(read("out/summary.json"));
  EXPECT_EQ(summary.at("moves"), json::array());
  EXPECT_EQ(summary.at("warnings").back(),
            "no checkpoint of this run was found beside the trajectory: acceptance, costs and "
            "comparisons are unknown, and so is whether all moves were exact");
}

TEST_F(ProgramTest, ARunWithFewFramesIsARunWithoutAReport) {
  write_deck({});
  for (const char* setting : {"run.steps=3", "run.frame_period=0"}) {
    const ProgramEnd end = good({"run", "deck.toml", "--quiet", "--overwrite", "--set", setting});
    const std::string stored = setting == std::string("run.steps=3") ? "3" : "0";
    EXPECT_EQ(end.out, "trajectory: out/trajectory.h5\n");
    EXPECT_EQ(end.err,
              "warning: no summary and no report: they need 4 frames of each chain, this run "
              "stored " +
                  stored + "\n");
    EXPECT_FALSE(std::filesystem::exists(file("out/summary.json")));
  }
}

/// Numbers of a page as machines see them: <data value="NUMBER">.
std::set<double> numbers_of(const std::string& page) {
  const std::regex element("<data value=\"([^\"]*)\">");
  std::set<double> numbers;
  for (auto at = std::sregex_iterator(page.begin(), page.end(), element);
       at != std::sregex_iterator(); ++at)
    numbers.insert(std::stod((*at)[1]));
  return numbers;
}

TEST_F(ProgramTest, TheReportPageStandsAloneAndShowsTheSummary) {
  DeckText deck;
  deck.moves += "\n[[move]]\nkind = \"torsion_walk\"";
  write_deck(deck);
  good({"run", "deck.toml"});
  const std::string page = read("out/report.html");
  EXPECT_THAT(page, testing::StartsWith("<!DOCTYPE html>"));
  EXPECT_THAT(page, testing::EndsWith("</html>\n"));
  // Nothing is fetched: no scripts, style sheets, images or frames but those inside.
  EXPECT_FALSE(std::regex_search(
      page, std::regex("(src|href|action|data)\\s*=\\s*\"(?!#|data:)|@import|url\\((?!#|data:)")));
  const json summary = json::parse(read("out/summary.json"));
  for (const char* key : {"title", "molecule", "exactness"})
    EXPECT_THAT(page, HasSubstr(summary.at(key).get<std::string>()));
  const std::set<double> numbers = numbers_of(page);
  const auto expect_shown = [&](const json& row, const std::vector<const char*>& keys) {
    EXPECT_THAT(page, HasSubstr(row.at("name").get<std::string>()));
    for (const char* key : keys) {
      if (!row.contains(key) || row.at(key).is_null()) continue;
      EXPECT_THAT(numbers, testing::Contains(row.at(key).get<double>())) << key << row.dump(1);
    }
  };
  for (const json& observable : summary.at("observables"))
    expect_shown(observable, {"mean", "mean_kJ_mol", "mean_error", "mean_error_kJ_mol",
                              "autocorrelation_time_steps", "effective_samples",
                              "effective_samples_error", "split_r_hat"});
  for (const json& move : summary.at("moves"))
    expect_shown(move, {"acceptance", "longest_rejection_run", "largest_log_ratio", "mean_work_kT",
                        "cpu_s", "energy_evaluations_per_application"});
  for (const json& warning : summary.at("warnings"))
    EXPECT_THAT(page, HasSubstr(warning.get<std::string>()));
  EXPECT_THAT(page, HasSubstr("kind = &quot;torsion_walk&quot;"));
}

TEST_F(ProgramTest, OutputThatCannotBeWrittenIsAnError) {
  write_deck({});
  // /dev/full takes nothing.
  std::filesystem::create_symlink("/dev/full", file("full"));
  const std::string command = std::string("cd ") + folder_.path() + " && " + program_path() +
                              " check deck.toml > full 2> errors";
  const int status = std::system(command.c_str());
  EXPECT_EQ(WEXITSTATUS(status), 74);
  EXPECT_EQ(read("errors"), "error: cannot write to standard output\n");
}

}  // namespace
}  // namespace saltus::tests
