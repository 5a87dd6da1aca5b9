// Oracle: replicas moved by hand, and their round trips counted by hand; exact free energies of
// harmonic wells, within six of their errors (false alarms below 1e-5).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/ensemble/canonical.h"
#include "io/hdf5/trajectory_reader.h"
#include "tests/support/errors.h"
#include "tests/support/exact_start.h"
#include "tests/support/scaling_map.h"
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
  TrajectoryReporter reporter(writer, observables, options, {}, 5);
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

/// Ladders of one atom in a harmonic well, drawn anew at every frame.
struct WellRun {
  static constexpr std::size_t kLadders = 12, kFrames = 40;
  std::vector<double> temperatures_K = {300.0, 360.0, 430.0};
  engine::HarmonicWell well{1, 500.0};
  std::shared_ptr<const engine::TargetDensity> target = std::make_shared<engine::Canonical>(
      std::make_shared<engine::HarmonicWell>(1, 500.0), engine::ReferenceMeasure::kCartesian);
  FrameObservables observables;
  double log_weight = 0.0;  ///< of the last chain

  explicit WellRun(double exponent) {
    observables.replicas = true;
    if (exponent > 0.0)
      observables.map = MeasuredMap{std::make_shared<tests::ScalingMap>(exponent), target, 3};
  }
  double exact(std::size_t level) const {
    return -1.5 * std::log(temperatures_K[level] / temperatures_K[0]);
  }
  engine::ChainBatch chains_at(std::uint64_t step) const {
    engine::ChainBatch chains(3 * kLadders, 1, {});
    for (std::size_t level = 0; level < 3; ++level) {
      const engine::ChainBatch drawn = tests::draw_exact_chains(
          well, kLadders, temperatures_K[level], {12.0}, 1000 * step + level);
      for (std::size_t l = 0; l < kLadders; ++l) chains.copy_configuration(drawn, l, 3 * l + level);
    }
    for (std::size_t c = 0; c < chains.n_chains(); ++c) {
      chains.states[c].temperature_K = temperatures_K[c % 3];
      chains.replicas[c] = static_cast<std::uint32_t>(c);
    }
    chains.log_weights.back() = log_weight;
    return chains;
  }
  /// Closes the file after each part and goes on.
  void write(const std::filesystem::path& path, const std::vector<std::uint64_t>& parts) const {
    io::TrajectoryOptions options;
    options.observables = observables.columns();
    engine::Topology topology;
    topology.residues = {{"C", "A", 1, ""}};
    topology.atoms.push_back({"C", 6, 0});
    std::uint64_t step = 0;
    for (const std::uint64_t frames : parts) {
      io::TrajectoryWriter writer =
          step == 0
              ? io::TrajectoryWriter(path, topology, std::vector<double>{12.0}, 3 * kLadders,
                                     options)
              : io::TrajectoryWriter::open_for_append(path, step, topology, 3 * kLadders, options);
      TrajectoryReporter reporter(writer, observables, options, {}, 1);
      for (const std::uint64_t end = step + frames; step < end; ++step)
        reporter.on_step(step + 1, chains_at(step + 1), {});
      writer.close();
    }
  }
};

void expect_near(const engine::FreeEnergyEstimate& estimate, double value) {
  EXPECT_NEAR(estimate.value, value, 6.0 * estimate.error);
  EXPECT_GT(estimate.error, 0.0);
  EXPECT_LT(estimate.error, 0.2);
}

TEST(LadderRun, HasTheFreeEnergiesOfItsLevels) {
  const tests::TemporaryFolder folder;
  const RunFiles files(folder / "run.h5");
  const WellRun run(0.0);
  run.write(files.trajectory, {WellRun::kFrames});
  const io::ReportData data = analyse_run(files);
  ASSERT_TRUE(data.summary.free_energy.has_value());
  const engine::FreeEnergySummary& summary = *data.summary.free_energy;
  EXPECT_EQ(summary.missing, "");
  EXPECT_TRUE(summary.whole_ladders);
  EXPECT_EQ(summary.n_blocks, WellRun::kLadders);
  ASSERT_EQ(summary.mbar.from_first.size(), 3U);
  for (std::size_t k = 1; k < 3; ++k) expect_near(summary.mbar.from_first[k], run.exact(k));
  EXPECT_TRUE(summary.mapped.pairs.empty());
  EXPECT_EQ(summary.n_map_evaluations, 0U);
  ASSERT_EQ(data.works.size(), 2U);
  EXPECT_EQ(data.works[1].quantity, "Work without a map, 360 K and 430 K");
}

TEST(LadderRun, HasTheFreeEnergiesByTheWorksOfItsMap) {
  const tests::TemporaryFolder folder;
  const RunFiles files(folder / "run.h5");
  const WellRun run(0.7);
  run.write(files.trajectory, {WellRun::kFrames});
  const io::TrajectoryReader reader(files.trajectory);
  EXPECT_THAT(reader.observable_names(),
              testing::IsSupersetOf({kWorkToNextName, kWorkToPreviousName}));
  // Of the first chain: E (s^2 / T' - 1 / T) / R - 3/2 0.7 log(T' / T), and no level below.
  const double energy = reader.observable("potential_energy", 0, 1)[0];
  EXPECT_NEAR(
      reader.observable(kWorkToNextName, 0, 1)[0],
      energy / (engine::kGasConstant * 300.0) * (std::pow(1.2, -0.3) - 1.0) - 1.05 * std::log(1.2),
      1e-12);
  EXPECT_EQ(reader.observable(kWorkToPreviousName, 0, 1)[0], 0.0);
  const io::ReportData data = analyse_run(files);
  const engine::FreeEnergySummary& summary = *data.summary.free_energy;
  ASSERT_EQ(summary.mapped.from_first.size(), 3U);
  for (std::size_t k = 1; k < 3; ++k) expect_near(summary.mapped.from_first[k], run.exact(k));
  EXPECT_LT(summary.mapped.from_first[2].error, summary.plain.from_first[2].error);
  EXPECT_EQ(summary.n_map_evaluations, 4 * WellRun::kLadders * WellRun::kFrames);
  EXPECT_EQ(data.works.at(0).quantity, "Work of the map, 300 K and 360 K");
  // Works are nothing to average.
  for (const engine::ObservableSummary& one : data.summary.observables)
    EXPECT_THAT(one.name, testing::Not(testing::HasSubstr("work")));
}

TEST(LadderRun, InPartsHasTheSameWorks) {
  const tests::TemporaryFolder folder;
  const WellRun run(0.7);
  run.write(folder / "whole.h5", {20});
  run.write(folder / "parts.h5", {7, 13});
  const io::TrajectoryReader whole(folder / "whole.h5"), parts(folder / "parts.h5");
  for (const char* name : {kWorkToNextName, kWorkToPreviousName})
    EXPECT_EQ(whole.observable(name, 0, 20), parts.observable(name, 0, 20));
}

TEST(LadderRun, OfUnequalWeightsHasNoFreeEnergies) {
  const tests::TemporaryFolder folder;
  const RunFiles files(folder / "run.h5");
  WellRun run(0.0);
  run.log_weight = -1.0;
  run.write(files.trajectory, {8});
  const io::ReportData data = analyse_run(files);
  EXPECT_EQ(data.summary.free_energy->missing,
            "chains have unequal weights, which the estimators do not take");
  EXPECT_TRUE(data.works.empty());
}

TEST(LadderRun, OfTwoLaddersIsTooShortForFreeEnergies) {
  const tests::TemporaryFolder folder;
  const RunFiles files(folder / "run.h5");
  write_ladders(files.trajectory, two_round_trips());
  EXPECT_THAT(analyse_run(files).summary.free_energy->missing,
              testing::StartsWith("errors need 8 independent blocks of frames, this run has "));
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
