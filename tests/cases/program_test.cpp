// Oracle: what a file is, how long an answer takes, and the same run without interruption.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <thread>

#include "io/hdf5/checkpoint_file.h"
#include "tests/cases/cases.h"
#include "tests/e2e/trajectories.h"

namespace saltus::tests {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr int kInput = 65, kFile = 74, kWrongCall = 1, kInterrupted = 130;
constexpr auto kSoon = std::chrono::seconds(20);

class Program : public ProgramTest {
 protected:
  /// Runs the program; one that does not end soon is killed, and a failure.
  ProgramEnd soon(const std::vector<std::string>& arguments) const {
    RunningProgram program(arguments, folder_.path());
    const auto start = std::chrono::steady_clock::now();
    while (!program.has_ended() && std::chrono::steady_clock::now() - start < kSoon)
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    if (!program.has_ended()) {
      ADD_FAILURE() << "hangs: " << testing::PrintToString(arguments);
      program.send(SIGKILL);
    }
    return program.wait();
  }
  void expect_refusal(const std::vector<std::string>& arguments, int exit_code,
                      const std::string& words) const {
    const ProgramEnd end = soon(arguments);
    SCOPED_TRACE(testing::PrintToString(arguments));
    EXPECT_EQ(end.exit_code, exit_code) << end.err;
    EXPECT_THAT(end.err, HasSubstr(words));
  }
  void make_fifo(const std::string& name) const {
    fs::create_directories(fs::path(file(name)).parent_path());
    ASSERT_EQ(mkfifo(file(name).c_str(), 0600), 0) << name;
  }
  bool is_there(const std::string& name) const { return fs::exists(file(name)); }
  template <class Condition>
  static void wait_until(RunningProgram& program, const Condition& condition) {
    while (!condition() && !program.has_ended())
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
};

constexpr char kPipe[] = "is a named pipe (FIFO), expected ";

class Pipes : public Program {};

TEST_F(Pipes, AsInputsOfRunsAreRefused) {
  make_fifo("pipe.toml");
  for (const char* command : {"run", "check", "energy", "train"})
    expect_refusal({command, "pipe.toml"}, kFile, std::string("pipe.toml: ") + kPipe);
  write("include.toml", "include = [\"pipe.toml\"]\nschema = 1\n");
  expect_refusal({"check", "include.toml"}, kInput, std::string("pipe.toml: ") + kPipe);

  make_fifo("pipe.pdb");
  DeckText deck;
  deck.coordinates = "pipe.pdb";
  write_deck(deck);
  expect_refusal({"run", "deck.toml"}, kInput, std::string("'pipe.pdb' ") + kPipe);
  deck.coordinates = "ala.pdb";
  for (const char* key :
       {"system_xml = \"pipe.x\"", "topology = \"pipe.x\"", "force_field = [\"pipe.x\"]"}) {
    if (!is_there("pipe.x")) make_fifo("pipe.x");
    deck.energy_source = key;
    write_deck(deck);
    expect_refusal({"energy", "deck.toml"}, kInput, std::string("'pipe.x' ") + kPipe);
  }
  make_fifo("included.xml");
  write("outer.xml", "<ForceField><Include file=\"included.xml\"/></ForceField>\n");
  deck.energy_source = "force_field = [\"outer.xml\"]";
  write_deck(deck);
  const ProgramEnd end = soon({"energy", "deck.toml"});
  EXPECT_NE(end.exit_code, 0);
  EXPECT_THAT(end.err, HasSubstr("included.xml"));
}

TEST_F(Pipes, AsInputsOfOtherCommandsAreRefused) {
  make_fifo("pipe.sdf");
  expect_refusal({"energy", "pipe.sdf", "--force-field", "mmff94"}, kFile,
                 std::string("pipe.sdf: ") + kPipe);
  expect_refusal({"conformers", "pipe.sdf", "-o", "o.sdf"}, kWrongCall,
                 std::string("pipe.sdf: ") + kPipe);
  make_fifo("pipe.smi");
  expect_refusal({"conformers", "pipe.smi", "-o", "o.sdf"}, kWrongCall,
                 std::string("pipe.smi: ") + kPipe);
  make_fifo("pipe.h5");
  for (const char* command : {"info", "report", "repair"})
    expect_refusal({command, "pipe.h5"}, kFile, kPipe);
  make_fifo("pipe.pt");
  expect_refusal({"info", "pipe.pt"}, kInput,
                 "pipe.pt: this is a device or a pipe; a model is read from a regular file");
  // An empty list, it was said.
  fs::create_symlink("/dev/null", file("device.smi"));
  expect_refusal({"conformers", "device.smi", "-o", "o.sdf"}, kWrongCall,
                 "device.smi: is a device, expected a regular file");
}

TEST_F(Pipes, AsOutputsOfRunsAreRefused) {
  write_deck({});
  for (const char* name : {"trajectory.h5", "trajectory.h5.new", "trajectory.checkpoint",
                           "trajectory.checkpoint.new", "summary.json", "report.html"}) {
    fs::remove_all(file("out"));
    make_fifo(std::string("out/") + name);
    expect_refusal({"run", "deck.toml", "--overwrite"}, kFile, kPipe);
  }
}

TEST_F(Pipes, AsOutputsOfConformersAreRefused) {
  write("list.smi", "CCO ethanol\n");
  const std::vector<std::pair<std::string, std::string>> outputs = {
      {"-o", "x.sdf"},       {"-o", "x.sdf.gz"},    {"-o", "x.xyz"},  {"-o", "x.h5"},
      {"--report", "r.csv"}, {"--failed", "f.smi"}, {"--log", "log"}, {"--html", "p.html"}};
  for (const auto& [option, name] : outputs) {
    make_fifo(name);
    std::vector<std::string> arguments = {"conformers",  "list.smi", "--quiet",
                                          "--overwrite", option,     name};
    if (option != "-o") arguments.insert(arguments.end(), {"-o", "o.sdf"});
    expect_refusal(arguments, kWrongCall, kPipe);
  }
  make_fifo("y.sdf.new");
  expect_refusal({"conformers", "list.smi", "--quiet", "-o", "y.sdf"}, kWrongCall, kPipe);
}

TEST_F(Pipes, OfShellsCanBeRead) {
  const std::string program = program_path();
  const auto shell = [&](const std::string& command) {
    const std::string all = "cd " + folder_.path() + " && " + command + " 2> said";
    return std::system(("bash -c '" + all + "'").c_str());
  };
  EXPECT_EQ(shell("echo CCO ethanol | " + program +
                  " conformers - --in-format smi --quiet -n 1 -o dash.sdf"),
            0)
      << read("said");
  EXPECT_EQ(shell("echo CCO ethanol | " + program +
                  " conformers /dev/stdin --in-format smi --quiet -n 1 -o stdin.sdf"),
            0)
      << read("said");
  EXPECT_EQ(
      shell(program + " conformers <(echo CCO ethanol) --in-format smi --quiet -n 1 -o fd.sdf"), 0)
      << read("said");
  EXPECT_EQ(read("stdin.sdf"), read("dash.sdf"));
  EXPECT_EQ(read("fd.sdf"), read("dash.sdf"));
}

TEST_F(Pipes, ThatBringNothingCanBeLeft) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const int before = dup(STDIN_FILENO);
  ASSERT_EQ(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
  fcntl(ends[1], F_SETFD, FD_CLOEXEC);
  RunningProgram program({"conformers", "-", "--in-format", "smi", "--quiet", "-o", "o.sdf"},
                         folder_.path());
  dup2(before, STDIN_FILENO);
  // Its outputs are begun when something has come; then it waits for the next record.
  const std::string first = "CCO ethanol\n";
  ASSERT_EQ(::write(ends[1], first.data(), first.size()), static_cast<ssize_t>(first.size()));
  wait_until(program, [&] { return is_there("o.sdf.new"); });
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  program.send(SIGTERM);
  const auto start = std::chrono::steady_clock::now();
  while (!program.has_ended() && std::chrono::steady_clock::now() - start < kSoon)
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  EXPECT_TRUE(program.has_ended()) << "deaf to SIGTERM";
  if (!program.has_ended()) program.send(SIGKILL);
  EXPECT_EQ(program.wait().exit_code, kInterrupted);
  for (const int descriptor : {before, ends[0], ends[1]}) close(descriptor);
}

class Outputs : public Program {};

TEST_F(Outputs, BehindLinksThatLeadNowhereAreRefused) {
  write("list.smi", "CCO ethanol\n");
  fs::create_symlink("gone/x", file("link.sdf"));
  for (const char* option : {"-o", "--report", "--failed", "--log", "--html"}) {
    std::vector<std::string> arguments = {"conformers", "list.smi", "--quiet", option, "link.sdf"};
    if (std::string(option) != "-o") arguments.insert(arguments.end(), {"-o", "o.sdf"});
    expect_refusal(arguments, kWrongCall,
                   "cannot write 'link.sdf': it is a symbolic link to 'gone/x', which does not "
                   "exist; remove the link, or make what it leads to");
    arguments.emplace_back("--overwrite");
    expect_refusal(arguments, kWrongCall, "symbolic link to 'gone/x'");
  }
  fs::create_symlink("gone", file("folder"));
  expect_refusal({"conformers", "list.smi", "--quiet", "--split", "folder"}, kWrongCall,
                 "cannot write 'folder': it is a symbolic link to 'gone'");
  write_deck({});
  fs::create_symlink("gone", file("out"));
  expect_refusal({"run", "deck.toml"}, kFile, "'out': it is a symbolic link to 'gone'");
  fs::remove(file("out"));
  fs::create_directory(file("out"));
  fs::create_symlink("gone", file("out/trajectory.h5"));
  expect_refusal({"run", "deck.toml"}, kFile, "it is a symbolic link to 'gone'");
}

TEST_F(Outputs, BehindLinksAreWrittenThere) {
  write("list.smi", "CCO ethanol\n");
  write("target.sdf", "old");
  fs::create_symlink("target.sdf", file("link.sdf"));
  good({"conformers", "list.smi", "--quiet", "-n", "1", "-o", "link.sdf", "--overwrite"});
  EXPECT_TRUE(fs::is_symlink(file("link.sdf")));
  EXPECT_THAT(read("target.sdf"), HasSubstr("ethanol"));
  // A folder behind a link, on a disk with more room.
  fs::create_directory(file("scratch"));
  fs::create_symlink("scratch", file("out"));
  write_deck({});
  good({"run", "deck.toml", "--no-report"});
  EXPECT_TRUE(is_there("scratch/trajectory.h5"));
}

TEST_F(Outputs, ThatAreInputsAreRefused) {
  write("list.smi", "CCO ethanol\n");
  const std::string list = read("list.smi");
  fs::create_symlink("list.smi", file("same.sdf"));
  expect_refusal({"conformers", "list.smi", "--quiet", "-o", "same.sdf", "--overwrite"}, kWrongCall,
                 "cannot write 'same.sdf': it is the input 'list.smi'");
  expect_refusal(
      {"conformers", "list.smi", "--quiet", "-o", "o.sdf", "--failed", "list.smi", "--overwrite"},
      kWrongCall, "cannot write 'list.smi': it is the input 'list.smi'");
  expect_refusal(
      {"conformers", "list.smi", "--quiet", "-o", "o.sdf", "--log", "./list.smi", "--overwrite"},
      kWrongCall, "it is the input 'list.smi'");
  EXPECT_EQ(read("list.smi"), list);
}

TEST_F(Outputs, ThatAreFoldersAreRefusedAtOnce) {
  write("list.smi", "CCO ethanol\n");
  fs::create_directory(file("folder.sdf"));
  expect_refusal({"conformers", "list.smi", "--quiet", "-o", "folder.sdf", "--overwrite"},
                 kWrongCall,
                 "cannot write 'folder.sdf': it is a folder, expected the name of a file");
}

DeckText long_deck() {
  DeckText deck;
  deck.moves = "[[move]]\nkind = \"ghmc\"\nsteps = 2";
  deck.run = "steps = 1500\nframe_period = 3\ncheckpoint_period = 10";
  return deck;
}

class Resuming : public Program {
 protected:
  /// Starts a run and sends a signal when it has a checkpoint of some step.
  ProgramEnd interrupt(int signal) const {
    RunningProgram program({"run", "deck.toml"}, folder_.path());
    wait_until(program, [&] {
      return is_there("out/trajectory.checkpoint") &&
             io::read_checkpoint(file("out/trajectory.checkpoint")).step > 0;
    });
    program.send(signal);
    return program.wait();
  }
};

TEST_F(Resuming, NamesTheKeysThatDiffer) {
  write_deck(long_deck());
  ASSERT_EQ(interrupt(SIGTERM).exit_code, kInterrupted);
  const std::string start =
      "--resume: 'out/trajectory.checkpoint' belongs to a run with another deck: ";
  const std::string end =
      "; a run can be resumed only with the deck it was started with (saltus info shows it)";
  const auto refused = [&](const std::vector<std::string>& overrides, const std::string& what) {
    std::vector<std::string> arguments = {"run", "deck.toml", "--resume"};
    for (const std::string& text : overrides) arguments.insert(arguments.end(), {"--set", text});
    expect_error(arguments, kInput, start + what + end);
  };
  refused({"ensemble.temperature=\"300 K\""},
          "ensemble.temperature was \"310 K\" and is \"300 K\" now");
  refused({"seed=9", "chains.count=5"}, "seed was 5 and is 9 now; chains.count was 4 and is 5 now");
  refused({"move[0].steps=3"}, "move[0].steps was 2 and is 3 now");
  refused({"system.nonbonded=\"cutoff\""},
          "system.nonbonded was \"no_cutoff\" and is \"cutoff\" now; system.cutoff was not given "
          "and is \"2 nm\" now; system.switching_distance was not given and is \"0 nm\" now");
  // The molecule is another one, though its file is called as before.
  std::string pdb = read("ala.pdb");
  pdb.replace(pdb.find("-2.791"), 6, "-2.792");
  write("ala.pdb", pdb);
  const ProgramEnd other = saltus({"run", "deck.toml", "--resume"});
  EXPECT_EQ(other.exit_code, kInput);
  EXPECT_THAT(other.err, HasSubstr("system.coordinates was a file with SHA-256 "));
}

TEST_F(Resuming, GoesOnInAFolderThatWasMoved) {
  DeckText deck = long_deck();
  deck.coordinates = file("ala.pdb");  // with its whole path
  write_deck(deck);
  good({"run", "deck.toml", "--no-report", "--set", "output.directory=whole"});
  ASSERT_EQ(interrupt(SIGTERM).exit_code, kInterrupted);
  fs::create_directory(file("elsewhere"));
  for (const char* name : {"out", "ala.pdb"}) fs::rename(file(name), file("elsewhere/") + name);
  deck.coordinates = "molecule.pdb";
  fs::rename(file("elsewhere/ala.pdb"), file("elsewhere/molecule.pdb"));
  fs::rename(file("elsewhere/out"), file("elsewhere/results"));
  deck.output = "directory = \"elsewhere/results\"";
  deck.energy = "threads = 2";
  write_deck(deck, "elsewhere/deck.toml");
  const ProgramEnd end = good({"run", "elsewhere/deck.toml", "--resume"});
  EXPECT_THAT(end.err, AllOf(HasSubstr("resuming after step "),
                             HasSubstr("output.directory was \"out\" and is")));
  expect_same_frames(file("elsewhere/results/trajectory.h5"), file("whole/trajectory.h5"));
}

TEST_F(Resuming, GoesOnForLonger) {
  write_deck({});
  good({"run", "deck.toml", "--set", "run.steps=30", "--set", "output.directory=whole"});
  good({"run", "deck.toml"});
  const ProgramEnd end =
      good({"run", "deck.toml", "--resume", "--set", "run.steps=30", "--set", "title=\"longer\""});
  EXPECT_THAT(end.err, AllOf(HasSubstr("run.steps was 24 and is 30 now"),
                             HasSubstr("title was \"a test\" and is \"longer\" now")));
  EXPECT_EQ(expect_same_frames(file("out/trajectory.h5"), file("whole/trajectory.h5")), 30u);
}

TEST_F(Resuming, GoesOnWithConformersInAFolderThatWasMoved) {
  std::string list;
  for (int i = 0; i < 40; ++i) list += "CCCCCCO alcohol" + std::to_string(i) + "\n";
  fs::create_directory(file("here"));
  write("here/list.smi", list);
  const auto call = [&](const std::string& folder) {
    return std::vector<std::string>{
        "conformers", file(folder + "/list.smi"), "--quiet", "-n", "2", "-j", "1",
        "-o",         file(folder + "/o.sdf")};
  };
  {
    RunningProgram program(call("here"), folder_.path());
    wait_until(program, [&] { return is_there("here/o.sdf.progress"); });
    program.send(SIGTERM);
    ASSERT_EQ(program.wait().exit_code, kInterrupted);
  }
  fs::rename(file("here"), file("there"));
  auto arguments = call("there");
  arguments.emplace_back("--resume");
  good(arguments);
  const std::string made = read("there/o.sdf");
  EXPECT_THAT(made, AllOf(HasSubstr("alcohol0\n"), HasSubstr("alcohol39\n")));
}

TEST_F(Resuming, IsPossibleAfterSighup) {
  write_deck(long_deck());
  good({"run", "deck.toml", "--no-report", "--set", "output.directory=whole"});
  const ProgramEnd end = interrupt(SIGHUP);
  EXPECT_EQ(end.exit_code, kInterrupted);
  EXPECT_THAT(end.out, HasSubstr("interrupted; everything up to here is saved"));
  good({"run", "deck.toml", "--resume"});
  expect_same_frames(file("out/trajectory.h5"), file("whole/trajectory.h5"));
}

TEST_F(Resuming, ConformersAreSavedAfterSighup) {
  std::string list;
  for (int i = 0; i < 40; ++i) list += "CCCCCCO alcohol" + std::to_string(i) + "\n";
  write("list.smi", list);
  RunningProgram program({"conformers", "list.smi", "--quiet", "-n", "2", "-j", "1", "-o", "o.sdf"},
                         folder_.path());
  wait_until(program, [&] { return is_there("o.sdf.progress"); });
  program.send(SIGHUP);
  EXPECT_EQ(program.wait().exit_code, kInterrupted);
  EXPECT_THAT(read("o.sdf"), HasSubstr("alcohol0\n"));
}

TEST_F(Resuming, IsNotNeededUnderNohup) {
  write_deck(long_deck());
  const auto before = std::signal(SIGHUP, SIG_IGN);
  const ProgramEnd end = interrupt(SIGHUP);
  std::signal(SIGHUP, before);
  EXPECT_EQ(end.exit_code, 0) << end.err;
}

}  // namespace
}  // namespace saltus::tests
