// Oracle: exit codes of sysexits.h (64 usage, 65 input, 70 software, 74 files) and what the program
// should say about commands, decks and output folders, written out by hand.
#include <gmock/gmock.h>

#include <filesystem>
#include <utility>

#include "tests/e2e/program.h"

namespace saltus::tests {
namespace {

using BadCommands = ProgramTest;
using BadDecks = ProgramTest;
using BadOutputs = ProgramTest;

constexpr int kUsage = 64, kInput = 65, kFile = 74;

TEST_F(BadCommands, OfNoName) {
  const ProgramEnd end = saltus({});
  EXPECT_EQ(end.exit_code, kUsage);
  EXPECT_EQ(end.out, "");
  EXPECT_THAT(end.err, testing::StartsWith("error: a command is missing\n\nsaltus "));
  EXPECT_THAT(end.err, testing::HasSubstr("\n  repair      repair the trajectory"));
}

TEST_F(BadCommands, OfNamesNobodyKnows) {
  expect_error({"rnu"}, kUsage, "'rnu' is not a command; did you mean 'run'? See 'saltus --help'");
  expect_error({"dance"}, kUsage, "'dance' is not a command. See 'saltus --help'");
}

TEST_F(BadCommands, WithOptionsThatDoNotExist) {
  expect_error({"run", "deck.toml", "--bogus"}, kUsage,
               "saltus run: unrecognised option '--bogus'; see 'saltus run --help'");
  // Options are not guessed from their beginnings.
  expect_error({"run", "deck.toml", "--over"}, kUsage,
               "saltus run: unrecognised option '--over'; did you mean '--overwrite'? See 'saltus "
               "run --help'");
  expect_error({"solvate", "ala.pdb", "--paddign=1nm"}, kUsage,
               "saltus solvate: unrecognised option '--paddign=1nm'; did you mean '--padding'? See "
               "'saltus solvate --help'");
  expect_error({"run", "deck.toml", "--set"}, kUsage,
               "saltus run: the required argument for option '--set' is missing; see 'saltus run "
               "--help'");
  // The next option is no value, and no file of its name is written.
  expect_error({"conformers", "list.smi", "-o", "out.sdf", "--html", "--overwrite"}, 1,
               "saltus conformers: option '--html' needs a value, but '--overwrite' follows, which "
               "is an option; see 'saltus conformers --help'");
  expect_error({"run", "deck.toml", "--set", "--resume"}, kUsage,
               "saltus run: option '--set' needs a value, but '--resume' follows, which is an "
               "option; see 'saltus run --help'");
}

TEST_F(BadCommands, WithTooFewOrTooManyFiles) {
  const std::pair<const char*, const char*> wanted[] = {
      {"run", "FILE"}, {"init", "FILE"}, {"check", "DECK"}, {"energy", "DECK"}, {"train", "DECK"}};
  for (const auto& [command, argument] : wanted)
    expect_error({command}, kUsage,
                 std::string("saltus ") + command + ": " + argument + " is missing; see 'saltus " +
                     command + " --help'");
  expect_error({"report"}, kUsage,
               "saltus report: TRAJECTORY is missing; see 'saltus report --help'");
  expect_error({"check", "a.toml", "b.toml"}, kUsage,
               "saltus check: expected one DECK, got also 'b.toml'; see 'saltus check --help'");
}

TEST_F(BadCommands, WithOptionsThatContradict) {
  write_deck({});
  expect_error({"run", "deck.toml", "--resume", "--overwrite"}, kUsage,
               "saltus run: --resume and --overwrite exclude each other");
  expect_error({"energy", "deck.toml", "--backend", "amber"}, kUsage,
               "saltus energy: --backend: expected native or openmm, got 'amber'");
  expect_error({"train", "deck.toml"}, kInput,
               "saltus train: the deck must have a learned_leap or timewarp move and leap.model = "
               "\"train\"");
}

TEST_F(BadDecks, ThatAreNotThere) {
  expect_error({"run", "deck.toml"}, kFile, "deck.toml: cannot be opened for reading");
  expect_error({"check", "."}, kFile, ".: is a folder; name a deck file, such as \"./deck.toml\"");
}

TEST_F(BadDecks, ThatAreNotToml) {
  write("deck.toml", "schema = 1\n[system\n");
  expect_error({"check", "deck.toml"}, kInput,
               "deck.toml:2:8: not valid TOML: Error while parsing table header: expected ']', saw "
               "'\\n'");
}

TEST_F(BadDecks, ByOverrides) {
  write_deck({});
  expect_error({"check", "deck.toml", "--set", "run.steps"}, kUsage,
               "--set run.steps: expected path=value, such as ensemble.temperature=350K or "
               "move[0].steps=20");
  expect_error({"run", "deck.toml", "--set", "run.steps=-4", "--set", "sede=3"}, kInput,
               "--set run.steps=-4: run.steps: expected an integer from 0 to 1000000000000, "
               "usually 1000, got integer -4\n"
               "--set sede=3: sede: unknown key; did you mean \"seed\"?\n"
               "2 errors in deck.toml");
}

TEST_F(BadDecks, WithNumbersBeyondSixtyFourBits) {
  DeckText deck;
  deck.run = "steps = 99999999999999999999";
  write_deck(deck);
  const ProgramEnd end = saltus({"check", "deck.toml"});
  EXPECT_EQ(end.exit_code, kInput);
  EXPECT_THAT(end.err,
              testing::HasSubstr("'99999999999999999999' is not representable in 64 bits"));
  write_deck({});
  for (const char* value : {"99999999999999999999", "-9_999_999_999_999_999_999", "1e400"}) {
    const std::string set = std::string("run.steps=") + value;
    expect_error({"check", "deck.toml", "--set", set}, kUsage,
                 "--set " + set +
                     ": the number cannot be represented: integers end at 9223372036854775807, "
                     "real numbers at about 1.8e308");
  }
  // Texts of digits, and numbers that fit, are none of them.
  good({"check", "deck.toml", "--set", "title=007", "--set", "run.steps=999999999999"});
}

TEST_F(BadDecks, WithNumbersThatMeanNothing) {
  write_deck({});
  struct Case {
    std::string set, key, expected;
  };
  for (const Case& c : {Case{"ensemble.temperature=1e9 K", "ensemble.temperature",
                             "a temperature from 0.001 K to 1e+05 K, usually 300 K"},
                        Case{"move[0].time_step=1e300 fs", "move[0].time_step",
                             "a time from 1e-06 fs to 100 fs, usually 1 fs"},
                        Case{"run.steps=1000000000000000000", "run.steps",
                             "an integer from 0 to 1000000000000, usually 1000"},
                        Case{"system.hydrogen_mass=1e300", "system.hydrogen_mass",
                             "a mass from 0.1 amu to 20 amu, usually 3 amu"}}) {
    const ProgramEnd end = saltus({"check", "deck.toml", "--set", c.set});
    EXPECT_EQ(end.exit_code, kInput) << c.set;
    EXPECT_THAT(end.err, testing::HasSubstr("error: --set " + c.set + ": " + c.key + ": expected " +
                                            c.expected + ", got "));
  }
}

TEST_F(BadDecks, WithMoreThanAMachineHas) {
  write_deck({});
  const ProgramEnd chains = saltus({"check", "deck.toml", "--set", "chains.count=100000000"});
  EXPECT_EQ(chains.exit_code, kInput);
  EXPECT_THAT(chains.err,
              testing::ContainsRegex("error: --set chains.count=100000000: chains.count: "
                                     "100000000 chains of 22 atoms take about [0-9.]+ [GT]B of "
                                     "memory, but this machine has [0-9.]+ [GT]B; use fewer "
                                     "chains\n$"));
  expect_error({"check", "deck.toml", "--set", "energy.threads=1000000000000"}, kInput,
               "--set energy.threads=1000000000000: energy.threads: expected an integer from 0 to "
               "1024, usually 0, got integer 1000000000000\n1 error in deck.toml");
}

TEST_F(BadDecks, WithSectionsThatDoNotFit) {
  DeckText deck;
  deck.ensemble = "temperatures = [\"310 K\", \"400 K\"]";
  write_deck(deck);
  expect_error({"run", "deck.toml"}, kInput,
               "deck.toml:8:16: ensemble.temperatures: a ladder needs a [[move]] of kind "
               "\"replica_exchange\"\n1 error in deck.toml");
  deck = {};
  deck.moves = "[[move]]\nkind = \"learned_leap\"";
  deck.more = "[pilot]\nlength = \"30 ps\"\n[leap]\nmodel = \"train\"\nlag = \"12 ps\"";
  write_deck(deck);
  expect_error({"run", "deck.toml"}, kInput,
               "deck.toml:25:7: leap.lag: expected less than what the pilot keeps (10 ps), got 12 "
               "ps\n1 error in deck.toml");
}

TEST_F(BadOutputs, InFoldersThatCannotBe) {
  write_deck({});
  expect_error({"run", "deck.toml", "--set", "output.directory=ala.pdb/out"}, kFile,
               "output.directory: cannot create 'ala.pdb/out': Not a directory");
  expect_error({"run", "deck.toml", "--set", "output.directory=ala.pdb"}, kFile,
               "output.directory: cannot create 'ala.pdb': Not a directory");
  // No user can make a folder there, not even the superuser; a bare chroot may lack it.
  if (std::filesystem::exists("/proc/self"))
    expect_error({"run", "deck.toml", "--set", "output.directory=/proc/out"}, kFile,
                 "output.directory: cannot create '/proc/out': No such file or directory");
}

TEST_F(BadOutputs, WithNamesThatCannotBe) {
  write_deck({});
  const std::string name = std::string(300, 'a') + ".h5";
  expect_error({"run", "deck.toml", "--set", "output.trajectory=" + name}, kFile,
               "'out/" + name + "': File name too long");
  std::filesystem::create_directories(file("out/trajectory.checkpoint/something"));
  expect_error({"run", "deck.toml"}, kFile, "'out/trajectory.checkpoint': Directory not empty");
}

TEST_F(BadOutputs, ThatAreThereAlready) {
  write_deck({});
  good({"run", "deck.toml"});
  const std::string before = read("out/trajectory.h5");
  expect_error({"run", "deck.toml"}, kFile,
               "'out/trajectory.h5' exists: use --resume to continue that run, --overwrite to "
               "start again, or another output.directory");
  EXPECT_EQ(read("out/trajectory.h5"), before);
}

TEST_F(BadOutputs, ThatCannotBeResumed) {
  write_deck({});
  expect_error({"run", "deck.toml", "--resume"}, kFile,
               "--resume: there is no checkpoint 'out/trajectory.checkpoint'; the run was "
               "interrupted before its first checkpoint, start it again with --overwrite");
  good({"run", "deck.toml"});
  const std::string before = read("out/trajectory.h5");
  expect_error({"run", "deck.toml", "--resume", "--set", "seed=9"}, kInput,
               "--resume: 'out/trajectory.checkpoint' belongs to a run with another deck: seed was "
               "5 and is 9 now; a run can be resumed only with the deck it was started with "
               "(saltus info shows it)");
  EXPECT_EQ(read("out/trajectory.h5"), before);
  std::filesystem::rename(file("out/trajectory.h5"), file("elsewhere.h5"));
  expect_error({"run", "deck.toml", "--resume"}, kFile,
               "cannot read trajectory 'out/trajectory.h5': No such file or directory");
  std::filesystem::rename(file("elsewhere.h5"), file("out/trajectory.h5"));
  write("out/trajectory.checkpoint", "not a checkpoint");
  expect_error({"run", "deck.toml", "--resume"}, kInput,
               "cannot read checkpoint 'out/trajectory.checkpoint': it is not a Saltus checkpoint");
}

}  // namespace
}  // namespace saltus::tests
