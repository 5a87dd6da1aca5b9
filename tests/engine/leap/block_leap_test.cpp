// Oracle: the definition of a proposal and the density written out in scalar code, on every
// instruction set of this machine; a numerical determinant of the transport map in Cartesian
// coordinates; messages.
#include "engine/leap/block_leap.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "engine/core/error.h"
#include "engine/core/log_math.h"
#include "engine/lanes/instruction_set.h"
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

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::size_t kChains = 37;

/// With and without temperature, wide draws, rotors and fast coordinates.
std::vector<LeapWeights> blocks() {
  return {block_example({}), block_example({true, 0.0, true, true}),
          block_example({true, 0.4, true, true}), block_example({true, 0.0, false, true}),
          block_example({false, 0.0, true, false})};
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

double norm2(const std::vector<double>& z) {
  return std::inner_product(z.begin(), z.end(), z.begin(), 0.0);
}

void expect_close(double actual, double expected, const std::string& what, double tolerance) {
  EXPECT_NEAR(actual, expected, tolerance_scale() * tolerance * std::max(1.0, std::abs(expected)))
      << what;
}

class BlockLeapTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { choose_instruction_set(GetParam()); }
  void TearDown() override { choose_instruction_set(available_instruction_sets().front()); }
};

TEST_P(BlockLeapTest, BlocksKeepTheInvariantsOfProposals) {
  ProposalInvariantOptions options;
  options.density_tolerance = 1e-8;  // internal coordinates measured again
  for (const LeapWeights& weights : blocks()) {
    const ChainBatch chains = chains_of(weights, 531);
    expect_proposal_invariants(LaneLeap(weights, nullptr), chains, {test_seed(532), 3}, options);
    if (weights.wide_fraction > 0.0) continue;
    for (const double carry : {0.0, 0.5, 1.0})
      expect_proposal_invariants(CarriedLeap(weights, carry, nullptr), chains, {test_seed(533), 3},
                                 options);
  }
}

TEST_P(BlockLeapTest, DensityIsThatOfTheReadme) {
  for (const LeapWeights& weights : blocks()) {
    const ChainBatch from = chains_of(weights, 534);
    const LaneLeap leap(weights, nullptr);
    const ProposalBatch drawn = leap.sample(from.view(), {test_seed(535), 1});
    std::size_t n_possible = 0;
    for (std::size_t c = 0; c < kChains; ++c) {
      if (!std::isfinite(drawn.log_forward[c])) continue;
      ++n_possible;
      const double temperature_K = from.states[c].temperature_K;
      const ConstCoordinates x = row(from.positions, c), y = row(drawn.positions, c);
      expect_close(drawn.log_forward[c], plain_log_density(weights, y, x, temperature_K),
                   "log_forward of chain " + std::to_string(c), 1e-8);
      expect_close(drawn.log_reverse[c], plain_log_density(weights, x, y, temperature_K),
                   "log_reverse of chain " + std::to_string(c), 1e-8);
    }
    EXPECT_GT(n_possible, kChains / 2);
  }
}

/// z' of carried draws lies where z and the noise of LaneLeap's draw put it; the log-densities hold
/// normal terms of z' and z; z goes along unchanged when all of it is carried.
TEST_P(BlockLeapTest, CarriedDrawsAreThoseOfTheReadme) {
  for (const LeapWeights& weights : blocks()) {
    if (weights.wide_fraction > 0.0) continue;
    const ChainBatch from = chains_of(weights, 536);
    const StepKey key{test_seed(537), 2};
    const ProposalBatch fresh = LaneLeap(weights, nullptr).sample(from.view(), key);
    for (const double carry : {0.5, 1.0}) {
      const ProposalBatch drawn = CarriedLeap(weights, carry, nullptr).sample(from.view(), key);
      for (std::size_t c = 0; c < kChains; ++c) {
        if (!std::isfinite(drawn.log_forward[c]) || !std::isfinite(fresh.log_forward[c])) continue;
        const double t = from.states[c].temperature_K;
        const std::vector<double> old = plain_internal(weights, row(from.positions, c)),
                                  q = plain_internal(weights, row(drawn.positions, c)),
                                  free = plain_internal(weights, row(fresh.positions, c));
        const std::vector<double> z = plain_whitened(weights, old, t),
                                  carried = plain_whitened(weights, q, t),
                                  noise = plain_whitened(weights, free, t);
        for (std::size_t i = 0; i < z.size(); ++i)
          expect_close(carried[i], carry * z[i] + std::sqrt(1.0 - carry * carry) * noise[i],
                       "z of chain " + std::to_string(c), 1e-8);
        const double forward = plain_soft(weights, q, old, t) + plain_rotors(weights, q, t) +
                               plain_fast(weights, carried, t) -
                               plain_log_jacobian(weights, row(drawn.positions, c));
        const double reverse = plain_soft(weights, old, q, t) + plain_rotors(weights, old, t) +
                               plain_fast(weights, z, t) -
                               plain_log_jacobian(weights, row(from.positions, c));
        expect_close(drawn.log_forward[c], forward, "log_forward", 1e-8);
        expect_close(drawn.log_reverse[c], reverse, "log_reverse", 1e-8);
        if (carry == 1.0) expect_close(norm2(carried), norm2(z), "|z|^2", 1e-7);
      }
    }
  }
}

TEST_P(BlockLeapTest, ACarryOfZeroDrawsAsTheLeapDoes) {
  const LeapWeights weights = block_example({true, 0.3, true, true});
  const ChainBatch from = chains_of(weights, 538);
  const StepKey key{test_seed(539), 5};
  const ProposalBatch a = LaneLeap(weights, nullptr).sample(from.view(), key),
                      b = CarriedLeap(weights, 0.0, nullptr).sample(from.view(), key);
  EXPECT_EQ(a.positions.values(), b.positions.values());
  EXPECT_EQ(a.log_forward, b.log_forward);
  EXPECT_EQ(a.log_reverse, b.log_reverse);
}

TEST_P(BlockLeapTest, KeepsWhatIsNotInTheBlock) {
  const LeapWeights weights = block_example({});
  std::vector<bool> is_moved(weights.z.n_internal(), false);
  for (const std::size_t i : {16u, 18u, 17u, 1u, 20u, 9u, 12u}) is_moved[i] = true;
  const ChainBatch from = chains_of(weights, 540);
  for (const double carry : {0.0, 0.5, 1.0}) {
    const ProposalBatch drawn =
        CarriedLeap(weights, carry, nullptr).sample(from.view(), {test_seed(541), 1});
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

TEST_P(BlockLeapTest, NothingElseHasADensity) {
  const LeapWeights weights = block_example({});
  const ChainBatch from = chains_of(weights, 542, 2), to = chains_of(weights, 543, 2);
  std::vector<double> log_density(2);
  LaneLeap(weights, nullptr).log_density(to.positions.view(), from.view(), log_density);
  EXPECT_EQ(log_density, std::vector<double>(2, -kInfinity));
}

/// Weights of one temperature have the bits they had before there was a range.
TEST_P(BlockLeapTest, TemperatureWidensFastCoordinates) {
  LeapWeights weights = block_example({});
  ChainBatch cold = leap_example_chains(weights, kChains, 544), hot = cold;
  const StepKey key{test_seed(545), 1};
  for (auto& state : hot.states) state.temperature_K = 4.0 / 3.0 * kLeapExampleTemperature_K;
  const LaneLeap leap(weights, nullptr);
  const ProposalBatch a = leap.sample(cold.view(), key), b = leap.sample(hot.view(), key);
  for (std::size_t c = 0; c < kChains; ++c) {
    if (!std::isfinite(a.log_forward[c]) || !std::isfinite(b.log_forward[c])) continue;
    // The same noise, spread by sqrt(T / T_ref).
    const std::vector<double> q = plain_internal(weights, row(a.positions, c)),
                              wide = plain_internal(weights, row(b.positions, c));
    const std::vector<double> z = plain_whitened(weights, q, kLeapExampleTemperature_K),
                              same = plain_whitened(weights, wide, kLeapExampleTemperature_K);
    for (std::size_t i = 0; i < z.size(); ++i)
      expect_close(same[i], std::sqrt(4.0 / 3.0) * z[i], "spread", 1e-8);
  }
  weights.min_temperature_K = weights.max_temperature_K = kLeapExampleTemperature_K;
  const ProposalBatch one = LaneLeap(weights, nullptr).sample(cold.view(), key);
  EXPECT_EQ(one.positions.values(), a.positions.values());
  EXPECT_EQ(one.log_forward, a.log_forward);
}

INSTANTIATE_TEST_SUITE_P(InstructionSets, BlockLeapTest,
                         testing::ValuesIn(available_instruction_sets()),
                         [](const auto& set) { return set.param; });

/// A carried draw of one chain with the torsions it chose replaced by the present ones turned by
/// what the draw turned them at x0: a smooth map of full rank, whose determinant is that of fast
/// coordinates and of the change of volume.
class TransportMap {
 public:
  TransportMap(const LeapWeights& weights, ConstCoordinates x0, const StepKey& key)
      : weights_(weights), leap_(weights, 1.0, nullptr), key_(key) {
    const std::vector<double> q0 = plain_internal(weights, x0);
    const std::vector<double> q = plain_internal(weights, row(draw(x0).positions, 0));
    for (const std::size_t i : weights.soft) turns_.push_back({i, q[i] - q0[i]});
    for (const LeapRotor& rotor : weights.rotors)
      turns_.push_back({rotor.coordinate, q[rotor.coordinate] - q0[rotor.coordinate]});
  }

  ProposalBatch draw(ConstCoordinates x) const {
    ThermodynamicState state;
    state.temperature_K = kTemperature_K;
    const std::vector<ThermodynamicState> states(1, state);
    return leap_.sample({x, states, 0}, key_);
  }

  std::vector<double> operator()(const std::vector<double>& x) const {
    CoordinateBatch from(1, weights_.z.n_atoms()), to = from;
    from.values() = x;
    const std::vector<double> old = plain_internal(weights_, from.view());
    std::vector<double> q = plain_internal(weights_, draw(from.view()).positions.view()), unused(1);
    for (const Turn& turn : turns_) q[turn.coordinate] = old[turn.coordinate] + turn.angle;
    internal_to_cartesian(weights_.z, q, to.chain(0), unused);
    move_to_frame_of(weights_.z, from.view(), to.chain(0));
    return to.values();
  }

  static constexpr double kTemperature_K = 400.0;

 private:
  struct Turn {
    std::size_t coordinate;
    double angle;
  };
  const LeapWeights& weights_;
  CarriedLeap leap_;
  StepKey key_;
  std::vector<Turn> turns_;
};

TEST(CarriedLeap, DeterminantOfTheTransportMapIsTheRatio) {
  LeapWeights weights = block_example({true, 0.0, true, true});
  // Torsions that follow fast coordinates would take these along.
  weights.context[2] = weights.context[0];
  constexpr double t = TransportMap::kTemperature_K;
  const ChainBatch chains = leap_example_chains(weights, 6, 546);
  const std::size_t n = 3 * weights.z.n_atoms();
  std::size_t n_checked = 0;
  for (std::size_t c = 0; c < 6; ++c) {
    const ConstCoordinates x = row(chains.positions, c);
    const TransportMap map(weights, x, {test_seed(547), c});
    const ProposalBatch drawn = map.draw(x);
    if (!std::isfinite(drawn.log_forward[0])) continue;
    ++n_checked;
    const auto from = chains.positions.chain(c);
    const std::vector<double> jacobian =
        numerical_jacobian(map, std::vector<double>(from.begin(), from.end()), 1e-4);
    // What draws of torsions and rotors add is no part of the map.
    const std::vector<double> old = plain_internal(weights, x),
                              q = plain_internal(weights, row(drawn.positions, 0));
    const double torsions = plain_soft(weights, q, old, t) + plain_rotors(weights, q, t) -
                            plain_soft(weights, old, q, t) - plain_rotors(weights, old, t);
    expect_close(log_abs_determinant(jacobian, n),
                 drawn.log_reverse[0] - drawn.log_forward[0] + torsions,
                 "log determinant of chain " + std::to_string(c), 1e-5);
  }
  EXPECT_GE(n_checked, 3u);
}

TEST(CarriedLeap, SaysWhatItNeeds) {
  LeapWeights weights = block_example({});
  EXPECT_EQ(CarriedLeap(weights, 0.5, nullptr).name(), "carried_leap");
  EXPECT_TRUE(CarriedLeap(weights, 0.5, nullptr).requirements().free_molecule);
  EXPECT_FALSE(CarriedLeap(weights, 0.5, nullptr).requirements().one_temperature);
  EXPECT_FALSE(LaneLeap(weights, nullptr).requirements().one_temperature);
  weights.min_temperature_K = weights.max_temperature_K = weights.temperature_K;
  EXPECT_TRUE(CarriedLeap(weights, 0.5, nullptr).requirements().one_temperature);
}

TEST(CarriedLeap, RefusesWhatItCannotCarry) {
  const auto refusal = [](const LeapWeights& weights, double carry) {
    return message_of<InputError>([&] { CarriedLeap(weights, carry, nullptr); });
  };
  EXPECT_EQ(refusal(block_example({}), 1.5),
            "carried_leap: carry must be between 0 and 1, not 1.500000");
  EXPECT_EQ(refusal(block_example({}), std::nan("")),
            "carried_leap: carry must be between 0 and 1, not nan");
  EXPECT_EQ(refusal(block_example({false, 0.1, true, true}), 0.5),
            "carried_leap: the weights draw fast coordinates widely (wide_fraction 0.100000), "
            "which cannot be carried along; set carry = 0, or wide_fraction = 0 in the weights");
}

TEST(CarriedLeap, RefusesTemperaturesOutOfRange) {
  const LeapWeights weights = block_example({true, 0.0, true, true});
  ChainBatch chains = chains_of(weights, 548, 3);
  chains.states[2].temperature_K = 601.0;
  EXPECT_EQ(
      message_of<ModelError>([&] {
        CarriedLeap(weights, 0.5, nullptr).sample({chains.positions.view(), chains.states, 7}, {});
      }),
      "carried_leap: chain 9 is at 601.000000 K, the model is for 280.000000 to 600.000000 K");
}

std::vector<BlockLeap::Entry> two_entries() {
  const LeapWeights weights = block_example({true, 0.0, true, true});
  return {{"fresh", 3.0, std::make_shared<LaneLeap>(weights, nullptr)},
          {"carried", 1.0, std::make_shared<CarriedLeap>(weights, 0.5, nullptr)}};
}

TEST(BlockLeap, KeepsTheInvariantsOfProposals) {
  const ChainBatch chains = chains_of(block_example({}), 549);
  for (std::uint64_t step = 0; step < 6; ++step)
    expect_proposal_invariants(BlockLeap(two_entries()), chains, {test_seed(550), step});
}

TEST(BlockLeap, DrawsOneEntryEachStepAndNamesIt) {
  const BlockLeap leap(two_entries());
  const ChainBatch chains = chains_of(block_example({}), 551, 2);
  constexpr std::size_t kSteps = 2000;
  std::size_t n_fresh = 0;
  for (std::uint64_t step = 0; step < kSteps; ++step) {
    const std::string kind = leap.sample(chains.view(), {test_seed(552), step}).kind;
    EXPECT_TRUE(kind == "fresh" || kind == "carried") << kind;
    if (kind == "fresh") ++n_fresh;
  }
  // Five standard errors.
  const double error = std::sqrt(0.75 * 0.25 / kSteps);
  EXPECT_NEAR(static_cast<double>(n_fresh) / kSteps, 0.75, tolerance_scale() * 5.0 * error);
}

/// Where each try has gone; log_reverse is that of its own entry.
TEST(BlockLeap, TriesDrawEntriesOfTheirOwn) {
  const BlockLeap leap(two_entries());
  const ChainBatch chains = chains_of(block_example({}), 553, 3);
  const StepKey key{test_seed(554), 1};
  const ProposalBatch tries = leap.sample_tries(chains.view(), 4, key);
  ASSERT_EQ(tries.log_forward.size(), 12u);
  for (std::uint32_t t = 0; t < 4; ++t) {
    const ProposalBatch one = leap.sample(chains.view(), key.child(t));
    for (std::size_t c = 0; c < 3; ++c) {
      EXPECT_EQ(tries.log_forward[4 * c + t], one.log_forward[c]);
      EXPECT_EQ(tries.log_reverse[4 * c + t], one.log_reverse[c]);
      const auto x = tries.positions.chain(4 * c + t), y = one.positions.chain(c);
      EXPECT_TRUE(std::equal(x.begin(), x.end(), y.begin()));
    }
  }
}

TEST(BlockLeap, SaysWhatItNeeds) {
  std::vector<BlockLeap::Entry> entries = two_entries();
  EXPECT_EQ(BlockLeap(entries).name(), "block_leap");
  EXPECT_TRUE(BlockLeap(entries).requirements().free_molecule);
  EXPECT_FALSE(BlockLeap(entries).requirements().one_temperature);
  entries.push_back({"whole", 1.0, std::make_shared<LaneLeap>(leap_example({}), nullptr)});
  EXPECT_TRUE(BlockLeap(entries).requirements().one_temperature);
}

TEST(BlockLeap, RefusesWrongEntries) {
  const auto refusal = [](auto change) {
    std::vector<BlockLeap::Entry> entries = two_entries();
    change(entries);
    return message_of<InputError>([&] { BlockLeap{entries}; });
  };
  EXPECT_EQ(refusal([](auto& e) { e.clear(); }), "block_leap: expected at least one leap");
  EXPECT_EQ(refusal([](auto& e) { e[1].name = "fresh"; }),
            "block_leap: leap 'fresh': the name is used twice; give each leap its own");
  EXPECT_EQ(refusal([](auto& e) { e[0].name = ""; }), "block_leap: a leap has no name");
  EXPECT_EQ(refusal([](auto& e) { e[0].probability = 0.0; }),
            "block_leap: leap 'fresh': probability must be positive and finite");
  EXPECT_EQ(refusal([](auto& e) { e[1].probability = kInfinity; }),
            "block_leap: leap 'carried': probability must be positive and finite");
}

}  // namespace
}  // namespace saltus::tests
