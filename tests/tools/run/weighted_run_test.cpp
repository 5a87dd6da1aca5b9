// Oracle: weighted sums over what the chains were when frames were taken, by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/ensemble/resampling.h"
#include "io/hdf5/trajectory_reader.h"
#include "tests/support/errors.h"
#include "tests/support/temporary_folder.h"
#include "tools/saltus/run/compared_trajectory.h"
#include "tools/saltus/run/report.h"
#include "tools/saltus/run/reporters.h"

namespace saltus::tools {
namespace {

using engine::ChainBatch;
using Numbers = std::vector<double>;
using tests::TemporaryFolder;

constexpr std::size_t kChains = 6, kAtoms = 5;
constexpr std::uint64_t kFrames = 40;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// All that the chains were, frame after frame.
struct Taken {
  Numbers log_weights, energies, phi;  ///< [frame, chain]
};

/// A run of made-up chains through the reporter of runs: torsions and energies at random about
/// values of the chain, resampled after half of the frames if asked for.
class WeightedRun {
 public:
  explicit WeightedRun(Numbers log_weights) {
    chains_ = ChainBatch(kChains, kAtoms, {});
    chains_.log_weights = std::move(log_weights);
  }

  Taken write(const std::filesystem::path& path, bool resampled) {
    io::TrajectoryOptions options;
    options.observables = {{"phi_2", "rad"}, {"psi_2", "rad"}};
    engine::Topology topology;
    topology.residues = {{"ALA", "A", 1, ""}};
    for (const char* name : {"C1", "N", "CA", "C", "N2"}) topology.atoms.push_back({name, 6, 0});
    io::TrajectoryWriter writer(path, topology, Numbers(kAtoms, 12.0), kChains, options);
    TrajectoryReporter reporter(writer, {torsions_}, options, {}, 1);
    Taken taken;
    std::vector<std::size_t> ancestors(kChains);
    std::iota(ancestors.begin(), ancestors.end(), std::size_t{0});
    for (std::uint64_t step = 1; step <= kFrames; ++step) {
      move(step, ancestors);
      reporter.on_step(step, chains_, {});
      const Numbers angles = measure_torsions(torsions_, chains_.positions.view());
      taken.phi.insert(taken.phi.end(), angles.begin(), angles.begin() + kChains);
      append(chains_.log_weights, taken.log_weights);
      append(chains_.energies, taken.energies);
      if (resampled && step == kFrames / 2)
        engine::resample({1, 1.0}, {5, step}, chains_, ancestors);
    }
    writer.close();
    return taken;
  }

 private:
  static void append(const Numbers& from, Numbers& to) {
    to.insert(to.end(), from.begin(), from.end());
  }

  void move(std::uint64_t step, const std::vector<std::size_t>& ancestors) {
    for (std::size_t c = 0; c < kChains; ++c) {
      engine::RandomStream random({17, step}, engine::StreamName::kTest,
                                  static_cast<std::uint32_t>(c));
      const double place = static_cast<double>(ancestors[c]);
      const double phi = -2.0 + 0.8 * place + 0.1 * random.normal();
      chains_.energies[c] = -50.0 + 4.0 * place + random.normal();
      const Numbers x = {
          0.1,  0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.15, 0.1 * std::cos(phi), 0.1 * std::sin(phi),
          0.15, 0.2, 0.1, 0.2};
      std::copy(x.begin(), x.end(), chains_.positions.chain(c).begin());
    }
  }

  ChainBatch chains_;
  std::vector<NamedTorsion> torsions_ = {{"phi_2", {0, 1, 2, 3}}, {"psi_2", {1, 2, 3, 4}}};
};

template <class Function>
double weighted_mean(const Taken& taken, const Numbers& values, const Function& f) {
  double sum = 0.0, weights = 0.0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    sum += std::exp(taken.log_weights[i]) * f(values[i]);
    weights += std::exp(taken.log_weights[i]);
  }
  return sum / weights;
}

double identity(double value) { return value; }

double mean(const Numbers& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

const engine::ObservableSummary& observable(const io::ReportData& data, const std::string& name) {
  for (const auto& one : data.summary.observables)
    if (one.name == name) return one;
  throw std::runtime_error("no observable " + name);
}

/// Weights 1, 2, 3, 4, 5 and, of the last chain, 0.
Numbers unequal_weights() {
  Numbers result;
  for (std::size_t c = 0; c + 1 < kChains; ++c)
    result.push_back(std::log(1.0 + static_cast<double>(c)));
  result.push_back(-kInfinity);
  return result;
}

/// The averages of a report, against sums by hand.
void expect_weighted(const io::ReportData& data, const Taken& taken) {
  const auto& energy = observable(data, "potential energy").statistics;
  EXPECT_NEAR(energy.mean, weighted_mean(taken, taken.energies, identity), 1e-9);
  EXPECT_NEAR(observable(data, "cos phi_2").statistics.mean,
              weighted_mean(taken, taken.phi, [](double a) { return std::cos(a); }), 1e-9);
  EXPECT_NEAR(observable(data, "phi_2 in 0..160 deg").statistics.mean,
              weighted_mean(taken, taken.phi,
                            [](double a) { return a > 0.0 && a < 2.7925268 ? 1.0 : 0.0; }),
              1e-9);
  ASSERT_TRUE(data.torsion_map.has_value());
  const auto& p = data.torsion_map->surface.probability;
  const std::size_t n = data.torsion_map->surface.n_bins;
  const double left =
      std::accumulate(p.begin(), p.begin() + static_cast<std::ptrdiff_t>(n * n / 2), 0.0);
  EXPECT_NEAR(left, weighted_mean(taken, taken.phi, [](double a) { return a < 0.0 ? 1.0 : 0.0; }),
              1e-9);
}

TEST(WeightedRun, IsAveragedWithTheWeightsOfItsFrames) {
  const TemporaryFolder folder;
  const RunFiles files(folder / "run.h5");
  const Taken taken = WeightedRun(unequal_weights()).write(files.trajectory, false);
  const io::ReportData data = analyse_run(files);
  expect_weighted(data, taken);
  // What a report that ignores the weights would say is far off.
  const auto& energy = observable(data, "potential energy").statistics;
  EXPECT_GT(std::abs(energy.mean - mean(taken.energies)), 0.3);
  // Weights 1 to 5 and 0 of six chains: Kish's number is 40 * 15^2 / 55 of 240 values.
  EXPECT_TRUE(data.summary.is_weighted());
  EXPECT_EQ(data.summary.n_weighted_values, 240u);
  EXPECT_NEAR(data.summary.kish_effective_samples, 40.0 * 225.0 / 55.0, 1e-9);
  EXPECT_THAT(agreement(data.summary),
              testing::HasSubstr("; weighted: 240 values count as 164 equal ones (Kish)"));
}

TEST(WeightedRun, FramesCarryTheWeightsOfTheirTime) {
  const TemporaryFolder folder;
  const RunFiles files(folder / "run.h5");
  const Taken taken = WeightedRun(unequal_weights()).write(files.trajectory, true);
  const io::TrajectoryReader reader(files.trajectory);
  EXPECT_EQ(reader.log_weights(0, kFrames), taken.log_weights);
  // Before and after the resampling.
  EXPECT_EQ(reader.log_weights(kFrames / 2 - 1, 1), unequal_weights());
  const Numbers after = reader.log_weights(kFrames / 2, 1);
  for (double l : after) EXPECT_NEAR(l, std::log(15.0 / 6.0), 1e-12);
  expect_weighted(analyse_run(files), taken);
}

TEST(WeightedRun, OfEqualWeightsIsNotWeighted) {
  const TemporaryFolder folder;
  const RunFiles zero(folder / "zero.h5"), equal(folder / "equal.h5");
  const Taken taken = WeightedRun(Numbers(kChains, 0.0)).write(zero.trajectory, false);
  WeightedRun(Numbers(kChains, -3.25)).write(equal.trajectory, false);
  const io::ReportData a = analyse_run(zero), b = analyse_run(equal);
  EXPECT_FALSE(a.summary.is_weighted());
  EXPECT_FALSE(b.summary.is_weighted());
  EXPECT_NEAR(observable(a, "potential energy").statistics.mean, mean(taken.energies), 1e-9);
  ASSERT_EQ(a.summary.observables.size(), b.summary.observables.size());
  for (std::size_t i = 0; i < a.summary.observables.size(); ++i) {
    EXPECT_EQ(a.summary.observables[i].statistics.mean, b.summary.observables[i].statistics.mean);
    EXPECT_EQ(a.summary.observables[i].statistics.mean_error,
              b.summary.observables[i].statistics.mean_error);
  }
  EXPECT_THAT(agreement(a.summary), testing::Not(testing::HasSubstr("weighted")));
}

TEST(WeightedRun, IsNotCompared) {
  const TemporaryFolder folder;
  const std::filesystem::path weighted = folder / "run.h5", equal = folder / "equal.h5";
  WeightedRun(unequal_weights()).write(weighted, false);
  WeightedRun(Numbers(kChains, 0.0)).write(equal, false);
  const engine::Topology topology = topology_of(equal);
  const ComparedCoordinates coordinates = compared_coordinates(topology);
  EXPECT_EQ(read_compared(equal, topology, coordinates).n_frames(), kChains * kFrames);
  EXPECT_EQ(tests::message_of<engine::InputError>(
                [&] { read_compared(weighted, topology, coordinates); }),
            weighted.string() +
                ": the run is weighted: 240 values count as 164 equal ones (Kish); comparisons "
                "count all frames alike and take runs of equal weights only");
}

TEST(WeightedRun, WithoutAnyWeightIsRefused) {
  const TemporaryFolder folder;
  const RunFiles files(folder / "run.h5");
  WeightedRun(Numbers(kChains, -kInfinity)).write(files.trajectory, false);
  EXPECT_EQ(tests::message_of<engine::NumericalError>([&] { analyse_run(files); }),
            files.trajectory.string() +
                ": log-weights of the 6 chains analysed: none of 240 importance weights is "
                "positive: no sample represents the target; no average can be taken of this "
                "trajectory, start again from chains that have weight");
}

}  // namespace
}  // namespace saltus::tools
