// Oracle: the same run without any kill, bit for bit, and the promise of every checkpoint.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <chrono>
#include <csignal>
#include <random>
#include <thread>

#include "io/hdf5/checkpoint_file.h"
#include "tests/e2e/program.h"
#include "tests/e2e/trajectories.h"

namespace saltus::tests {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kKills = 20;
constexpr char kCheckpoint[] = "out/trajectory.checkpoint", kTrajectory[] = "out/trajectory.h5";

class Kills : public ProgramTest {
 protected:
  /// Every checkpoint is a new file; 0 when there is none.
  ino_t checkpoint_number() const {
    struct stat status {};
    return stat(file(kCheckpoint).c_str(), &status) == 0 ? status.st_ino : 0;
  }

  /// Lets some checkpoints be written, then kills within the time one takes: at any point of
  /// stepping, of writing frames or of writing the checkpoint. With 0 checkpoints, while starting
  /// up.
  ProgramEnd run_until_killed(const std::vector<std::string>& arguments, int n_checkpoints,
                              double fraction) const {
    RunningProgram program(arguments, folder_.path());
    // A guess until it has been seen; starting up takes about half a second.
    auto interval = Clock::duration(std::chrono::milliseconds(n_checkpoints > 0 ? 20 : 500));
    Clock::time_point changed = Clock::now();
    ino_t number = checkpoint_number();
    for (int seen = 0; seen < n_checkpoints && !program.has_ended();) {
      std::this_thread::sleep_for(std::chrono::microseconds(200));
      const ino_t now = checkpoint_number();
      if (now == number) continue;
      number = now;
      if (++seen > 1) interval = Clock::now() - changed;
      changed = Clock::now();
    }
    std::this_thread::sleep_for(
        std::chrono::duration<double>(fraction * std::chrono::duration<double>(interval).count()));
    program.send(SIGKILL);
    return program.wait();
  }
};

TEST_F(Kills, AtRandomTimesLoseNothingThatACheckpointPromised) {
  DeckText deck;
  deck.chains = "count = 8";
  deck.moves = "[[move]]\nkind = \"ghmc\"\nsteps = 2";
  deck.run = "steps = 4000\ncheckpoint_period = 40";
  deck.output = "directory = \"out\"\nvelocities = true";
  write_deck(deck);
  good({"run", "deck.toml", "--no-report", "--set", "output.directory=whole"});

  std::minstd_rand random(7);
  std::uniform_real_distribution<double> uniform;
  std::uint64_t last_step = 0, frames_cut = 0;
  for (int kill = 0; kill < kKills; ++kill) {
    SCOPED_TRACE("kill " + std::to_string(kill));
    // The first kill leaves something to resume from; later ones may come while starting up.
    const int n_checkpoints = static_cast<int>(4 * uniform(random)) + (kill == 0 ? 1 : 0);
    std::vector<std::string> arguments = {"run", "deck.toml", "--no-report"};
    if (kill > 0) arguments.emplace_back("--resume");
    const ProgramEnd end = run_until_killed(arguments, n_checkpoints, uniform(random));
    ASSERT_EQ(end.signal, SIGKILL) << "the run is too short for this machine\n" << end.err;

    const auto checkpoint = io::read_checkpoint(file(kCheckpoint));
    ASSERT_GE(checkpoint.step, last_step);
    ASSERT_EQ(checkpoint.frames_written, checkpoint.step);
    last_step = checkpoint.step;
    const ProgramEnd repair = good({"repair", kTrajectory});
    EXPECT_THAT(repair.out, testing::StartsWith("out/trajectory.h5: "));
    const std::uint64_t frames =
        expect_same_frames(file(kTrajectory), file("whole/trajectory.h5"), true);
    ASSERT_GE(frames, checkpoint.frames_written);
    frames_cut += frames - checkpoint.frames_written;
    ASSERT_FALSE(HasFailure());
  }
  // Some kills came after frames that no checkpoint knows yet, and resuming had to cut them.
  EXPECT_GT(frames_cut, 0u);

  good({"run", "deck.toml", "--no-report", "--resume"});
  EXPECT_EQ(expect_same_frames(file(kTrajectory), file("whole/trajectory.h5")), 4000u);
}

}  // namespace
}  // namespace saltus::tests
