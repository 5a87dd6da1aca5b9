// Oracle: the same run with enough space, bit for bit.
#include <gmock/gmock.h>
#include <sys/mount.h>

#include <cerrno>
#include <cstring>

#include "tests/e2e/program.h"
#include "tests/e2e/trajectories.h"

namespace saltus::tests {
namespace {

using testing::HasSubstr;

class FullDisks : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    DeckText deck;
    deck.chains = "count = 8";
    deck.moves = "[[move]]\nkind = \"ghmc\"\nsteps = 1";
    deck.run = "steps = 400\ncheckpoint_period = 20";
    write_deck(deck);
    good({"run", "deck.toml", "--no-report", "--set", "output.directory=whole"});
    size_ = std::filesystem::file_size(file("whole/trajectory.h5"));
  }

  /// After a failure: what was written is there, and the run continues once there is space.
  void expect_recovery() const {
    good({"repair", "out/trajectory.h5"});
    const std::uint64_t frames =
        expect_same_frames(file("out/trajectory.h5"), file("whole/trajectory.h5"), true);
    EXPECT_GE(frames, 20u);
    EXPECT_LT(frames, 400u);
  }

  std::uint64_t size_ = 0;
};

TEST_F(FullDisks, StopTheRunAndLoseNothing) {
  // Nearly too small to begin with, half way, and missing the last blocks.
  for (const double fraction : {0.4, 0.6, 0.9}) {
    SCOPED_TRACE(fraction);
    const auto limit = static_cast<std::uint64_t>(fraction * static_cast<double>(size_));
    const ProgramEnd end =
        run_saltus({"run", "deck.toml", "--no-report", "--overwrite"}, folder_.path(), limit);
    EXPECT_EQ(end.exit_code, 74) << end.err;
    EXPECT_EQ(end.signal, 0);
    EXPECT_THAT(end.err, HasSubstr("error: cannot write trajectory 'out/trajectory.h5': "));
    EXPECT_THAT(end.err, testing::EndsWith("File too large\n"));
    expect_recovery();
    good({"run", "deck.toml", "--no-report", "--resume"});
    expect_same_frames(file("out/trajectory.h5"), file("whole/trajectory.h5"));
  }
}

/// A file system of its own that is gone with this object.
class SmallDisk {
 public:
  SmallDisk(const std::string& path, std::uint64_t bytes) : path_(path) {
    std::filesystem::create_directory(path);
    const std::string size = "size=" + std::to_string(bytes);
    error_ = mount("tmpfs", path.c_str(), "tmpfs", 0, size.c_str()) == 0 ? 0 : errno;
  }
  ~SmallDisk() {
    if (error_ == 0) umount2(path_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  int error() const { return error_; }
  void grow() const { mount("tmpfs", path_.c_str(), "tmpfs", MS_REMOUNT, "size=32m"); }

 private:
  std::string path_;
  int error_;
};

TEST_F(FullDisks, OfRealFileSystemsToo) {
  const SmallDisk disk(file("out"), size_ * 6 / 10);
  if (disk.error() != 0) GTEST_SKIP() << "cannot mount a tmpfs: " << std::strerror(disk.error());
  const ProgramEnd end = saltus({"run", "deck.toml", "--no-report"});
  EXPECT_EQ(end.exit_code, 74);
  EXPECT_THAT(end.err, HasSubstr("'out/trajectory."));
  EXPECT_THAT(end.err, testing::EndsWith("No space left on device\n"));
  expect_recovery();
  disk.grow();
  good({"run", "deck.toml", "--no-report", "--resume"});
  expect_same_frames(file("out/trajectory.h5"), file("whole/trajectory.h5"));
}

}  // namespace
}  // namespace saltus::tests
