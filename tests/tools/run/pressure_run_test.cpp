// Oracle: boxes that a run had, and sums by hand. A water of 18 dalton in 0.0299 nm^3 has 1 g/cm^3.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "engine/core/random.h"
#include "io/hdf5/trajectory_reader.h"
#include "tests/support/temporary_folder.h"
#include "tools/saltus/run/report.h"
#include "tools/saltus/run/reporters.h"

namespace saltus::tools {
namespace {

constexpr std::size_t kChains = 3, kFrames = 12;
constexpr double kMass = 18.0;  // dalton

/// Edge of the box of a chain at a step, nm.
double edge(std::uint64_t step, std::size_t c) {
  return 1.0 + 0.1 * engine::RandomStream({9, step}, engine::StreamName::kTest,
                                          static_cast<std::uint32_t>(c))
                         .uniform();
}

/// Made-up chains through the reporter of runs.
void write_run(const std::filesystem::path& path) {
  FrameObservables observables;
  observables.mass_dalton = kMass;
  io::TrajectoryOptions options;
  options.box = true;
  options.observables = observables.columns();
  engine::Topology topology;
  topology.residues = {{"HOH", "A", 1, ""}};
  topology.atoms.push_back({"O", 8, 0});
  engine::ChainBatch chains(kChains, 1, {});
  io::TrajectoryWriter writer(path, topology, std::vector<double>{kMass}, kChains, options);
  TrajectoryReporter reporter(writer, observables, options,
                              engine::connected_molecules(1, topology.bonds), 1);
  for (std::uint64_t step = 1; step <= kFrames; ++step) {
    std::vector<engine::Box> boxes;
    for (std::size_t c = 0; c < kChains; ++c) {
      const double a = edge(step, c);
      boxes.emplace_back(std::array<double, 3>{a, 2.0 * a, a});
      chains.energies[c] = -a;
    }
    chains.positions.set_boxes(boxes);
    reporter.on_step(step, chains, {});
  }
  writer.close();
}

TEST(PressureRun, StoresTheVolumeAndTheDensityOfEachChain) {
  const tests::TemporaryFolder folder;
  write_run(folder / "run.h5");
  const io::TrajectoryReader reader(folder / "run.h5");
  const std::vector<double> volumes = reader.observable(kVolumeName, 0, kFrames);
  const std::vector<double> densities = reader.observable(kDensityName, 0, kFrames);
  ASSERT_EQ(volumes.size(), kFrames * kChains);
  for (std::size_t i = 0; i < volumes.size(); ++i) {
    const double a = edge(1 + i / kChains, i % kChains);
    EXPECT_NEAR(volumes[i], 2.0 * a * a * a, 1e-14);
    // 18 g/mol in V: 18 g / (6.02214076e23 V 1e-21 cm^3).
    EXPECT_NEAR(densities[i], kMass / (602.214076 * volumes[i]), 1e-15);
  }
  EXPECT_NEAR(kMass / (602.214076 * 0.0299), 1.0, 1e-3);
}

TEST(PressureRun, StoresWholeMoleculesInTheBox) {
  const tests::TemporaryFolder folder;
  engine::Topology topology;
  topology.residues = {{"HOH", "A", 1, ""}};
  topology.atoms = {{"O", 8, 0}, {"H1", 1, 0}, {"M", 0, 0}};
  topology.bonds = {{0, 1}};
  engine::System system;
  system.masses = {16.0, 1.0, 0.0};
  engine::VirtualSite site;
  site.site = 2;
  site.parents = {0, 1, 1};
  system.virtual_sites = {site};
  io::TrajectoryOptions options;
  options.box = true;
  // Far away, as after a long run: the hydrogen is across the border of the box at 1 nm.
  engine::ChainBatch chains(1, 3, {});
  const std::vector<double> x = {-3.05, 7.5, 100.4, -2.96, 7.5, 100.4, -3.04, 7.5, 100.4};
  std::copy(x.begin(), x.end(), chains.positions.chain(0).begin());
  chains.positions.set_boxes({engine::Box({1.0, 2.0, 4.0})});
  {
    io::TrajectoryWriter writer(folder / "run.h5", topology, system.masses, 1, options);
    TrajectoryReporter reporter(writer, {}, options, engine::molecules_of(topology, system), 1);
    reporter.on_step(1, chains, {});
    writer.close();
  }
  const std::vector<double> expected = {0.95, 1.5, 0.4, 1.04, 1.5, 0.4, 0.96, 1.5, 0.4};
  const auto stored = io::TrajectoryReader(folder / "run.h5").positions(0).values();
  ASSERT_EQ(stored.size(), expected.size());
  constexpr double kSinglePrecision = 1e-7;  // of numbers below 2
  for (std::size_t n = 0; n < expected.size(); ++n)
    EXPECT_NEAR(stored[n], expected[n], kSinglePrecision) << n;
  // What the run goes on with is as it was.
  EXPECT_EQ(chains.positions.values(), x);
}

TEST(PressureRun, ReportsThemWithErrors) {
  const tests::TemporaryFolder folder;
  const RunFiles files(folder / "run.h5");
  write_run(files.trajectory);
  const io::ReportData data = analyse_run(files);
  std::vector<std::string> names, units;
  for (const engine::ObservableSummary& one : data.summary.observables) {
    names.push_back(one.name);
    units.push_back(one.unit);
  }
  EXPECT_THAT(names, testing::ElementsAre("potential energy", "volume", "density"));
  EXPECT_THAT(units, testing::ElementsAre("kJ/mol", "nm^3", "g/cm^3"));
  double volume = 0.0;
  for (std::uint64_t step = 1; step <= kFrames; ++step)
    for (std::size_t c = 0; c < kChains; ++c)
      volume += 2.0 * std::pow(edge(step, c), 3) / (kFrames * kChains);
  EXPECT_NEAR(data.summary.observables[1].statistics.mean, volume, 1e-12);
  EXPECT_GT(data.summary.observables[1].statistics.mean_error, 0.0);
  // The density is drawn along the run.
  ASSERT_EQ(data.traces.size(), 1U);
  EXPECT_EQ(data.traces[0].observable, kDensityName);
  EXPECT_EQ(data.traces[0].unit, "g/cm^3");
  EXPECT_FALSE(data.torsion_map.has_value());
}

TEST(PressureRun, HasNoSuchObservablesAtConstantVolume) {
  FrameObservables observables;
  EXPECT_TRUE(observables.columns().empty());
  observables.replicas = true;
  observables.mass_dalton = kMass;
  std::vector<std::string> names;
  for (const io::Observable& column : observables.columns()) names.push_back(column.name);
  EXPECT_THAT(names, testing::ElementsAre(kVolumeName, kDensityName, kReplicaName));
}

}  // namespace
}  // namespace saltus::tools
