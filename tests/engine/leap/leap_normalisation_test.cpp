// Oracle: two densities that are normalised with respect to one measure: over draws y from q, the
// mean of p(y) / q(y) is 1. Shows that factors which cancel in Metropolis ratios are right as well.
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <vector>

#include "engine/leap/lane_leap.h"
#include "tests/engine/leap/leap_example.h"
#include "tests/support/environment.h"

namespace saltus::tests {
namespace {

using namespace engine;

constexpr std::size_t kDraws = 20000;

/// Mean of p(y|x) / q(y|x) over draws y from q at T_q, and its standard error.
struct MeanRatio {
  double mean = 0.0, error = 0.0;
};

struct Side {
  LeapWeights weights;
  double temperature_K;
  double log_factor = 0.0;  ///< planted
};

MeanRatio mean_ratio(const Side& p, const Side& q) {
  const ChainBatch one = leap_example_chains(q.weights, 1, 561);
  ChainBatch from(kDraws, one.n_atoms(), {q.temperature_K});
  for (std::size_t c = 0; c < kDraws; ++c) from.positions.copy_chain(one.positions.view(), 0, c);
  const ProposalBatch drawn = LaneLeap(q.weights, nullptr).sample(from.view(), {test_seed(562), 0});
  for (ThermodynamicState& state : from.states) state.temperature_K = p.temperature_K;
  std::vector<double> log_p(kDraws);
  LaneLeap(p.weights, nullptr).log_density(drawn.positions.view(), from.view(), log_p);
  double sum = 0.0, squares = 0.0;
  for (std::size_t c = 0; c < kDraws; ++c) {
    const double ratio = std::exp(log_p[c] + p.log_factor - drawn.log_forward[c] - q.log_factor);
    sum += ratio;
    squares += ratio * ratio;
  }
  const double mean = sum / kDraws;
  return {mean, std::sqrt((squares / kDraws - mean * mean) / kDraws)};
}

TEST(LeapNormalisation, HoldsAtAllTemperatures) {
  const LeapWeights weights = block_example({});
  const MeanRatio ratio = mean_ratio({weights, 330.0}, {weights, 400.0});
  EXPECT_LT(ratio.error, 0.01) << "the draws cannot tell";
  EXPECT_NEAR(ratio.mean, 1.0, tolerance_scale() * 5.0 * ratio.error);
}

TEST(LeapNormalisation, HoldsWithWideDraws) {
  const LeapWeights narrow = block_example({}), wide = block_example({false, 0.4, true, true});
  const MeanRatio ratio = mean_ratio({narrow, 310.0}, {wide, 310.0});
  EXPECT_LT(ratio.error, 0.01) << "the draws cannot tell";
  EXPECT_NEAR(ratio.mean, 1.0, tolerance_scale() * 5.0 * ratio.error);
}

/// det L with T^F, T^(F/4) or no power of T in place of T^(F/2).
TEST(LeapNormalisation, AWrongPowerOfTheTemperatureIsCaught) {
  const LeapWeights weights = block_example({});
  const auto n_fast = static_cast<double>(weights.fast.size());
  for (const double wrong : {0.5, -0.25, -0.5}) {
    const auto side = [&](double temperature_K) {
      return Side{weights, temperature_K,
                  -wrong * n_fast * std::log(temperature_K / weights.temperature_K)};
    };
    const MeanRatio ratio = mean_ratio(side(330.0), side(400.0));
    EXPECT_GT(std::abs(ratio.mean - 1.0), 10.0 * ratio.error) << "power off by " << wrong;
  }
}

}  // namespace
}  // namespace saltus::tests
