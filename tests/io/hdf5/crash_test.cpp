// Oracle: the example run's formula, recomputed here; a killed or starved writer may lose only what
// it had not yet acknowledged on its standard output.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <random>
#include <thread>

#include "engine/core/error.h"
#include "io/hdf5/repair.h"
#include "io/hdf5/trajectory_reader.h"
#include "tests/io/hdf5/example_run.h"
#include "tests/io/hdf5/expect_frames.h"
#include "tests/support/temporary_folder.h"

namespace saltus::io {
namespace {

using tests::TemporaryFolder;

/// trajectory_program in another process, its standard output on a pipe.
class Program {
 public:
  explicit Program(std::vector<std::string> arguments) {
    int ends[2];
    if (::pipe(ends) != 0) throw std::runtime_error("pipe failed");
    arguments.insert(arguments.begin(), SALTUS_TRAJECTORY_PROGRAM);
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    id_ = ::fork();
    if (id_ == 0) {
      ::dup2(ends[1], STDOUT_FILENO);
      ::close(ends[0]);
      ::close(ends[1]);
      ::execv(argv[0], argv.data());
      ::_exit(127);
    }
    ::close(ends[1]);
    output_ = ::fdopen(ends[0], "r");
  }
  ~Program() {
    if (id_ > 0) finish(SIGKILL);
    std::fclose(output_);
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  /// Next line without its end; empty at the end of the output.
  std::string read_line() {
    char line[4096];
    if (std::fgets(line, sizeof line, output_) == nullptr) return "";
    std::string text = line;
    if (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
  }

  /// Sends `signal` (0: none), waits, and returns wait's status.
  int finish(int signal) {
    if (signal != 0) ::kill(id_, signal);
    int status = 0;
    ::waitpid(id_, &status, 0);
    id_ = -1;
    return status;
  }

  /// Last line of the remaining output.
  std::string last_line() {
    std::string last, line;
    while (!(line = read_line()).empty()) last = line;
    return last;
  }

 private:
  pid_t id_ = -1;
  FILE* output_ = nullptr;
};

struct WritingStyle {
  std::string name, gzip_level, block_frames, flush_seconds;
};

void PrintTo(const WritingStyle& style, std::ostream* out) { *out << style.name; }

class KilledWriter : public ::testing::TestWithParam<WritingStyle> {};

TEST_P(KilledWriter, LosesNothingAcknowledged) {
  const TrajectoryOptions options = example::full_options();
  std::mt19937 random(20);
  std::uint64_t frames_total = 0;
  for (int trial = 0; trial < 20; ++trial) {
    SCOPED_TRACE("trial " + std::to_string(trial));
    const TemporaryFolder folder;
    const auto path = folder / "run.h5";
    Program program({"write", path.string(), GetParam().gzip_level, GetParam().block_frames,
                     GetParam().flush_seconds, "100000000"});
    ASSERT_EQ(program.read_line(), "0");
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 150'000));
    ASSERT_EQ(program.finish(SIGKILL), SIGKILL);
    const std::string last = program.last_line();
    const std::uint64_t acknowledged = last.empty() ? 0 : std::stoull(last);

    EXPECT_TRUE(needs_repair(path));
    const RepairReport report = repair_trajectory(path);
    EXPECT_TRUE(report.was_marked_open);
    EXPECT_TRUE(report.was_changed);
    EXPECT_EQ(report.reason_for_cut, "");
    EXPECT_GE(report.frames_kept, acknowledged);
    EXPECT_FALSE(needs_repair(path));
    EXPECT_FALSE(repair_trajectory(path).was_changed);
    const TrajectoryReader reader(path);
    EXPECT_EQ(reader.n_frames(), report.frames_kept);
    example::expect_example_frames(reader, options);
    frames_total += report.frames_kept;
    if (HasFatalFailure()) return;
  }
  RecordProperty("frames_checked", std::to_string(frames_total));
  EXPECT_GT(frames_total, 0u);
}

TEST_P(KilledWriter, CanBeContinued) {
  const TrajectoryOptions options = example::full_options();
  const TemporaryFolder folder;
  const auto path = folder / "run.h5";
  Program program({"write", path.string(), GetParam().gzip_level, GetParam().block_frames,
                   GetParam().flush_seconds, "100000000"});
  ASSERT_EQ(program.read_line(), "0");
  while (std::stoull(program.read_line()) < 5) continue;
  program.finish(SIGKILL);
  {
    // 5 frames are kept, as by an older checkpoint; the block ends in the middle of a chunk.
    TrajectoryWriter writer =
        TrajectoryWriter::open_for_append(path, 5, example::make_topology(), 3, options);
    EXPECT_EQ(writer.frames_written(), 5u);
    example::append_frames(writer, 5, 40, 3, options);
    writer.close();
    EXPECT_EQ(writer.frames_written(), 40u);
  }
  EXPECT_FALSE(needs_repair(path));
  const TrajectoryReader reader(path);
  EXPECT_EQ(reader.n_frames(), 40u);
  example::expect_example_frames(reader, options);
}

TEST_P(KilledWriter, IsReadableBeforeRepair) {
  const TemporaryFolder folder;
  const auto path = folder / "run.h5";
  Program program({"write", path.string(), GetParam().gzip_level, GetParam().block_frames,
                   GetParam().flush_seconds, "100000000"});
  std::string line;
  for (int i = 0; i < 4; ++i) line = program.read_line();
  program.finish(SIGKILL);
  const TrajectoryReader reader(path);
  EXPECT_GE(reader.n_frames(), std::stoull(line));
  example::expect_example_frames(reader, example::full_options());
}

INSTANTIATE_TEST_SUITE_P(Styles, KilledWriter,
                         ::testing::Values(WritingStyle{"Compressed", "1", "7", "5"},
                                           WritingStyle{"Plain", "0", "7", "5"},
                                           WritingStyle{"PartialBlocks", "1", "50", "0.0002"},
                                           WritingStyle{"EveryFrame", "1", "7", "0"}),
                         [](const auto& instance) { return instance.param.name; });

TEST(LiveReading, SeesFramesAsTheyAreWritten) {
  const TemporaryFolder folder;
  const auto path = folder / "run.h5";
  Program program({"write", path.string(), "1", "7", "5", "100000000"});
  ASSERT_EQ(program.read_line(), "0");
  std::uint64_t acknowledged = 0;
  while (acknowledged < 21) acknowledged = std::stoull(program.read_line());
  TrajectoryReader reader(path);
  const std::uint64_t seen_first = reader.n_frames();
  EXPECT_GE(seen_first, acknowledged);
  example::expect_example_frames(reader, example::full_options());

  while (acknowledged < seen_first + 70) acknowledged = std::stoull(program.read_line());
  reader.refresh();
  EXPECT_GE(reader.n_frames(), acknowledged);
  EXPECT_GT(reader.n_frames(), seen_first);
  example::expect_example_frames(reader, example::full_options());
}

// HDF5 asks for a shared lock when it opens a file for reading, which is all that a reader from
// elsewhere can be refused by. Planted: a file that is named before SWMR starts is refused, or
// refuses its writer, in one of these many moments.
TEST(LiveFile, MayBeOpenedFromItsFirstMoment) {
  constexpr int kFiles = 20;
  constexpr std::chrono::milliseconds kWatched(20);
  const TemporaryFolder folder;
  int n_refused = 0;
  for (int i = 0; i < kFiles; ++i) {
    const auto path = folder / ("run_" + std::to_string(i) + ".h5");
    Program program({"write", path.string(), "1", "7", "5", "100000000"});
    auto seen = std::chrono::steady_clock::time_point::max();
    while (seen == std::chrono::steady_clock::time_point::max() ||
           std::chrono::steady_clock::now() - seen < kWatched) {
      const int file = ::open(path.c_str(), O_RDONLY);
      if (file < 0) continue;
      if (seen == std::chrono::steady_clock::time_point::max())
        seen = std::chrono::steady_clock::now();
      if (::flock(file, LOCK_SH | LOCK_NB) != 0) ++n_refused;
      ::close(file);
    }
    EXPECT_EQ(program.read_line(), "0") << "a reader kept the writer from its file " << i;
    program.finish(SIGKILL);
  }
  EXPECT_EQ(n_refused, 0);
}

TEST(LiveFile, IsProtectedFromOtherWriters) {
  const TemporaryFolder folder;
  const auto path = folder / "run.h5";
  Program program({"write", path.string(), "1", "7", "5", "100000000"});
  ASSERT_EQ(program.read_line(), "0");
  while (std::stoull(program.read_line()) < 21) continue;
  const std::string in_use =
      "cannot change '" + path.string() + "': another process has it open; wait until it ends";
  const auto message_of = [](auto&& action) -> std::string {
    try {
      action();
    } catch (const engine::FileError& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_EQ(message_of([&] { repair_trajectory(path); }), in_use);
  EXPECT_EQ(message_of([&] {
              TrajectoryWriter::open_for_append(path, 7, example::make_topology(), 3,
                                                example::full_options());
            }),
            in_use);
  EXPECT_EQ(message_of([&] {
              TrajectoryOptions options = example::full_options();
              options.overwrite = true;
              TrajectoryWriter(path, example::make_topology(), example::make_masses(), 3, options);
            }),
            in_use);
  program.finish(SIGKILL);
  example::expect_example_frames(TrajectoryReader(path), example::full_options());
}

// A limit on the size of files stands for a full disk here: both make write() fail.
TEST(FullDisk, LeavesAWholeFile) {
  for (int kilobytes = 600; kilobytes <= 1100; kilobytes += 25) {
    SCOPED_TRACE(std::to_string(kilobytes) + " kB");
    const TemporaryFolder folder;
    const auto path = folder / "run.h5";
    Program program({"limited", path.string(), std::to_string(kilobytes * 1000)});
    std::uint64_t promised = 0;
    std::string line;
    while ((line = program.read_line()).find("cannot") == std::string::npos) {
      ASSERT_FALSE(line.empty());
      promised = std::stoull(line);
    }
    const std::string expected = "cannot write trajectory '" + path.string() + "': File too large";
    EXPECT_EQ(line, expected);
    EXPECT_EQ(program.read_line(), expected);
    EXPECT_EQ(program.finish(0), 0);
    EXPECT_FALSE(needs_repair(path));
    const TrajectoryReader reader(path);
    EXPECT_EQ(reader.n_frames(), promised);
    example::expect_example_frames(reader, example::full_options());
  }
}

TEST(FullDisk, OfATmpfsLeavesAWholeFile) {
  const TemporaryFolder folder;
  const auto path = folder / "run.h5";
  Program program({"full", path.string(), "1200k"});
  std::uint64_t promised = 0;
  std::string line = program.read_line();
  if (line == "not permitted") GTEST_SKIP() << "mounting a tmpfs in a name space is not permitted";
  for (; line.find("cannot") == std::string::npos; line = program.read_line()) {
    ASSERT_FALSE(line.empty());
    promised = std::stoull(line);
  }
  EXPECT_NE(line.find(": No space left on device"), std::string::npos) << line;
  EXPECT_EQ(program.finish(0), 0);
  EXPECT_GT(promised, 0u);
  EXPECT_FALSE(needs_repair(path));
  const TrajectoryReader reader(path);
  EXPECT_EQ(reader.n_frames(), promised);
  example::expect_example_frames(reader, example::full_options());
}

// HDF5 itself fails in the middle of a flush, at each of its writes in turn. This is also what a
// killed process leaves behind.
TEST(BrokenDisk, KeepsThePromisedFrames) {
  for (int n_writes = 0; n_writes <= 150; ++n_writes) {
    SCOPED_TRACE(std::to_string(n_writes) + " writes");
    const TemporaryFolder folder;
    const auto path = folder / "run.h5";
    Program program({"broken", path.string(), "70", std::to_string(n_writes)});
    std::uint64_t promised = 70;
    std::string line;
    while ((line = program.read_line()).find("cannot") == std::string::npos) {
      ASSERT_FALSE(line.empty());
      promised = std::stoull(line);
    }
    const std::string start = "cannot write trajectory '" + path.string() + "': ";
    const std::string end = "; its first " + std::to_string(promised) +
                            " frames are safe, repair the file to read them";
    EXPECT_EQ(line, start + "Input/output error" + end);
    EXPECT_EQ(program.read_line(), start + "an earlier write failed" + end);
    EXPECT_EQ(program.finish(0), 0);
    EXPECT_TRUE(needs_repair(path));
    const RepairReport report = repair_trajectory(path);
    EXPECT_GE(report.frames_kept, promised);
    EXPECT_EQ(report.reason_for_cut, "");
    example::expect_example_frames(TrajectoryReader(path), example::full_options());
  }
}

// The kernel stops a killed process's write only between two memory pages, so metadata that lie in
// one page are whole or absent, and their checksums right.
TEST(Layout, KeepsSmallMetadataInOnePage) {
  const TemporaryFolder folder;
  Program program({"torn", (folder / "run.h5").string(), "5000"});
  EXPECT_EQ(program.read_line(), "0");
}

// Killed between opening the file and beginning SWMR, as when a run is continued.
TEST(KilledOutsideSwmr, IsRepaired) {
  const TemporaryFolder folder;
  const auto path = folder / "run.h5";
  const TrajectoryOptions options = example::full_options();
  {
    TrajectoryWriter writer(path, example::make_topology(), example::make_masses(), 3, options);
    example::append_frames(writer, 0, 30, 3, options);
  }
  Program program({"mark", path.string()});
  EXPECT_EQ(program.finish(0), 0);
  EXPECT_TRUE(needs_repair(path));
  try {
    TrajectoryReader reader(path);
    FAIL() << "a marked file was read";
  } catch (const engine::FileError& error) {
    EXPECT_EQ(error.what(), "cannot read trajectory '" + path.string() +
                                "': its writer was killed; repair the file");
  }
  const RepairReport report = repair_trajectory(path);
  EXPECT_TRUE(report.was_marked_open);
  EXPECT_EQ(report.frames_kept, 30u);
  EXPECT_EQ(report.rows_cut, 0u);
  EXPECT_EQ(report.describe(), "repaired, 30 frames kept");
  example::expect_example_frames(TrajectoryReader(path), options);
}

}  // namespace
}  // namespace saltus::io
