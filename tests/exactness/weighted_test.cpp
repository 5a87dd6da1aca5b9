// Oracle: integrals by quadrature. With resampling or without, the mean over independent groups of
// (sum_i w_i f(x_i)) / n is an unbiased estimate of the integral of exp(-beta U) f (Del Moral,
// Feynman-Kac Formulae, 2004, theorem 7.4.2), whatever the number of particles in a group. Planted
// bugs must fail the assertion that the correct code passes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "engine/core/error.h"
#include "engine/ensemble/bridge.h"
#include "engine/ensemble/resampling.h"
#include "engine/moves/hamiltonian.h"
#include "engine/run/simulation.h"
#include "tests/exactness/wells.h"

namespace saltus::tests {
namespace {

using engine::ChainBatch;

constexpr double kTemperature_K = Wells::kTemperature_K;
constexpr std::size_t kGroups = 56'000, kPerGroup = 8;
/// Standard errors that an unbiased estimate exceeds with probability 1e-7.
constexpr double kMaxDeviation = 5.33;

/// A harmonic well's canonical density, normalised.
class Gaussian final : public engine::ReferenceDensity {
 public:
  explicit Gaussian(double width_nm) : width_nm_(width_nm) {}
  std::size_t n_atoms() const override { return 1; }
  void draw(const engine::StepKey& key, engine::CoordinateBatch& x,
            engine::Span<std::uint8_t> valid) const override {
    for (std::size_t c = 0; c < x.n_chains(); ++c) {
      engine::RandomStream random(key, engine::StreamName::kAnnealing,
                                  static_cast<std::uint32_t>(c));
      for (double& value : x.chain(c)) value = width_nm_ * random.normal();
      valid[c] = 1;
    }
  }
  void log_density(engine::ConstCoordinates x, engine::Span<double> out) const override {
    for (std::size_t c = 0; c < x.n_chains; ++c) {
      out[c] = -3.0 * std::log(width_nm_ * std::sqrt(engine::kTwoPi));
      for (double value : x.chain(c)) out[c] -= 0.5 * value * value / (width_nm_ * width_nm_);
    }
  }

 private:
  double width_nm_;
};

enum class WeightBug {
  kNone,
  kKeepsReferenceDensity,  ///< resampled chains carry the log p0 of what they were before
  kKeepsWeights,           ///< resampled chains keep the weights they were drawn by
  kNeverReweighs,          ///< the last step of the path changes states, not weights
};

struct PathRun {
  ChainBatch chains;
  std::size_t n_resampled = 0;
};

/// From a Gaussian to two wells in four steps, resampling groups whose weights differ much.
PathRun run_path(std::uint64_t seed, WeightBug bug, std::uint64_t energy_check_period) {
  const Wells wells;
  const auto reference = std::make_shared<Gaussian>(0.08);
  const engine::Bridge target(wells.energy, reference, engine::ReferenceMeasure::kCartesian);
  engine::ThermodynamicState state;
  state.temperature_K = kTemperature_K;
  state.path = 0.0;
  const engine::StepKey key{test_seed(seed), 0};
  PathRun run{ChainBatch(kGroups * kPerGroup, 1, state)};
  ChainBatch& chains = run.chains;
  std::vector<std::uint8_t> valid(chains.n_chains());
  reference->draw(key, chains.positions, valid);
  target.refresh(chains);
  std::vector<std::size_t> ancestors(chains.n_chains());
  std::iota(ancestors.begin(), ancestors.end(), std::size_t{0});
  engine::HamiltonianOptions hmc;
  hmc.time_step_ps = 0.02;
  hmc.n_steps = 5;
  const auto move = std::make_shared<engine::HamiltonianMonteCarlo>(
      hmc, engine::MovingParticles{wells.masses, {}});
  std::uint32_t step = 0;
  for (double lambda : {0.1, 0.3, 0.6, 1.0}) {
    const std::vector<double> weights = chains.log_weights;
    std::vector<engine::ThermodynamicState> states = chains.states;
    for (auto& each : states) each.path = lambda;
    engine::change_states(target, states, chains);
    if (bug == WeightBug::kNeverReweighs && lambda == 1.0) chains.log_weights = weights;
    const ChainBatch before = chains;
    run.n_resampled += engine::resample({kGroups, 0.8}, key.child(2 * step), chains, ancestors);
    if (bug == WeightBug::kKeepsReferenceDensity) chains.other_terms = before.other_terms;
    if (bug == WeightBug::kKeepsWeights) chains.log_weights = before.log_weights;
    engine::SimulationOptions schedule;
    schedule.seed = key.child(2 * step + 1).seed;
    schedule.n_steps = 2;
    schedule.energy_check_period = energy_check_period;
    engine::Simulation(move, target, schedule).run(chains, {});
    ++step;
  }
  return run;
}

/// Of the estimates of some integrals, the largest of each.
struct Deviation {
  double in_errors = 0.0;       ///< from the exact integral, in standard errors
  double relative_error = 0.0;  ///< standard error over the exact integral
};

Deviation deviation(const ChainBatch& chains) {
  const Wells wells;
  const double beta = engine::ThermodynamicState{kTemperature_K}.beta();
  // One-dimensional integrals of exp(-beta u) f.
  constexpr int kPoints = 4001;
  constexpr double kEnd = 0.4;
  const std::vector<std::function<double(double)>> functions = {
      [](double) { return 1.0; }, [](double x) { return x < 0.0 ? 1.0 : 0.0; },
      [](double x) { return x * x; }};
  std::vector<double> integrals(functions.size(), 0.0);
  for (int i = 0; i < kPoints; ++i) {
    const double x = -kEnd + 2.0 * kEnd * (i + 0.5) / kPoints;
    const double density = std::exp(-beta * wells.energy->value(x)) * 2.0 * kEnd / kPoints;
    for (std::size_t f = 0; f < functions.size(); ++f) integrals[f] += density * functions[f](x);
  }
  Deviation largest;
  for (std::size_t f = 0; f < functions.size(); ++f) {
    const double exact = integrals[f] * integrals[0] * integrals[0];  // f of the first coordinate
    double sum = 0.0, squares = 0.0;
    for (std::size_t g = 0; g < kGroups; ++g) {
      double mean = 0.0;
      for (std::size_t c = g * kPerGroup; c < (g + 1) * kPerGroup; ++c)
        mean += std::exp(chains.log_weights[c]) * functions[f](chains.positions.chain(c)[0]) /
                static_cast<double>(kPerGroup);
      sum += mean;
      squares += mean * mean;
    }
    const auto n = static_cast<double>(kGroups);
    const double error = std::sqrt((squares / n - sum / n * (sum / n)) / n);
    largest.in_errors = std::max(largest.in_errors, std::abs(sum / n - exact) / error);
    largest.relative_error = std::max(largest.relative_error, error / exact);
  }
  return largest;
}

TEST(WeightedExactness, ResampledBatchesHaveTheRightIntegrals) {
  const PathRun run = run_path(71, WeightBug::kNone, 1);
  EXPECT_GT(run.n_resampled, kGroups / 2);
  EXPECT_LT(run.n_resampled, 4 * kGroups);
  const Deviation found = deviation(run.chains);
  EXPECT_LT(found.in_errors, kMaxDeviation);
  // What is caught with probability 0.999: 5 % of each integral.
  EXPECT_LT((kMaxDeviation + 3.1) * found.relative_error, 0.05);
}

TEST(WeightedExactness, AnotherReferenceDensityIsCaughtByTheLoop) {
  try {
    run_path(71, WeightBug::kKeepsReferenceDensity, 1);
    FAIL() << "nothing thrown";
  } catch (const engine::NumericalError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("a move changed one without the other"));
  }
}

TEST(WeightedExactness, AnotherReferenceDensityIsCaughtByTheIntegrals) {
  EXPECT_GT(deviation(run_path(71, WeightBug::kKeepsReferenceDensity, 0).chains).in_errors,
            kMaxDeviation);
}

TEST(WeightedExactness, WeightsThatAreKeptAreCaught) {
  EXPECT_GT(deviation(run_path(71, WeightBug::kKeepsWeights, 0).chains).in_errors, kMaxDeviation);
}

TEST(WeightedExactness, AStepWithoutWeightsIsCaught) {
  EXPECT_GT(deviation(run_path(71, WeightBug::kNeverReweighs, 0).chains).in_errors, kMaxDeviation);
}

}  // namespace
}  // namespace saltus::tests
