// Oracle: whitened coordinates in scalar code; the inverse; a numerical determinant in Cartesian
// coordinates.
#include "engine/leap/leap_temperature_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "engine/leap/lane_leap.h"
#include "tests/engine/leap/leap_example.h"
#include "tests/engine/leap/plain_leap.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"
#include "tests/support/invariants.h"
#include "tests/support/numerics.h"

namespace saltus::tests {
namespace {

using namespace engine;

constexpr std::size_t kChains = 37;

/// Four fast coordinates over two torsions, which are kept as all others are; the first ones are
/// held.
LeapWeights map_example(std::size_t n_held = 0) {
  LeapWeights weights = block_example({true, 0.0, false, true});
  weights.soft.clear();
  weights.soft_networks.clear();
  weights.context.clear();
  for (std::size_t i = 0; i < n_held; ++i) weights.fast[i].is_held = true;
  return weights;
}

/// A bond and a torsion are held, or nothing is.
constexpr std::size_t kHeld[] = {0, 2};

/// Chains whose temperatures are spread over the range, and others for them to go to.
ChainBatch chains_from(std::uint64_t seed) {
  ChainBatch chains = leap_example_chains(block_example({true, 0.0, false, true}), kChains, seed);
  for (std::size_t c = 0; c < kChains; ++c)
    chains.states[c].temperature_K = 280.0 + 8.0 * static_cast<double>(c);
  return chains;
}
std::vector<double> temperatures_to() {
  std::vector<double> result;
  for (std::size_t c = 0; c < kChains; ++c) result.push_back(600.0 - 7.0 * static_cast<double>(c));
  return result;
}

class LeapTemperatureMaps : public testing::TestWithParam<std::size_t> {};

INSTANTIATE_TEST_SUITE_P(Held, LeapTemperatureMaps, testing::ValuesIn(kHeld));

TEST_P(LeapTemperatureMaps, KeepsWhitenedAndAllOtherCoordinates) {
  const std::size_t n_held = GetParam();
  const LeapWeights weights = map_example(n_held);
  const ChainBatch from = chains_from(901);
  const std::vector<double> to_K = temperatures_to();
  const MappedConfigurations mapped = LeapTemperatureMap(weights, nullptr).map(from.view(), to_K);
  for (std::size_t c = 0; c < kChains; ++c) {
    ASSERT_TRUE(std::isfinite(mapped.log_volumes[c])) << c;
    const ConstCoordinates x = from.positions.view().slice(c, 1),
                           y = mapped.positions.view().slice(c, 1);
    const double from_K = from.states[c].temperature_K;
    std::vector<double> q = plain_internal(weights, x);
    const std::vector<double> image = plain_internal(weights, y),
                              z = plain_whitened(weights, q, from_K),
                              carried = plain_whitened(weights, image, to_K[c]);
    // What is held is as far from its mean as it was.
    const double same = std::sqrt(from_K / to_K[c]);
    for (std::size_t i = 0; i < z.size(); ++i)
      EXPECT_NEAR(carried[i], i < n_held ? same * z[i] : z[i], 1e-9);
    for (const LeapFastCoordinate& fast : weights.fast)
      if (!fast.is_held) q[fast.coordinate] = image[fast.coordinate];
    for (std::size_t i = 0; i < q.size(); ++i)
      EXPECT_NEAR(std::remainder(image[i] - q[i], kTwoPi), 0.0, 1e-9) << "coordinate " << i;
    const double expected =
        0.5 * static_cast<double>(weights.fast.size() - n_held) * std::log(to_K[c] / from_K) +
        plain_log_jacobian(weights, y) - plain_log_jacobian(weights, x);
    EXPECT_NEAR(mapped.log_volumes[c], expected, 1e-9);
  }
}

TEST_P(LeapTemperatureMaps, TheWayBackIsItsInverse) {
  const LeapTemperatureMap map(map_example(GetParam()), nullptr);
  ChainBatch from = chains_from(902);
  std::vector<double> from_K;
  for (const ThermodynamicState& state : from.states) from_K.push_back(state.temperature_K);
  const std::vector<double> to_K = temperatures_to();
  const MappedConfigurations there = map.map(from.view(), to_K);
  ChainBatch at = from;
  at.positions = there.positions;
  for (std::size_t c = 0; c < kChains; ++c) at.states[c].temperature_K = to_K[c];
  const MappedConfigurations back = map.map(at.view(), from_K);
  for (std::size_t c = 0; c < kChains; ++c) {
    EXPECT_NEAR(there.log_volumes[c] + back.log_volumes[c], 0.0, 1e-10);
    for (std::size_t i = 0; i < from.positions.chain(c).size(); ++i)
      EXPECT_NEAR(back.positions.chain(c)[i], from.positions.chain(c)[i], 1e-10);
  }
}

TEST_P(LeapTemperatureMaps, VolumeIsTheDeterminant) {
  const LeapWeights weights = map_example(GetParam());
  const LeapTemperatureMap map(weights, nullptr);
  const ChainBatch from = chains_from(903);
  const std::size_t n = 3 * weights.z.n_atoms();
  for (const std::size_t c : {0u, 9u, 30u}) {
    const std::vector<double> to_K = {temperatures_to()[c]};
    const auto image = [&](const std::vector<double>& x) {
      ChainBatch one(1, weights.z.n_atoms(), from.states[c]);
      std::copy(x.begin(), x.end(), one.positions.chain(0).begin());
      const MappedConfigurations mapped = map.map(one.view(), to_K);
      const auto y = mapped.positions.chain(0);
      return std::vector<double>(y.begin(), y.end());
    };
    const auto x = from.positions.chain(c);
    const std::vector<double> jacobian =
        numerical_jacobian(image, std::vector<double>(x.begin(), x.end()), 1e-4);
    ChainBatch one(1, weights.z.n_atoms(), from.states[c]);
    std::copy(x.begin(), x.end(), one.positions.chain(0).begin());
    const double determinant = log_abs_determinant(jacobian, n),
                 volume = map.map(one.view(), to_K).log_volumes[0];
    EXPECT_NEAR(determinant, volume, 1e-5);
    // A count of all fast coordinates, held or not, would be seen.
    const double wrong =
        0.5 * static_cast<double>(GetParam()) * std::log(to_K[0] / from.states[c].temperature_K);
    if (GetParam() > 0) {
      EXPECT_GT(std::abs(determinant - volume - wrong), 1e-2);
    }
  }
}

TEST(LeapTemperatureMap, SpreadsTheOthersAroundTheirMeansGivenWhatIsHeld) {
  const LeapWeights weights = map_example(2);
  const ChainBatch from = chains_from(906);
  const std::vector<double> to_K = temperatures_to();
  const MappedConfigurations mapped = LeapTemperatureMap(weights, nullptr).map(from.view(), to_K);
  const std::size_t n = weights.fast.size();
  const auto residuals = [&](ConstCoordinates x) {
    // L z at T_ref, whatever the temperature.
    const std::vector<double> z =
        plain_whitened(weights, plain_internal(weights, x), weights.temperature_K);
    std::vector<double> result(n, 0.0);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j <= i; ++j) result[i] += weights.fast_cholesky[i * n + j] * z[j];
    return result;
  };
  const std::vector<double>& l = weights.fast_cholesky;
  for (std::size_t c = 0; c < kChains; ++c) {
    const std::vector<double> r = residuals(from.positions.view().slice(c, 1)),
                              image = residuals(mapped.positions.view().slice(c, 1));
    const double wider = std::sqrt(to_K[c] / from.states[c].temperature_K);
    // L_ba L_aa^-1 of the two that are held.
    const double u0 = r[0] / l[0], u1 = (r[1] - l[n] * u0) / l[n + 1];
    for (std::size_t i = 2; i < n; ++i) {
      const double given = l[i * n] * u0 + l[i * n + 1] * u1;
      EXPECT_NEAR(image[i], given + wider * (r[i] - given), 1e-9);
    }
  }
}

TEST(LeapTemperatureMap, BitsDoNotDependOnTheBatch) {
  const LeapTemperatureMap map(map_example(2), nullptr);
  const ChainBatch from = chains_from(904);
  const std::vector<double> to_K = temperatures_to();
  const MappedConfigurations all = map.map(from.view(), to_K);
  for (const std::size_t c : {3u, 17u, 36u}) {
    const ChainView one = {
        from.positions.view().slice(c, 1), {&from.states[c], 1}, static_cast<std::uint32_t>(c)};
    const MappedConfigurations alone = map.map(one, {&to_K[c], 1});
    EXPECT_EQ(alone.log_volumes[0], all.log_volumes[c]);
    for (std::size_t i = 0; i < alone.positions.chain(0).size(); ++i)
      EXPECT_EQ(alone.positions.chain(0)[i], all.positions.chain(c)[i]);
  }
}

TEST(LeapTemperatureMap, NeedsAMoleculeThatIsFreeAndHasNoConstraints) {
  const MoveRequirements needed = LeapTemperatureMap(map_example(), nullptr).requirements();
  EXPECT_TRUE(needed.free_molecule && needed.no_constraints && needed.movable_atoms);
  EXPECT_FALSE(needed.one_temperature);
}

TEST(LeapTemperatureMap, RefusesWhatItCannotCarry) {
  const auto refusal = [](const LeapWeights& weights) {
    return message_of<InputError>([&] { LeapTemperatureMap(weights, nullptr); });
  };
  EXPECT_THAT(refusal(block_example({true, 0.0, false, true})),
              testing::HasSubstr("redraw torsions or rotors"));
  LeapWeights one = map_example();
  one.min_temperature_K = one.max_temperature_K = one.temperature_K;
  EXPECT_THAT(refusal(one), testing::HasSubstr("one temperature only"));
  LeapWeights late = map_example();
  late.fast[1].is_held = true;
  ASSERT_NE(late.fast_cholesky[late.fast.size()], 0.0);
  EXPECT_THAT(message_of<ModelError>([&] { LeapTemperatureMap(late, nullptr); }),
              testing::HasSubstr("a fast coordinate that is held depends on one that is not"));
  const LeapTemperatureMap map(map_example(), nullptr);
  const ChainBatch from = chains_from(905);
  const std::vector<double> too_hot(kChains, 900.0);
  EXPECT_THAT(message_of<ModelError>([&] { map.map(from.view(), too_hot); }),
              testing::HasSubstr("900"));
}

TEST(LeapTemperatureMap, AloneHoldsFastCoordinates) {
  const LeapWeights weights = map_example(2);
  EXPECT_THAT(message_of<InputError>([&] { LaneLeap(weights, nullptr); }),
              testing::HasSubstr("the weights hold fast coordinates"));
  EXPECT_THAT(message_of<InputError>([&] { CarriedLeap(weights, 0.5, nullptr); }),
              testing::HasSubstr("the weights hold fast coordinates"));
}

}  // namespace
}  // namespace saltus::tests
