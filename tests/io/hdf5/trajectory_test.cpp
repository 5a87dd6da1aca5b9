// Oracle: the example run's formula, recomputed for every number that comes back.
#include "io/hdf5/trajectory_reader.h"

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <limits>

#include "engine/core/error.h"
#include "io/hdf5/repair.h"
#include "io/hdf5/trajectory_writer.h"
#include "tests/io/hdf5/example_run.h"
#include "tests/io/hdf5/expect_frames.h"
#include "tests/support/temporary_folder.h"

namespace saltus::io {
namespace {

using example::ExampleFrame;
using tests::TemporaryFolder;

constexpr std::size_t kChains = 3;

TrajectoryWriter make_writer(const std::filesystem::path& path, const TrajectoryOptions& options,
                             std::size_t n_chains = kChains) {
  return TrajectoryWriter(path, example::make_topology(), example::make_masses(), n_chains,
                          options);
}

void write_run(const std::filesystem::path& path, const TrajectoryOptions& options,
               std::uint64_t n_frames, std::size_t n_chains = kChains) {
  TrajectoryWriter writer = make_writer(path, options, n_chains);
  example::append_frames(writer, 0, n_frames, n_chains, options);
  writer.close();
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

struct Case {
  std::string name;
  std::size_t n_chains, block_frames;
  int gzip_level;
  bool velocities, box, observables;
  double flush_seconds;
  bool log_weights = true;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class Trajectory : public ::testing::TestWithParam<Case> {};

TEST_P(Trajectory, ComesBackAsItWasWritten) {
  const Case& c = GetParam();
  TrajectoryOptions options = example::full_options();
  options.block_frames = c.block_frames;
  options.gzip_level = c.gzip_level;
  options.velocities = c.velocities;
  options.box = c.box;
  options.flush_seconds = c.flush_seconds;
  options.log_weights = c.log_weights;
  if (!c.observables) options.observables.clear();
  const TemporaryFolder folder;
  const auto path = folder / "run.h5";
  constexpr std::uint64_t kFrames = 25;
  write_run(path, options, kFrames, c.n_chains);

  EXPECT_FALSE(needs_repair(path));
  const TrajectoryReader reader(path);
  ASSERT_EQ(reader.n_frames(), kFrames);
  EXPECT_EQ(reader.n_chains(), c.n_chains);
  EXPECT_EQ(reader.has_velocities(), c.velocities);
  EXPECT_EQ(reader.has_box(), c.box);
  EXPECT_EQ(reader.has_log_weights(), c.log_weights);
  example::expect_example_frames(reader, options);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, Trajectory,
    ::testing::Values(Case{"Everything", 3, 7, 1, true, true, true, 5},
                      Case{"LeastOfAll", 1, 0, 0, false, false, false, 5, false},
                      Case{"OldLayout", 3, 7, 1, true, true, true, 5, false},
                      Case{"WeightsOnly", 2, 7, 1, false, false, false, 5},
                      Case{"AutomaticBlocks", 64, 0, 9, true, false, true, 5},
                      Case{"OneFrameBlocks", 2, 1, 1, false, true, false, 5},
                      Case{"FlushEveryFrame", 2, 10, 1, true, true, true, 0},
                      Case{"ChunkSmallerThanFrame", 20000, 0, 1, false, false, false, 5}),
    [](const auto& instance) { return instance.param.name; });

TEST(TrajectoryHeader, ComesBackAsItWasWritten) {
  const TemporaryFolder folder;
  const auto path = folder / "run.h5";
  TrajectoryOptions options = example::full_options();
  options.resolved_deck += std::string(300'000, '#');  // more than an HDF5 header can hold
  write_run(path, options, 0);
  const TrajectoryReader reader(path);
  EXPECT_EQ(reader.n_frames(), 0u);
  EXPECT_EQ(reader.n_atoms(), 9u);
  EXPECT_EQ(reader.masses(), example::make_masses());
  EXPECT_EQ(reader.topology().describe_atom(3), "atom CA of residue ALA 1C of chain A");
  EXPECT_EQ(reader.topology().bonds.size(), example::make_topology().bonds.size());
  EXPECT_EQ(reader.info().author, options.author);
  EXPECT_EQ(reader.info().creator_version, options.creator_version);
  EXPECT_EQ(reader.info().title, options.title);
  EXPECT_EQ(reader.info().force_field, options.force_field);
  EXPECT_EQ(reader.info().resolved_deck, options.resolved_deck);
  EXPECT_EQ(reader.info().deck_digest, options.deck_digest);
  EXPECT_EQ(reader.info().seed, options.seed);
  EXPECT_EQ(reader.info().provenance, options.provenance);
  EXPECT_EQ(reader.observable_names(), (std::vector<std::string>{"potential_energy", "temperature",
                                                                 "log_acceptance", "end_to_end"}));
}

TEST(TrajectoryReader, SelectsOneChain) {
  const TemporaryFolder folder;
  const TrajectoryOptions options = example::full_options();
  write_run(folder / "run.h5", options, 12);
  const TrajectoryReader reader(folder / "run.h5");
  const engine::CoordinateBatch chain = reader.chain_positions(2, 3, 5);
  ASSERT_EQ(chain.n_chains(), 5u);
  for (std::size_t i = 0; i < 5; ++i) {
    const engine::CoordinateBatch frame = reader.positions(3 + i);
    EXPECT_EQ(std::memcmp(chain.chain(i).data(), frame.chain(2).data(), 27 * sizeof(double)), 0);
    EXPECT_EQ(chain.boxes().at(i), frame.boxes().at(2));
  }
}

TEST(TrajectoryReader, RefusesWhatIsNotThere) {
  const TemporaryFolder folder;
  const auto path = folder / "run.h5";
  TrajectoryOptions options = example::full_options();
  options.velocities = false;
  write_run(path, options, 4);
  const TrajectoryReader reader(path);
  const std::string start = "cannot read trajectory '" + path.string() + "': ";
  EXPECT_EQ(error_of([&] { reader.positions(4); }),
            start + "frames 4 to 5 (exclusive) asked for, it has 4");
  EXPECT_EQ(error_of([&] { reader.steps(5, 0); }),
            start + "frames 5 to 5 (exclusive) asked for, it has 4");
  EXPECT_EQ(error_of([&] { reader.chain_positions(3, 0, 1); }),
            start + "chain 3 asked for, it has 3");
  EXPECT_EQ(error_of([&] { reader.observable("charge", 0, 1); }),
            start + "it has no observable 'charge'");
  EXPECT_EQ(error_of([&] { reader.velocities(0); }),
            start + "it has no /particles/trajectory/velocity/value");
}

TEST(TrajectoryWriter, CountsFlushedFramesOnly) {
  const TemporaryFolder folder;
  const TrajectoryOptions options = example::full_options();  // blocks of 7 frames
  TrajectoryWriter writer = make_writer(folder / "run.h5", options);
  example::append_frames(writer, 0, 6, kChains, options);
  EXPECT_EQ(writer.frames_written(), 0u);
  EXPECT_EQ(writer.frames_appended(), 6u);
  example::append_frames(writer, 6, 8, kChains, options);
  EXPECT_EQ(writer.frames_written(), 7u);
  EXPECT_EQ(writer.frames_appended(), 8u);
  writer.sync();
  EXPECT_EQ(writer.frames_written(), 8u);
  // The next block ends where it would have ended without the flush.
  example::append_frames(writer, 8, 14, kChains, options);
  EXPECT_EQ(writer.frames_written(), 14u);
}

TEST(TrajectoryWriter, RefusesAnExistingFileUnlessAsked) {
  const TemporaryFolder folder;
  const auto path = folder / "run.h5";
  TrajectoryOptions options = example::full_options();
  write_run(path, options, 5);
  EXPECT_EQ(error_of([&] { make_writer(path, options); }),
            "cannot create trajectory '" + path.string() +
                "': it exists; choose another name, continue it, or ask to overwrite");
  EXPECT_EQ(TrajectoryReader(path).n_frames(), 5u);
  options.overwrite = true;
  write_run(path, options, 2);
  EXPECT_EQ(TrajectoryReader(path).n_frames(), 2u);
}

TEST(TrajectoryWriter, NamesAFolderThatIsNotThere) {
  const TemporaryFolder folder;
  const auto path = folder / "missing/run.h5";
  EXPECT_EQ(error_of([&] { make_writer(path, example::full_options()); }),
            "cannot create trajectory '" + path.string() + "': No such file or directory");
}

TEST(TrajectoryWriter, RefusesOptionsThatDoNotFit) {
  const TemporaryFolder folder;
  const auto path = folder / "run.h5";
  const auto error_with = [&](auto&& change) {
    TrajectoryOptions options = example::full_options();
    change(options);
    return error_of([&] { make_writer(path, options); });
  };
  EXPECT_EQ(error_with([](auto& o) { o.gzip_level = 10; }),
            "trajectory: gzip_level is 10, expected 0 to 9");
  EXPECT_EQ(error_with([](auto& o) { o.flush_seconds = -1; }),
            "trajectory: flush_seconds is -1.000000, expected a number not below 0");
  EXPECT_EQ(error_with([](auto& o) {
              o.observables = {{"a/b", "1"}};
            }),
            "trajectory: observable name 'a/b' must be made of letters, digits and '_'");
  EXPECT_EQ(error_with([](auto& o) {
              o.observables = {{"chain", "1"}};
            }),
            "trajectory: observable 'chain' is there twice or is a built-in one");
  EXPECT_EQ(error_with([](auto& o) {
              o.observables = {{"q", ""}};
            }),
            "trajectory: observable 'q' has no unit; write \"1\" when it is dimensionless");
  EXPECT_EQ(error_of([&] { make_writer(path, example::full_options(), 0); }),
            "trajectory: there must be at least one chain, got 0");
  EXPECT_EQ(error_of([&] {
              TrajectoryWriter(path, example::make_topology(), std::vector<double>{1.0}, kChains,
                               example::full_options());
            }),
            "trajectory: 1 masses for 9 atoms");
  EXPECT_FALSE(std::filesystem::exists(path));
}

class FrameCheck : public ::testing::Test {
 protected:
  // The message for frame 0 after `change`; no part of a refused frame may stay behind.
  template <class Change>
  std::string error_with(Change&& change) {
    const TemporaryFolder folder;
    const TrajectoryOptions options = example::full_options();
    std::string message;
    {
      TrajectoryWriter writer = make_writer(folder / "run.h5", options);
      ExampleFrame frame(0, kChains, 9, options);
      message = error_of([&] { writer.append(change(frame)); });
      EXPECT_EQ(writer.frames_appended(), 0u);
      example::append_frames(writer, 0, 3, kChains, options);
    }
    const TrajectoryReader reader(folder / "run.h5");
    EXPECT_EQ(reader.n_frames(), 3u);
    example::expect_example_frames(reader, options);
    return message;
  }

  static constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
};

TEST_F(FrameCheck, RefusesNumbersWithoutMeaning) {
  EXPECT_EQ(error_with([](ExampleFrame& f) {
              f.positions().chain(1)[3 * 3 + 2] = kNan;
              return f.view();
            }),
            "trajectory: position of atom CA of residue ALA 1C of chain A of chain 1 at step 10 is "
            "nan, not a number that float32 can hold; the run has become unstable");
  EXPECT_EQ(error_with([](ExampleFrame& f) {
              f.velocities().chain(2)[0] = -1e39;
              return f.view();
            }),
            "trajectory: velocity of atom C of residue ACE 1 of chain A of chain 2 at step 10 is "
            "-1e+39, not a number that float32 can hold; the run has become unstable");
  EXPECT_EQ(error_with([](ExampleFrame& f) {
              f.energies()[2] = kNan;
              return f.view();
            }),
            "trajectory: potential energy of chain 2 at step 10 is NaN");
  EXPECT_EQ(error_with([](ExampleFrame& f) {
              f.observables()[1] = kNan;
              return f.view();
            }),
            "trajectory: log_acceptance of chain 1 at step 10 is NaN");
  EXPECT_EQ(error_with([](ExampleFrame& f) {
              f.boxes()[0].cz = 0.0;
              return f.view();
            }),
            "trajectory: volume of the box of chain 0 at step 10 is 0 nm^3, expected a "
            "positive number");
  EXPECT_EQ(error_with([](ExampleFrame& f) {
              Frame frame = f.view();
              frame.time_ps = kNan;
              return frame;
            }),
            "trajectory: time at step 10 is not finite");
}

TEST_F(FrameCheck, TakesInfiniteEnergies) {
  const TemporaryFolder folder;
  TrajectoryOptions options;
  const double infinity = std::numeric_limits<double>::infinity();
  {
    TrajectoryWriter writer = make_writer(folder / "run.h5", options);
    ExampleFrame frame(0, kChains, 9, options);
    frame.energies()[1] = infinity;
    writer.append(frame.view());
  }
  EXPECT_EQ(TrajectoryReader(folder / "run.h5").observable("potential_energy", 0, 1)[1], infinity);
}

TEST_F(FrameCheck, RefusesArraysOfTheWrongSize) {
  EXPECT_EQ(error_with([](ExampleFrame& f) {
              Frame frame = f.view();
              frame.positions.n_atoms = 8;
              return frame;
            }),
            "trajectory: frame has 8 atoms, expected 9");
  EXPECT_EQ(error_with([](ExampleFrame& f) {
              Frame frame = f.view();
              frame.velocities = {};
              return frame;
            }),
            "trajectory: frame has 0 velocities, expected 81");
  EXPECT_EQ(error_with([](ExampleFrame& f) {
              f.observables().pop_back();
              return f.view();
            }),
            "trajectory: frame has 5 observable numbers, expected 6");
  EXPECT_EQ(error_with([](ExampleFrame& f) {
              f.boxes().clear();
              return f.view();
            }),
            "trajectory: frame has 0 boxes, expected 3");
}

TEST(TrajectoryWriter, RefusesStepsThatDoNotGrow) {
  const TemporaryFolder folder;
  const auto path = folder / "run.h5";
  const TrajectoryOptions options = example::full_options();
  TrajectoryWriter writer = make_writer(path, options);
  example::append_frames(writer, 0, 2, kChains, options);
  EXPECT_EQ(
      error_of([&] { example::append_frames(writer, 1, 2, kChains, options); }),
      "cannot write trajectory '" + path.string() + "': step 20 after step 20; steps must grow");
  example::append_frames(writer, 2, 5, kChains, options);
  writer.close();
  EXPECT_EQ(error_of([&] { example::append_frames(writer, 5, 6, kChains, options); }),
            "cannot write trajectory '" + path.string() + "': it is closed");
  example::expect_example_frames(TrajectoryReader(path), options);
}

TEST(TrajectoryAppend, TruncatesToTheCheckpointAndGoesOn) {
  const TemporaryFolder folder;
  const auto path = folder / "run.h5";
  const TrajectoryOptions options = example::full_options();
  write_run(path, options, 40);
  // Inside a block, at its end, all frames, none.
  std::uint64_t n_frames = 40;
  for (std::uint64_t kept : {33u, 28u, 40u, 0u, 9u}) {
    kept = std::min<std::uint64_t>(kept, n_frames);
    n_frames = kept + 12;
    {
      TrajectoryWriter writer =
          TrajectoryWriter::open_for_append(path, kept, example::make_topology(), kChains, options);
      EXPECT_EQ(writer.frames_written(), kept);
      example::append_frames(writer, kept, n_frames, kChains, options);
      writer.close();
    }
    EXPECT_FALSE(needs_repair(path));
    EXPECT_FALSE(repair_trajectory(path).was_changed);
    const TrajectoryReader reader(path);
    ASSERT_EQ(reader.n_frames(), n_frames);
    example::expect_example_frames(reader, options);
  }
}

TEST(TrajectoryAppend, RefusesAnotherRunsFile) {
  const TemporaryFolder folder;
  const auto path = folder / "run.h5";
  const TrajectoryOptions options = example::full_options();
  write_run(path, options, 10);
  const auto error_with = [&](auto&& change, std::uint64_t n_frames = 10,
                              std::size_t n_chains = kChains) {
    TrajectoryOptions other = options;
    engine::Topology topology = example::make_topology();
    change(other, topology);
    return error_of(
        [&] { TrajectoryWriter::open_for_append(path, n_frames, topology, n_chains, other); });
  };
  const std::string start = "cannot continue trajectory '" + path.string() + "': ";
  const auto nothing = [](auto&, auto&) {};
  EXPECT_EQ(error_with(nothing, 11),
            start +
                "it has 10 frames, the checkpoint counts 11; is it the trajectory of this "
                "checkpoint?");
  EXPECT_EQ(error_with(nothing, 10, 2), start + "it has 3 chains, the run has 2");
  EXPECT_EQ(error_with([](auto& o, auto&) { o.velocities = false; }),
            start + "it was written with velocities, the run asks for the opposite");
  EXPECT_EQ(error_with([](auto& o, auto&) { o.box = false; }),
            start + "it was written with box vectors, the run asks for the opposite");
  EXPECT_EQ(error_with([](auto& o, auto&) { o.observables.pop_back(); }),
            start +
                "other observables: 'log_acceptance [1], end_to_end [nm]' in the file, "
                "'log_acceptance [1]' now");
  EXPECT_EQ(error_with([](auto&, auto& t) { t.atoms[0].name = "CX"; }),
            start + "its topology is not that of the run");
  EXPECT_EQ(error_with([](auto& o, auto&) { o.deck_digest = "ffff"; }),
            start + "written from another deck (digest '0123abcd' in the file, 'ffff' now)");
  EXPECT_EQ(TrajectoryReader(path).n_frames(), 10u);
}

}  // namespace
}  // namespace saltus::io
