// Oracle: the example run's formula, recomputed for every number that comes back.
#include <gtest/gtest.h>

#include <limits>

#include "engine/core/error.h"
#include "io/hdf5/trajectory_reader.h"
#include "io/hdf5/trajectory_writer.h"
#include "saltus_test_paths.h"
#include "tests/io/hdf5/example_run.h"
#include "tests/io/hdf5/expect_frames.h"
#include "tests/support/errors.h"
#include "tests/support/temporary_folder.h"

namespace saltus::io {
namespace {

using engine::InputError;
using engine::NumericalError;
using example::ExampleFrame;
using tests::message_of;
using tests::TemporaryFolder;

constexpr std::size_t kChains = 3;

void write_run(const std::filesystem::path& path, const TrajectoryOptions& options,
               std::uint64_t n_frames) {
  TrajectoryWriter writer(path, example::make_topology(), example::make_masses(), kChains, options);
  example::append_frames(writer, 0, n_frames, kChains, options);
  writer.close();
}

/// The reader can tell weights from zeros: the example has them, some of them -inf.
TEST(LogWeights, OfTheExampleAreNotEqual) {
  const TemporaryFolder folder;
  const auto path = folder / "run.h5";
  write_run(path, example::full_options(), 10);
  const TrajectoryReader reader(path);
  EXPECT_TRUE(reader.has_log_weights());
  const std::vector<double> log_weights = reader.log_weights(0, 10);
  ASSERT_EQ(log_weights.size(), 10 * kChains);
  EXPECT_EQ(log_weights[8], -std::numeric_limits<double>::infinity());
  EXPECT_NE(log_weights[0], log_weights[1]);
  EXPECT_EQ(reader.log_weights(1, 1), (std::vector<double>(log_weights.begin() + kChains,
                                                           log_weights.begin() + 2 * kChains)));
}

TEST(LogWeights, ThatMeanNothingAreRefusedWithTheirFrame) {
  const TemporaryFolder folder;
  const auto path = folder / "run.h5";
  const TrajectoryOptions options = example::full_options();
  {
    TrajectoryWriter writer(path, example::make_topology(), example::make_masses(), kChains,
                            options);
    ExampleFrame frame(0, kChains, 9, options);
    frame.log_weights()[1] = std::numeric_limits<double>::quiet_NaN();
    EXPECT_EQ(message_of<NumericalError>([&] { writer.append(frame.view()); }),
              "trajectory: log-weight of chain 1 at step 10 is NaN");
    frame.log_weights()[1] = std::numeric_limits<double>::infinity();
    EXPECT_EQ(message_of<NumericalError>([&] { writer.append(frame.view()); }),
              "trajectory: log-weight of chain 1 at step 10 is +inf, expected a finite number or "
              "-inf");
    frame.log_weights().pop_back();
    EXPECT_EQ(message_of<InputError>([&] { writer.append(frame.view()); }),
              "trajectory: frame has 2 log-weights, expected 3");
    EXPECT_EQ(writer.frames_appended(), 0u);
    example::append_frames(writer, 0, 3, kChains, options);
  }
  const TrajectoryReader reader(path);
  ASSERT_EQ(reader.n_frames(), 3u);
  example::expect_example_frames(reader, options);
}

TEST(LogWeights, HaveTheirNameForThemselves) {
  const TemporaryFolder folder;
  TrajectoryOptions options;
  options.observables = {{"log_weight", "rad"}};
  EXPECT_EQ(message_of<InputError>([&] { write_run(folder / "run.h5", options, 1); }),
            "trajectory: observable 'log_weight' is there twice or is a built-in one");
}

/// A run that a version of the program without log-weights began goes on in its file.
TEST(TrajectoryAppend, GoesOnInTheLayoutOfTheFile) {
  const TemporaryFolder folder;
  const auto path = folder / "run.h5";
  TrajectoryOptions old_options = example::full_options();
  old_options.log_weights = false;
  write_run(path, old_options, 10);
  {
    TrajectoryWriter writer = TrajectoryWriter::open_for_append(path, 8, example::make_topology(),
                                                                kChains, example::full_options());
    ExampleFrame frame(8, kChains, 9, old_options);
    frame.log_weights()[1] = -0.5;
    EXPECT_EQ(
        message_of<InputError>([&] { writer.append(frame.view()); }),
        "trajectory: log-weight of chain 1 at step 90 is -0.5, but the file was begun without "
        "log-weights (layout version 1); write a new file");
    example::append_frames(writer, 8, 14, kChains, old_options);
    writer.close();
  }
  const TrajectoryReader reader(path);
  ASSERT_EQ(reader.n_frames(), 14u);
  EXPECT_FALSE(reader.has_log_weights());
  EXPECT_EQ(reader.log_weights(3, 2), std::vector<double>(2 * kChains, 0.0));
  example::expect_example_frames(reader, old_options);
}

/// In the old layout the name was free.
TEST(TrajectoryReader, KeepsAnOldObservableOfTheName) {
  const TemporaryFolder folder;
  const auto path = folder / "run.h5";
  TrajectoryOptions options;
  options.log_weights = false;
  options.observables = {{"log_weight", "rad"}};
  write_run(path, options, 4);
  const TrajectoryReader reader(path);
  example::expect_example_frames(reader, options);
  EXPECT_NE(reader.observable("log_weight", 0, 4), reader.log_weights(0, 4));
}

/// Written by version 1 of the layout.
TEST(TrajectoryReader, ReadsAFileOfAnEarlierVersion) {
  const TrajectoryReader reader(SALTUS_TEST_SOURCE_DIR "/tests/fuzz/corpus/trajectory/small.h5");
  ASSERT_EQ(reader.n_frames(), 3u);
  EXPECT_EQ(reader.n_chains(), 1u);
  EXPECT_FALSE(reader.has_log_weights());
  EXPECT_EQ(reader.log_weights(0, 3), std::vector<double>(3, 0.0));
  EXPECT_EQ(reader.observable("psi_2", 0, 3).size(), 3u);
  EXPECT_EQ(message_of<InputError>([&] { reader.log_weights(2, 2); }).substr(0, 22),
            "cannot read trajectory");
}

/// Written by version 2, with log-weights; compressed by h5repack.
TEST(TrajectoryReader, ReadsAFileOfTheSecondVersion) {
  const TrajectoryReader reader(SALTUS_TEST_SOURCE_DIR "/tests/fuzz/corpus/trajectory/layout_2.h5");
  ASSERT_EQ(reader.n_frames(), 3u);
  EXPECT_EQ(reader.n_chains(), 2u);
  EXPECT_TRUE(reader.has_log_weights());
  EXPECT_EQ(reader.log_weights(0, 3), std::vector<double>(6, 0.0));
  EXPECT_EQ(reader.positions(2).n_atoms(), 4u);
}

}  // namespace
}  // namespace saltus::io
