// Oracle: exit codes of sysexits.h and what the program should say about trajectories that are not
// whole or no trajectories, written out by hand.
#include <gmock/gmock.h>

#include "tests/e2e/program.h"

namespace saltus::tests {
namespace {

constexpr int kInput = 65, kFile = 74;

class BadTrajectories : public ProgramTest {
 protected:
  /// All commands that read a trajectory say the same.
  void expect_refusal(const std::string& name, int exit_code, const std::string& reason) const {
    for (const char* command : {"report", "info", "repair"})
      expect_error({command, name}, exit_code, "cannot read trajectory '" + name + "': " + reason);
  }
};

TEST_F(BadTrajectories, ThatAreNotThere) {
  expect_refusal("no.h5", kFile, "No such file or directory");
}

TEST_F(BadTrajectories, ThatAreFolders) {
  std::filesystem::create_directory(file("out"));
  for (const char* command : {"report", "info", "repair"})
    expect_error({command, "out"}, kFile,
                 "'out' is a folder; name a file in it, such as 'out/trajectory.h5'");
}

TEST_F(BadTrajectories, ThatAreText) {
  write("text.h5", "hello\n");
  expect_refusal("text.h5", kInput, "it is not an HDF5 file");
}

TEST_F(BadTrajectories, ThatAreFilesOfOtherKinds) {
  write_deck({});
  write("list.smi", "CCO ethanol\n");
  const auto refuse = [&](const std::string& name, const std::string& what) {
    for (const char* command : {"report", "info", "repair"})
      expect_error({command, name}, kInput,
                   "'" + name + "' is no trajectory but, by its name, " + what);
  };
  refuse("ala.pdb", "a structure; 'saltus init' and 'saltus energy' read it");
  refuse("list.smi", "a list; 'saltus conformers' reads SMILES");
  refuse("deck.toml", "a deck; 'saltus check' reads it");
  expect_refusal("no.pdb", kFile, "No such file or directory");
}

TEST_F(BadTrajectories, ThatAreConformers) {
  write("list.smi", "CCO ethanol\nC((C bad\n");
  saltus({"conformers", "list.smi", "-n", "2", "-o", "conformers.h5", "--quiet"});
  for (const char* command : {"report", "repair"})
    expect_error({command, "conformers.h5"}, kInput,
                 "'conformers.h5' is no trajectory but conformers of 'saltus conformers'; 'saltus "
                 "info' describes them, 'saltus conformers --rescore' reads them");
  const std::string info = good({"info", "conformers.h5"}).out;
  EXPECT_THAT(info, testing::StartsWith("molecules    2, each stereoisomer counted\n"));
  EXPECT_THAT(info, testing::HasSubstr("\n  PARSE_SYNTAX       1\n"));
  EXPECT_THAT(info, testing::HasSubstr("\ncommand_line saltus conformers list.smi"));
}

TEST_F(BadTrajectories, ThatAreEmpty) {
  write("empty.h5", "");
  expect_refusal("empty.h5", kInput, "it is not an HDF5 file");
}

TEST_F(BadTrajectories, ThatAreCheckpoints) {
  write_deck({});
  good({"run", "deck.toml"});
  std::filesystem::rename(file("out/trajectory.checkpoint"), file("foreign.h5"));
  for (const char* command : {"report", "info", "repair"}) {
    const ProgramEnd end = saltus({command, "foreign.h5"});
    EXPECT_EQ(end.exit_code, kInput) << command;
    EXPECT_EQ(end.out, "");
    EXPECT_THAT(end.err, testing::HasSubstr("'foreign.h5': "));
  }
}

TEST_F(BadTrajectories, ThatAreCutShortAreSavedAsFarAsTheyGo) {
  DeckText deck;
  deck.moves = "[[move]]\nkind = \"ghmc\"\nsteps = 1";
  deck.run = "steps = 400\ncheckpoint_period = 50";
  write_deck(deck);
  good({"run", "deck.toml"});
  const std::string whole = read("out/trajectory.h5");
  write("cut.h5", whole.substr(0, whole.size() * 3 / 4));
  const std::string reason = "it is truncated, " + std::to_string(whole.size() * 3 / 4) + " of " +
                             std::to_string(whole.size()) +
                             " bytes are there; copy it again, or repair it to save its first "
                             "frames";
  for (const char* command : {"report", "info"})
    expect_error({command, "cut.h5"}, kFile, "cannot read trajectory 'cut.h5': " + reason);
  EXPECT_THAT(good({"repair", "cut.h5"}).out, testing::StartsWith("cut.h5: repaired, "));
  EXPECT_THAT(good({"info", "cut.h5"}).out, testing::StartsWith("title        a test\n"));
}

TEST_F(BadTrajectories, ThatAreTooShortForAReport) {
  write_deck({});
  good({"run", "deck.toml", "--set", "run.steps=3"});
  expect_error({"report", "out/trajectory.h5"}, kInput,
               "out/trajectory.h5: holds 3 frames of each chain, a report needs at least 4; run "
               "more steps or store frames more often (run.frame_period)");
}

TEST_F(BadTrajectories, WithACheckpointThatIsNone) {
  write_deck({});
  good({"run", "deck.toml"});
  write("out/trajectory.checkpoint", "hello\n");
  expect_error({"report", "out/trajectory.h5"}, kInput,
               "cannot read checkpoint 'out/trajectory.checkpoint': it is not a Saltus checkpoint");
}

}  // namespace
}  // namespace saltus::tests
