// Oracle: enumeration. On a finite state space the transition matrix K of a Metropolis step is
// computed from the production rule, and pi K = pi is linear algebra, without statistics.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "engine/core/units.h"
#include "engine/ensemble/canonical.h"
#include "engine/moves/metropolis.h"
#include "engine/moves/replica_exchange.h"
#include "engine/potential/analytic.h"
#include "tests/support/environment.h"

namespace saltus::tests {
namespace {

using Matrix = std::vector<std::vector<double>>;

/// Rounding of sums of a few probabilities.
constexpr double kRounding = 1e-15;
/// A planted bug moves probability by far more than that.
constexpr double kVisible = 1e-3;

enum class RatioBug { kNone, kDropped, kWrongSign };

struct FiniteChain {
  std::vector<double> pi;
  Matrix proposal;  ///< rows sum to 1
};

/// Largest |(pi K - pi)_j| with acceptance probabilities of the production rule.
double stationarity_residual(const FiniteChain& chain, RatioBug bug) {
  const std::size_t n = chain.pi.size();
  Matrix k(n, std::vector<double>(n, 0.0));
  for (std::size_t i = 0; i < n; ++i) {
    double stays = 1.0;
    for (std::size_t j = 0; j < n; ++j) {
      if (j == i || chain.proposal[i][j] == 0.0) continue;
      double forward = std::log(chain.proposal[i][j]), reverse = std::log(chain.proposal[j][i]);
      if (bug == RatioBug::kDropped) forward = reverse = 0.0;
      if (bug == RatioBug::kWrongSign) std::swap(forward, reverse);
      k[i][j] = chain.proposal[i][j] *
                engine::acceptance_probability(engine::metropolis_log_ratio(
                    std::log(chain.pi[i]), std::log(chain.pi[j]), forward, reverse));
      stays -= k[i][j];
    }
    k[i][i] = stays;
  }
  double residual = 0.0;
  for (std::size_t j = 0; j < n; ++j) {
    double next = 0.0;
    for (std::size_t i = 0; i < n; ++i) next += chain.pi[i] * k[i][j];
    residual = std::max(residual, std::abs(next - chain.pi[j]));
  }
  return residual;
}

FiniteChain four_states() {
  return {
      {0.1, 0.2, 0.3, 0.4},
      {{0.1, 0.5, 0.2, 0.2}, {0.3, 0.2, 0.1, 0.4}, {0.25, 0.25, 0.25, 0.25}, {0.6, 0.1, 0.2, 0.1}}};
}

FiniteChain random_states(std::size_t n, std::uint32_t index) {
  auto stream = test_stream(1, index);
  FiniteChain chain{std::vector<double>(n), Matrix(n, std::vector<double>(n))};
  const auto fill = [&stream](std::vector<double>& row) {
    double sum = 0.0;
    for (double& p : row) sum += (p = stream.uniform());
    for (double& p : row) p /= sum;
  };
  fill(chain.pi);
  for (auto& row : chain.proposal) fill(row);
  return chain;
}

TEST(FiniteState, MetropolisIsStationaryOnFourStates) {
  EXPECT_LE(stationarity_residual(four_states(), RatioBug::kNone), tolerance_scale() * kRounding);
}

TEST(FiniteState, PlantedRatioBugsAreSeenOnFourStates) {
  EXPECT_GE(stationarity_residual(four_states(), RatioBug::kDropped), 1e-2);
  EXPECT_GE(stationarity_residual(four_states(), RatioBug::kWrongSign), 1e-2);
}

TEST(FiniteState, MetropolisIsStationaryOnRandomSpaces) {
  for (std::uint32_t index = 0; index < 200; ++index) {
    const FiniteChain chain = random_states(6, index);
    EXPECT_LE(stationarity_residual(chain, RatioBug::kNone), tolerance_scale() * kRounding);
    EXPECT_GE(stationarity_residual(chain, RatioBug::kDropped), kVisible) << "space " << index;
    EXPECT_GE(stationarity_residual(chain, RatioBug::kWrongSign), kVisible) << "space " << index;
  }
}

TEST(FiniteState, OneWayProposalsMustNotBeAccepted) {
  FiniteChain chain = four_states();
  chain.proposal[0] = {0.3, 0.7, 0.0, 0.0};  // 2 and 3 still propose 0
  EXPECT_LE(stationarity_residual(chain, RatioBug::kNone), tolerance_scale() * kRounding);
  EXPECT_GE(stationarity_residual(chain, RatioBug::kDropped), kVisible);
}

TEST(FiniteState, StatesOfZeroDensityAreNeverEntered) {
  FiniteChain chain = four_states();
  chain.pi = {0.5, 0.2, 0.3, 0.0};
  EXPECT_LE(stationarity_residual(chain, RatioBug::kNone), tolerance_scale() * kRounding);
}

/// Two replicas over four states each: every joint state is one ladder of two chains, and the
/// production move says how probable its swap is.
class EnumeratedExchange : public ::testing::Test {
 protected:
  static constexpr std::size_t kStates = 4;
  static constexpr double kEnergies[kStates] = {0.0, 1.5, 4.0, 9.0};  // kJ/mol
  static constexpr double kTemperatures[2] = {300.0, 450.0};

  /// Largest change of a joint probability by one exchange step, when the move is shown energies
  /// distorted(E).
  template <class Distortion>
  static double residual(const Distortion& distorted) {
    constexpr std::size_t n = kStates * kStates;
    engine::ChainBatch chains(2 * n, 1, {});
    for (std::size_t s = 0; s < n; ++s)
      for (std::size_t level = 0; level < 2; ++level) {
        chains.states[2 * s + level].temperature_K = kTemperatures[level];
        chains.energies[2 * s + level] =
            distorted(kEnergies[level == 0 ? s / kStates : s % kStates]);
      }
    const engine::Canonical target(std::make_shared<engine::HarmonicWell>(1, 1.0),
                                   engine::ReferenceMeasure::kCartesian);
    const auto info = engine::ReplicaExchange(2).apply(chains, target, {1, 0});

    const auto pi = joint_density();
    double largest = 0.0;
    for (std::size_t s = 0; s < n; ++s) {
      const std::size_t swapped = (s % kStates) * kStates + s / kStates;
      const auto leaves = [&](std::size_t from) {
        return pi[from] * engine::acceptance_probability(info.records.at(0).log_ratios[2 * from]);
      };
      largest = std::max(largest, std::abs(leaves(swapped) - leaves(s)));
    }
    return largest;
  }

  static std::vector<double> joint_density() {
    std::vector<double> pi;
    double sum = 0.0;
    for (double low : kEnergies)
      for (double high : kEnergies) {
        pi.push_back(std::exp(-low / (engine::kGasConstant * kTemperatures[0]) -
                              high / (engine::kGasConstant * kTemperatures[1])));
        sum += pi.back();
      }
    for (double& p : pi) p /= sum;
    return pi;
  }
};

TEST_F(EnumeratedExchange, IsStationary) {
  EXPECT_LE(residual([](double e) { return e; }), tolerance_scale() * kRounding);
}

TEST_F(EnumeratedExchange, WrongSignIsSeen) {
  EXPECT_GE(residual([](double e) { return -e; }), 1e-2);
}

TEST_F(EnumeratedExchange, MissingBetaDifferenceIsSeen) {
  const double difference = 1.0 / (engine::kGasConstant * kTemperatures[0]) -
                            1.0 / (engine::kGasConstant * kTemperatures[1]);
  EXPECT_GE(residual([difference](double e) { return e / difference; }), kVisible);
}

TEST_F(EnumeratedExchange, AlwaysSwappingIsSeen) {
  EXPECT_GE(residual([](double) { return 0.0; }), 1e-2);
}

TEST(MetropolisRule, KnownRatiosAndProbabilities) {
  EXPECT_DOUBLE_EQ(engine::metropolis_log_ratio(-1.0, -3.0, -0.5, -0.25), -1.75);
  EXPECT_DOUBLE_EQ(engine::acceptance_probability(std::log(0.25)), 0.25);
  EXPECT_EQ(engine::acceptance_probability(0.0), 1.0);
  EXPECT_EQ(engine::acceptance_probability(800.0), 1.0);
}

TEST(MetropolisRule, UndefinedDensitiesAreCertainRejections) {
  constexpr double inf = std::numeric_limits<double>::infinity();
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  for (double bad : {-inf, nan}) {
    EXPECT_EQ(engine::acceptance_probability(engine::metropolis_log_ratio(0, bad, 0, 0)), 0.0);
    EXPECT_EQ(engine::acceptance_probability(engine::metropolis_log_ratio(0, 0, bad, 0)), 0.0);
    EXPECT_EQ(engine::acceptance_probability(engine::metropolis_log_ratio(0, 0, 0, bad)), 0.0);
    EXPECT_EQ(engine::acceptance_probability(bad), 0.0);
  }
  EXPECT_EQ(engine::acceptance_probability(engine::metropolis_log_ratio(0, 0, inf, 0)), 0.0);
}

}  // namespace
}  // namespace saltus::tests
