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

TEST_F(BadTrajectories, ThatAreText) {
  write("text.h5", "hello\n");
  expect_refusal("text.h5", kInput, "it is not an HDF5 file");
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
