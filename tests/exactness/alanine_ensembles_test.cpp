// Oracle: another exact sampler. The learned leaps and replica-exchange HMC share nothing but the
// energy function, so their ensembles of alanine dipeptide must agree: mean energy, population of
// the left-handed region, histograms of phi and psi. Agreement is weak evidence (both could share a
// wrong energy), which is why energies are checked against OpenMM elsewhere.
// Takes minutes; run by hand: ctest -L long.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <filesystem>

#include "engine/core/units.h"
#include "engine/diagnostics/histogram.h"
#include "io/hdf5/trajectory_reader.h"
#include "saltus_test_paths.h"
#include "tests/support/statistics.h"
#include "tests/support/temporary_folder.h"
#include "tools/saltus/decks/load_run_deck.h"
#include "tools/saltus/run/run.h"

namespace saltus::tests {
namespace {

constexpr std::size_t kBins = 24;
constexpr double kPi = engine::kPi;

/// One observable of the chains at 310 K, chain-major.
struct Series {
  std::vector<double> values;
  std::size_t n_chains = 0, n_steps = 0;
  engine::ChainSeries view() const { return {values, n_chains, n_steps}; }

  std::vector<double> chain_means() const {
    std::vector<double> means(n_chains, 0.0);
    for (std::size_t c = 0; c < n_chains; ++c) {
      for (std::size_t t = 0; t < n_steps; ++t) means[c] += values[c * n_steps + t];
      means[c] /= static_cast<double>(n_steps);
    }
    return means;
  }
};

struct Ensemble {
  Series energy, phi, psi, left_handed;
};

Series read(const io::TrajectoryReader& reader, const std::string& name,
            const std::vector<std::size_t>& chains) {
  Series series;
  series.n_chains = chains.size();
  series.n_steps = static_cast<std::size_t>(reader.n_frames());
  const auto rows = reader.observable(name, 0, reader.n_frames());
  for (std::size_t chain : chains)
    for (std::size_t t = 0; t < series.n_steps; ++t)
      series.values.push_back(rows[t * reader.n_chains() + chain]);
  return series;
}

/// Runs a committed deck in a folder of its own and reads what it sampled at 310 K.
Ensemble sample(const std::string& deck, const std::vector<std::string>& overrides,
                const std::filesystem::path& folder) {
  tools::RunRequest request;
  std::vector<std::string> all = overrides;
  all.push_back("output.directory=" + folder.string());
  request.deck =
      tools::load_run_deck(std::string(SALTUS_TEST_SOURCE_DIR) + "/data/decks/" + deck, all);
  request.report = false;
  tools::Progress progress(false);
  tools::run_deck(request, progress);
  const io::TrajectoryReader reader(folder / "trajectory.h5");
  const auto temperatures = reader.observable("temperature", 0, 1);
  std::vector<std::size_t> chains;
  for (std::size_t c = 0; c < temperatures.size(); ++c)
    if (temperatures[c] == 310.0) chains.push_back(c);
  Ensemble ensemble{read(reader, "potential_energy", chains),
                    read(reader, "phi_2", chains),
                    read(reader, "psi_2", chains),
                    {}};
  ensemble.left_handed = ensemble.phi;
  for (double& angle : ensemble.left_handed.values)
    angle = angle > 0.0 && angle < 160.0 * engine::kRadianPerDegree ? 1.0 : 0.0;
  return ensemble;
}

/// Means of two samplers with between-chain errors, in standard errors of the difference.
void expect_means_agree(const char* what, const Series& a, const Series& b) {
  const auto x = engine::autocorrelation_time(a.view()), y = engine::autocorrelation_time(b.view());
  const double z = (x.mean - y.mean) / std::hypot(x.mean_error, y.mean_error);
  const double p = permutation_p_value(a.chain_means(), b.chain_means(), 20000, 1);
  std::printf(
      "%-22s leaps %.5f +- %.5f, replica exchange %.5f +- %.5f: %.2f standard errors, "
      "permutation p = %.3f\n",
      what, x.mean, x.mean_error, y.mean, y.mean_error, z, p);
  EXPECT_LT(std::abs(z), 3.0) << what;
  EXPECT_GT(p, 1e-3) << what;
}

void expect_histograms_agree(const char* what, const Series& a, const Series& b) {
  // 3.9 standard errors in any of 2 x 24 bins are as unlikely as 3 in one (Bonferroni).
  constexpr double kMaxDeviation = 3.9, kMinProbability = 1e-4;
  const auto x = engine::histogram(a.view(), -kPi, kPi, kBins),
             y = engine::histogram(b.view(), -kPi, kPi, kBins);
  double largest = 0.0, sum = 0.0;
  std::size_t n = 0;
  for (std::size_t bin = 0; bin < kBins; ++bin) {
    if (x.probability[bin] + y.probability[bin] < kMinProbability) continue;
    const double z = (x.probability[bin] - y.probability[bin]) /
                     std::hypot(x.probability_error[bin], y.probability_error[bin]);
    largest = std::max(largest, std::abs(z));
    sum += z * z;
    ++n;
  }
  std::printf("%-22s largest of %zu bins %.2f standard errors, mean square %.2f\n", what, n,
              largest, sum / static_cast<double>(n));
  EXPECT_LT(largest, kMaxDeviation) << what;
}

TEST(AlanineEnsembles, LeapsAndReplicaExchangeAgree) {
  const TemporaryFolder folder;
  const Ensemble leaps =
      sample("alanine_dipeptide.toml", {"comparison={}", "run.steps=10000", "warm_up.steps=500"},
             folder.file("leaps"));
  const Ensemble exchange = sample("alanine_dipeptide_reference.toml", {}, folder.file("exchange"));
  expect_means_agree("potential energy", leaps.energy, exchange.energy);
  expect_means_agree("phi in 0..160 deg", leaps.left_handed, exchange.left_handed);
  expect_histograms_agree("phi", leaps.phi, exchange.phi);
  expect_histograms_agree("psi", leaps.psi, exchange.psi);
}

}  // namespace
}  // namespace saltus::tests
