// Oracle: the shift written out in scalar code with the random numbers that the README lists, on
// every instruction set of this machine; the map back and a numerical determinant in Cartesian
// coordinates; the moments of the angle's density; messages.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "engine/core/error.h"
#include "engine/core/log_math.h"
#include "engine/core/units.h"
#include "engine/lanes/instruction_set.h"
#include "engine/leap/lane_leap.h"
#include "tests/engine/leap/leap_example.h"
#include "tests/engine/leap/plain_leap.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"
#include "tests/support/invariants.h"

namespace saltus::tests {
namespace {

using namespace engine;

constexpr std::size_t kChains = 37;
const std::vector<double> kCrankshaft = {1.0, -1.0};

/// One soft torsion of the block; the other is kept.
LeapWeights one_torsion() {
  LeapWeights weights = block_example({true, 0.0, true, true});
  weights.soft = {18};
  return with_shift(weights, {1.0});
}

/// With and without temperature, wide draws, rotors and fast coordinates; one or three widths.
std::vector<LeapWeights> blocks() {
  std::vector<LeapWeights> result = {
      with_shift(block_example({true, 0.0, true, true}), kCrankshaft),
      with_shift(block_example({true, 0.0, false, true}), {0.7, -1.3}),
      with_shift(block_example({false, 0.0, true, false}), kCrankshaft),
      with_shift(block_example({true, 0.4, true, true}), kCrankshaft), one_torsion()};
  result[1].shift.widths = {0.3};
  result[2].shift.widths = {0.1, 0.4, 1.2};
  return result;
}

std::vector<double> carries_of(const LeapWeights& weights) {
  return weights.wide_fraction > 0.0 ? std::vector<double>{0.0}
                                     : std::vector<double>{0.0, 0.5, 1.0};
}

/// Chains of a block, each at a temperature of its own.
ChainBatch chains_of(const LeapWeights& weights, std::uint64_t seed, std::size_t n = kChains) {
  ChainBatch chains = leap_example_chains(weights, n, seed);
  for (std::size_t c = 0; c < n; ++c)
    chains.states[c].temperature_K =
        280.0 + 320.0 * static_cast<double>(c) / static_cast<double>(n);
  return chains;
}

ConstCoordinates row(const CoordinateBatch& x, std::size_t c) { return x.view().slice(c, 1); }

void expect_close(double actual, double expected, const std::string& what, double tolerance) {
  EXPECT_NEAR(actual, expected, tolerance_scale() * tolerance * std::max(1.0, std::abs(expected)))
      << what;
}

void expect_same(const ProposalBatch& a, const ProposalBatch& b) {
  EXPECT_EQ(a.positions.values(), b.positions.values());
  EXPECT_EQ(a.log_forward, b.log_forward);
  EXPECT_EQ(a.log_reverse, b.log_reverse);
}

class ShiftLeapTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { choose_instruction_set(GetParam()); }
  void TearDown() override { choose_instruction_set(available_instruction_sets().front()); }
};

TEST_P(ShiftLeapTest, KeepsTheInvariantsOfProposals) {
  for (const LeapWeights& weights : blocks())
    for (const double carry : carries_of(weights))
      expect_proposal_invariants(CarriedLeap(weights, carry, nullptr), chains_of(weights, 571),
                                 {test_seed(572), 3});
}

TEST_P(ShiftLeapTest, DoesNotDependOnThreads) {
  const LeapWeights weights = blocks().front();
  const ChainBatch chains = chains_of(weights, 573, 100);
  const StepKey key{test_seed(574), 1};
  const ProposalBatch alone = CarriedLeap(weights, 0.5, nullptr).sample(chains.view(), key);
  for (const std::size_t n_threads : {1u, 2u, 3u}) {
    const auto pool = std::make_shared<ThreadPool>(n_threads);
    expect_same(alone, CarriedLeap(weights, 0.5, pool).sample(chains.view(), key));
  }
}

/// Soft torsions are turned by the numbers listed, z' lies where z and the noise put it, and the
/// log-densities have terms of rotors, of z' and z, and of the Jacobians, but none of the turn.
TEST_P(ShiftLeapTest, DrawsAreThoseOfTheReadme) {
  for (const LeapWeights& weights : blocks()) {
    const ChainBatch from = chains_of(weights, 575);
    const StepKey key{test_seed(576), 2};
    for (const double carry : carries_of(weights)) {
      const ProposalBatch drawn = CarriedLeap(weights, carry, nullptr).sample(from.view(), key);
      std::size_t n_possible = 0;
      for (std::size_t c = 0; c < kChains; ++c) {
        if (!std::isfinite(drawn.log_forward[c])) continue;
        ++n_possible;
        const std::string chain = " of chain " + std::to_string(c);
        const double t = from.states[c].temperature_K;
        const PlainShift numbers(weights, key, static_cast<std::uint32_t>(c));
        const std::vector<double> old = plain_internal(weights, row(from.positions, c)),
                                  q = plain_internal(weights, row(drawn.positions, c));
        for (std::size_t i = 0; i < weights.soft.size(); ++i) {
          const double turn = q[weights.soft[i]] - old[weights.soft[i]];
          const double expected = weights.shift.direction[i] * numbers.angle;
          expect_close(wrap_angle(turn - expected), 0.0, "turn" + chain, 1e-10);
        }
        const std::vector<double> z = plain_whitened(weights, old, t),
                                  carried = plain_whitened(weights, q, t);
        for (std::size_t i = 0; i < z.size(); ++i)
          expect_close(carried[i], carry * z[i] + std::sqrt(1.0 - carry * carry) * numbers.noise[i],
                       "z" + chain, 1e-8);
        const double forward = plain_rotors(weights, q, t) + plain_fast(weights, carried, t) -
                               plain_log_jacobian(weights, row(drawn.positions, c));
        const double reverse = plain_rotors(weights, old, t) + plain_fast(weights, z, t) -
                               plain_log_jacobian(weights, row(from.positions, c));
        expect_close(drawn.log_forward[c], forward, "log_forward" + chain, 1e-8);
        expect_close(drawn.log_reverse[c], reverse, "log_reverse" + chain, 1e-8);
      }
      EXPECT_GT(n_possible, kChains / 2);
    }
  }
}

/// A rotor whose network has one component that never changes shows which numbers it is drawn with.
TEST_P(ShiftLeapTest, RotorsAreDrawnWithNumbersOfTheirOwn) {
  LeapWeights weights = blocks().front();
  MixtureNetworkWeights& network = weights.rotor_networks.at(0);
  network.n_components = 1;
  network.head.assign(4 * network.n_hidden, 0.0);
  constexpr double kMean = 0.4, kWidth = 0.03 + 0.5 * 1.52;
  network.head_bias = {0.0, std::cos(kMean), std::sin(kMean), 0.0};
  const ChainBatch from = chains_of(weights, 577);
  const StepKey key{test_seed(578), 1};
  const ProposalBatch drawn = CarriedLeap(weights, 1.0, nullptr).sample(from.view(), key);
  for (std::size_t c = 0; c < kChains; ++c) {
    if (!std::isfinite(drawn.log_forward[c])) continue;
    const PlainShift numbers(weights, key, static_cast<std::uint32_t>(c));
    const double folded = wrap_angle(kMean + kWidth * numbers.rotor_normals[0]);
    const double expected = (folded + kTwoPi * numbers.rotor_wells[0]) / weights.rotors[0].fold;
    const std::vector<double> q = plain_internal(weights, row(drawn.positions, c));
    expect_close(wrap_angle(q[weights.rotors[0].coordinate] - expected), 0.0, "rotor", 1e-10);
  }
}

TEST_P(ShiftLeapTest, KeepsWhatIsNotInTheBlock) {
  for (const LeapWeights& weights : blocks()) {
    std::vector<bool> is_moved(weights.z.n_internal(), false);
    for (const std::size_t i : weights.soft) is_moved[i] = true;
    for (const LeapRotor& rotor : weights.rotors) is_moved[rotor.coordinate] = true;
    for (const LeapFastCoordinate& fast : weights.fast) is_moved[fast.coordinate] = true;
    const ChainBatch from = chains_of(weights, 579);
    const ProposalBatch drawn = CarriedLeap(weights, carries_of(weights).back(), nullptr)
                                    .sample(from.view(), {test_seed(580), 1});
    for (std::size_t c = 0; c < kChains; ++c) {
      if (!std::isfinite(drawn.log_forward[c])) continue;
      const std::vector<double> old = plain_internal(weights, row(from.positions, c)),
                                q = plain_internal(weights, row(drawn.positions, c));
      for (std::size_t i = 0; i < q.size(); ++i) {
        const double change = std::abs(wrap_angle(q[i] - old[i]));
        if (!is_moved[i]) {
          EXPECT_LT(change, tolerance_scale() * 1e-11) << "coordinate " << i;
        } else {
          EXPECT_GT(change, 0.0) << "coordinate " << i;
        }
      }
    }
  }
}

/// The shift of one chain as a map of its Cartesian coordinates: without rotors, all carried, and
/// always with the same random numbers.
CoordinateMap map_of(LeapWeights weights, double sign, const StepKey& key) {
  for (double& d : weights.shift.direction) d *= sign;
  const auto leap = std::make_shared<const CarriedLeap>(weights, 1.0, nullptr);
  const std::size_t n_atoms = weights.z.n_atoms();
  return [leap, n_atoms, key](const std::vector<double>& x, double* log_abs_det) {
    CoordinateBatch from(1, n_atoms);
    from.values() = x;
    ThermodynamicState state;
    state.temperature_K = 400.0;
    const std::vector<ThermodynamicState> states(1, state);
    const ProposalBatch drawn = leap->sample({from.view(), states, 0}, key);
    *log_abs_det = drawn.log_reverse[0] - drawn.log_forward[0];
    return drawn.positions.values();
  };
}

/// Turning back by the same angle returns to the state, and the two log-densities differ by the
/// determinant of the map, for narrow, wide and uniform angles.
TEST_P(ShiftLeapTest, IsUndoneByTheShiftBack) {
  BijectionInvariantOptions options;
  options.round_trip_tolerance = 1e-10;  // nm
  options.log_det_tolerance = 1e-5;
  options.first_difference = 1e-4;
  for (const std::vector<double>& direction : {kCrankshaft, {0.7, -1.3}}) {
    const LeapWeights weights = with_shift(block_example({true, 0.0, false, true}), direction);
    const ChainBatch chains = leap_example_chains(weights, 8, 581);
    std::size_t n_checked = 0;
    for (std::uint32_t c = 0; c < 8 && n_checked < 4; ++c) {
      const StepKey key{test_seed(582), c};
      const auto x = chains.positions.chain(c);
      const std::vector<double> point(x.begin(), x.end());
      const CoordinateMap forward = map_of(weights, 1.0, key);
      double log_abs_det = 0.0;
      forward(point, &log_abs_det);
      if (!std::isfinite(log_abs_det)) continue;  // it leaves the chart
      ++n_checked;
      expect_bijection_invariants(forward, map_of(weights, -1.0, key), {point}, options);
    }
    EXPECT_GE(n_checked, 3u);
  }
}

/// Means of sin delta and cos delta over many draws: the first is 0 for an even density, the second
/// (1-e) mean exp(-sigma^2/2). Five standard errors, of numbers that stay within 1.
TEST_P(ShiftLeapTest, AnglesHaveTheDensityOfTheReadme) {
  constexpr std::size_t kDraws = 20000;
  const LeapWeights weights = blocks().front();
  const ChainBatch one = leap_example_chains(weights, 1, 583);
  ChainBatch from(kDraws, one.n_atoms(), {kLeapExampleTemperature_K});
  for (std::size_t c = 0; c < kDraws; ++c) from.positions.copy_chain(one.positions.view(), 0, c);
  const ProposalBatch drawn =
      CarriedLeap(weights, 1.0, nullptr).sample(from.view(), {test_seed(584), 0});
  const double old = plain_internal(weights, row(one.positions, 0))[weights.soft[0]];
  double sines = 0.0, cosines = 0.0;
  for (std::size_t c = 0; c < kDraws; ++c) {
    const double turn = plain_internal(weights, row(drawn.positions, c))[weights.soft[0]] - old;
    sines += std::sin(turn) / kDraws;
    cosines += std::cos(turn) / kDraws;
  }
  double expected = 0.0;
  for (const double width : weights.shift.widths)
    expected += (1.0 - weights.uniform_fraction) * std::exp(-0.5 * width * width) /
                static_cast<double>(weights.shift.widths.size());
  const double tolerance = tolerance_scale() * 5.0 / std::sqrt(kDraws);
  EXPECT_NEAR(sines, 0.0, tolerance);
  EXPECT_NEAR(cosines, expected, tolerance);
}

INSTANTIATE_TEST_SUITE_P(InstructionSets, ShiftLeapTest,
                         testing::ValuesIn(available_instruction_sets()),
                         [](const auto& set) { return set.param; });

TEST(ShiftLeap, HasNoDensityToAskFor) {
  EXPECT_EQ(message_of<InputError>([] { LaneLeap(blocks().front(), nullptr); }),
            "learned_leap: the weights shift soft torsions, so that draws lie on a line and have "
            "no density; only engine::CarriedLeap makes them, with any carry");
}

TEST(ShiftLeap, RefusesWrongWeights) {
  const auto refusal = [](auto change) {
    LeapWeights weights = blocks().front();
    change(weights);
    return message_of<ModelError>([&] { CarriedLeap(weights, 1.0, nullptr); });
  };
  const std::string who = "carried_leap: the model is damaged: ";
  EXPECT_EQ(refusal([](LeapWeights& w) { w.shift.direction = {1.0}; }),
            who + "its shift does not have one number for each soft torsion");
  const std::string no_direction = who + "the direction of its shift is zero or not finite";
  EXPECT_EQ(refusal([](LeapWeights& w) { w.shift.direction = {0.0, 0.0}; }), no_direction);
  EXPECT_EQ(refusal([](LeapWeights& w) { w.shift.direction[0] = std::nan(""); }), no_direction);
  EXPECT_EQ(refusal([](LeapWeights& w) { w.shift.widths.clear(); }),
            who + "its shift has no width");
  const std::string bad_width = who + "a width of its shift is not a positive number";
  EXPECT_EQ(refusal([](LeapWeights& w) { w.shift.widths[0] = 0.0; }), bad_width);
  EXPECT_EQ(
      refusal([](LeapWeights& w) { w.shift.widths[0] = std::numeric_limits<double>::infinity(); }),
      bad_width);
  EXPECT_EQ(refusal([](LeapWeights& w) { w.context = w.soft; }),
            who + "it shifts its soft torsions, and they have a context");
  EXPECT_EQ(refusal([](LeapWeights& w) { w.soft_networks = block_example({}).soft_networks; }),
            who + "the number of networks does not fit");
}

}  // namespace
}  // namespace saltus::tests
