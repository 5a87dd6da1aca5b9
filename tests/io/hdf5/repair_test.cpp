// Oracle: the example run's formula for every frame that is kept, and the bytes of the file itself.
#include "io/hdf5/repair.h"

#include <gtest/gtest.h>
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif

#include <random>

#include "engine/core/error.h"
#include "io/hdf5/trajectory_reader.h"
#include "io/hdf5/trajectory_writer.h"
#include "tests/io/hdf5/example_run.h"
#include "tests/io/hdf5/expect_frames.h"
#include "tests/support/file_content.h"
#include "tests/support/temporary_folder.h"

namespace saltus::io {
namespace {

using tests::content_of;
using tests::set_content;
using tests::TemporaryFolder;

constexpr std::size_t kChains = 3;

std::string written_run(const std::filesystem::path& path, const TrajectoryOptions& options,
                        std::uint64_t n_frames) {
  {
    TrajectoryWriter writer(path, example::make_topology(), example::make_masses(), kChains,
                            options);
    example::append_frames(writer, 0, n_frames, kChains, options);
  }
  return content_of(path);
}

template <class Action>
std::string error_of(Action&& action) {
  try {
    action();
  } catch (const engine::Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Repair, LeavesAWholeFileAlone) {
  const TemporaryFolder folder;
  const auto path = folder / "run.h5";
  const std::string bytes = written_run(path, example::full_options(), 10);
  const RepairReport report = repair_trajectory(path);
  EXPECT_FALSE(report.was_marked_open);
  EXPECT_FALSE(report.was_changed);
  EXPECT_EQ(report.frames_kept, 10u);
  EXPECT_EQ(report.describe(), "nothing to repair, 10 frames");
  EXPECT_EQ(content_of(path), bytes);
}

TEST(Repair, NamesFilesThatAreNoTrajectories) {
  const TemporaryFolder folder;
  const auto path = folder / "foreign";
  const std::string start = "cannot read trajectory '" + path.string() + "': ";
  const auto messages = [&](const std::string& expected) {
    EXPECT_EQ(error_of([&] { repair_trajectory(path); }), start + expected);
    EXPECT_EQ(error_of([&] { TrajectoryReader reader(path); }), start + expected);
  };
  messages("No such file or directory");
  set_content(path, "");
  messages("it is not an HDF5 file");
  set_content(path, std::string(100'000, 'x'));
  messages("it is not an HDF5 file");
  set_content(path, std::string("\x89HDF\r\n\x1a\n\0", 9) + std::string(1000, '\0'));
  messages("an HDF5 file, but of a format Saltus does not write");
  std::filesystem::remove(path);
  std::filesystem::create_directory(path);
  messages("Is a directory");
}

/// A file cut at any byte is refused, or keeps whole frames from its beginning.
/// (gzip level, whether log-weights are stored)
class CutFile : public ::testing::TestWithParam<std::pair<int, bool>> {};

TEST_P(CutFile, IsRescuedOrRefused) {
  TrajectoryOptions options = example::full_options();
  options.gzip_level = GetParam().first;
  options.log_weights = GetParam().second;
  options.block_frames = 5;
  const TemporaryFolder folder;
  const auto path = folder / "run.h5";
  const std::string bytes = written_run(path, options, 200);
  std::uint64_t most_rescued = 0;
  int n_rescued = 0;
  constexpr int kCuts = 150;
  for (int i = 1; i <= kCuts; ++i) {
    const std::size_t size = bytes.size() * i / (kCuts + 1);
    SCOPED_TRACE("cut to " + std::to_string(size) + " of " + std::to_string(bytes.size()));
    const std::string cut = bytes.substr(0, size);
    set_content(path, cut);
    EXPECT_EQ(error_of([&] { TrajectoryReader reader(path); }),
              "cannot read trajectory '" + path.string() + "': it is truncated, " +
                  std::to_string(size) + " of " + std::to_string(bytes.size()) +
                  " bytes are there; copy it again, or repair it to save its first frames");
    try {
      const RepairReport report = repair_trajectory(path);
      const TrajectoryReader reader(path);
      EXPECT_EQ(reader.n_frames(), report.frames_kept);
      EXPECT_EQ(reader.info().resolved_deck, options.resolved_deck);
      EXPECT_EQ(reader.has_log_weights(), options.log_weights);
      example::expect_example_frames(reader, options);
      most_rescued = std::max(most_rescued, report.frames_kept);
      ++n_rescued;
    } catch (const engine::Error& error) {
      EXPECT_EQ(content_of(path), cut) << error.what();
    }
    if (HasFailure()) return;
  }
  RecordProperty("rescued", n_rescued);
  RecordProperty("most_frames_rescued", static_cast<int>(most_rescued));
  EXPECT_GT(most_rescued, 100u);
}

INSTANTIATE_TEST_SUITE_P(GzipLevelsAndLayouts, CutFile,
                         ::testing::Values(std::pair(0, true), std::pair(1, true),
                                           std::pair(1, false)));

// All frames of a short run are at the beginnings of blocks that are not full.
TEST(ShortCutFile, LosesNoFrameThatIsInIt) {
  TrajectoryOptions options = example::full_options();
  options.gzip_level = 0;
  constexpr std::uint64_t kFrames = 40;
  const TemporaryFolder folder;
  const auto path = folder / "run.h5";
  const std::string bytes = written_run(path, options, kFrames);
  for (const std::size_t lost : {1u, 500u, 2000u, 5000u}) {
    SCOPED_TRACE("without the last " + std::to_string(lost) + " bytes");
    set_content(path, bytes.substr(0, bytes.size() - lost));
    EXPECT_EQ(error_of([&] { EXPECT_EQ(repair_trajectory(path).frames_kept, kFrames); }),
              "no error");
    const TrajectoryReader reader(path);
    EXPECT_EQ(reader.n_frames(), kFrames);
    example::expect_example_frames(reader, options);
  }
}

TEST(ShortCutFile, SaysWhyNothingIsLeft) {
  const TemporaryFolder folder;
  const auto path = folder / "run.h5";
  const std::string bytes = written_run(path, example::full_options(), 40);
  const std::string cut = bytes.substr(0, bytes.size() / 2);
  set_content(path, cut);
  const std::string message = error_of([&] { repair_trajectory(path); });
  EXPECT_NE(message.find(": none of its 120 rows can be read: /"), std::string::npos) << message;
  EXPECT_NE(message.find("a frame is whole only where all of its blocks are there; copy the file "
                         "again"),
            std::string::npos)
      << message;
  EXPECT_EQ(content_of(path), cut);
}

// Bits that flip in storage: frames may be lost or, in uncompressed columns, be wrong, but neither
// repair nor reading may crash or hang.
TEST(DamagedFile, NeverCrashesTheReader) {
#ifdef __SANITIZE_ADDRESS__
  const __lsan::ScopedDisabler hdf5_forgets_memory_when_it_refuses_a_file;
#endif
  TrajectoryOptions options = example::full_options();
  const TemporaryFolder folder;
  const auto path = folder / "run.h5";
  const std::string bytes = written_run(path, options, 30);
  std::mt19937 random(7);
  int n_refused = 0, n_read = 0;
  for (int i = 0; i < 600; ++i) {
    std::string damaged = bytes;
    // Most metadata lie in the first part.
    const std::size_t range =
        i % 2 == 0 ? bytes.size() : std::min<std::size_t>(40'000, bytes.size());
    const std::size_t at = random() % range;
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << random() % 8));
    SCOPED_TRACE("byte " + std::to_string(at));
    set_content(path, damaged);
    try {
      repair_trajectory(path);
      const TrajectoryReader reader(path);
      for (std::uint64_t f = 0; f < reader.n_frames(); ++f) reader.positions(f);
      ++n_read;
    } catch (const engine::Error&) {
      ++n_refused;
    }
  }
  EXPECT_GT(n_refused, 0);
  EXPECT_GT(n_read, 0);
}

TEST(Repair, WritesAboutWhatItCut) {
  RepairReport report;
  report.was_changed = true;
  report.frames_kept = 1;
  EXPECT_EQ(report.describe(), "repaired, 1 frame kept");
  report.rows_cut = 4;
  report.reason_for_cut = "bad chunk";
  EXPECT_EQ(report.describe(), "repaired, 1 frame kept, 4 incomplete rows cut (bad chunk)");
}

}  // namespace
}  // namespace saltus::io
