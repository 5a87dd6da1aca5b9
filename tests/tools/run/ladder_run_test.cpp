// Oracle: replicas moved by hand, and their round trips counted by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "engine/core/random.h"
#include "io/hdf5/trajectory_reader.h"
#include "tests/support/errors.h"
#include "tests/support/temporary_folder.h"
#include "tools/saltus/run/report.h"
#include "tools/saltus/run/reporters.h"

namespace saltus::tools {
namespace {

using Labels = std::vector<std::uint32_t>;

/// Writes one frame of two ladders of three temperatures for each row, 5 steps apart.
void write_ladders(const std::filesystem::path& path, const std::vector<Labels>& rows,
                   bool with_replicas = true) {
  FrameObservables observables;
  observables.replicas = with_replicas;
  io::TrajectoryOptions options;
  options.observables = observables.columns();
  engine::Topology topology;
  topology.residues = {{"NE", "A", 1, ""}};
  topology.atoms.push_back({"NE", 10, 0});
  engine::ChainBatch chains(6, 1, {});
  for (std::size_t c = 0; c < 6; ++c)
    chains.states[c].temperature_K = 300.0 + 50.0 * static_cast<double>(c % 3);
  io::TrajectoryWriter writer(path, topology, std::vector<double>{20.0}, 6, options);
  TrajectoryReporter reporter(writer, observables, options, 5);
  for (std::size_t row = 0; row < rows.size(); ++row) {
    for (std::size_t c = 0; c < 6; ++c)
      chains.energies[c] =
          engine::RandomStream({7, row}, engine::StreamName::kTest, static_cast<std::uint32_t>(c))
              .normal();
    chains.replicas = rows[row];
    reporter.on_step(5 * (row + 1), chains, {});
  }
  writer.close();
}

/// Replica 0 goes up and down twice, in 20 and in 10 steps, replica 4 never comes to the bottom.
std::vector<Labels> two_round_trips() {
  return {{0, 1, 2, 3, 4, 5}, {1, 0, 2, 3, 4, 5}, {1, 2, 0, 3, 5, 4}, {1, 0, 2, 3, 4, 5},
          {0, 1, 2, 3, 4, 5}, {2, 1, 0, 3, 5, 4}, {0, 1, 2, 3, 4, 5}, {0, 1, 2, 3, 4, 5}};
}

TEST(LadderRun, StoresWhichReplicaEachChainHolds) {
  const tests::TemporaryFolder folder;
  write_ladders(folder / "run.h5", two_round_trips());
  const io::TrajectoryReader reader(folder / "run.h5");
  EXPECT_THAT(reader.observable_names(), testing::Contains(kReplicaName));
  std::vector<double> expected;
  for (const Labels& row : two_round_trips())
    expected.insert(expected.end(), row.begin(), row.end());
  EXPECT_EQ(reader.observable(kReplicaName, 0, 8), expected);
}

TEST(LadderRun, HasTheRoundTripsOfItsFramesWithoutACheckpoint) {
  const tests::TemporaryFolder folder;
  const RunFiles files(folder / "run.h5");
  write_ladders(files.trajectory, two_round_trips());
  const engine::RunSummary summary = analyse_run(files).summary;
  ASSERT_TRUE(summary.ladder.has_value());
  EXPECT_EQ(summary.ladder->n_levels, 3U);
  EXPECT_EQ(summary.ladder->n_ladders, 2U);
  EXPECT_EQ(summary.ladder->n_round_trips, 2U);
  EXPECT_EQ(summary.ladder->round_trip_steps, 15.0);
  EXPECT_EQ(summary.ladder->look_period, 5U);
  EXPECT_EQ(summary.ladder->first_step, 5U);
  // A replica is nothing to average.
  ASSERT_EQ(summary.observables.size(), 1U);
  EXPECT_EQ(summary.observables[0].name, "potential energy");
}

TEST(LadderRun, OfAnEarlierVersionHasNone) {
  const tests::TemporaryFolder folder;
  const RunFiles files(folder / "run.h5");
  write_ladders(files.trajectory, two_round_trips(), false);
  EXPECT_FALSE(analyse_run(files).summary.ladder.has_value());
}

TEST(LadderRun, WithReplicasOfAnotherRunIsRefused) {
  const tests::TemporaryFolder folder;
  const RunFiles files(folder / "run.h5");
  std::vector<Labels> rows = two_round_trips();
  rows[3][4] = 6;
  write_ladders(files.trajectory, rows);
  EXPECT_EQ(
      tests::message_of<engine::InputError>([&] { analyse_run(files); }),
      files.trajectory.string() + ": replica 6 of chain 4 is none of 3 temperatures and 6 chains");
}

}  // namespace
}  // namespace saltus::tools
