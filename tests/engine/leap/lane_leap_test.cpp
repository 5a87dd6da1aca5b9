// Oracle: the definition of a proposal, on every instruction set of this machine; the density
// written out anew in scalar code; messages. The tensors' densities: tests/mlsamplers.
#include "engine/leap/lane_leap.h"

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
#include "tests/engine/leap/leap_example.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"
#include "tests/support/invariants.h"
#include "tests/support/numerics.h"

namespace saltus::tests {
namespace {

using namespace engine;

/// Without soft torsions, without rotors, without both, and with too many for products.
const LeapExampleSize kSizes[] = {{2, 1}, {1, 2}, {0, 1}, {3, 0}, {0, 0}, {5, 1}};

class LaneLeapTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { choose_instruction_set(GetParam()); }
  void TearDown() override { choose_instruction_set(available_instruction_sets().front()); }
};

TEST_P(LaneLeapTest, KeepsTheInvariantsOfProposals) {
  ProposalInvariantOptions options;
  options.batch_tolerance = 0.0;
  // Internal coordinates measured again, in units of widths of a few thousandths of a nanometre.
  options.density_tolerance = 1e-9;
  for (const LeapExampleSize& size : kSizes) {
    SCOPED_TRACE(std::to_string(size.n_soft) + " soft, " + std::to_string(size.n_rotors) +
                 " rotors");
    const LeapWeights weights = leap_example(size);
    const ChainBatch chains = leap_example_chains(weights, 37, 511);
    expect_proposal_invariants(LaneLeap(weights, nullptr), chains, {test_seed(512), 3}, options);
  }
}

TEST_P(LaneLeapTest, DoesNotDependOnThreads) {
  const LeapWeights weights = leap_example({});
  const ChainBatch chains = leap_example_chains(weights, 100, 513);
  const StepKey key{test_seed(514), 1};
  const ProposalBatch alone = LaneLeap(weights, nullptr).sample(chains.view(), key);
  for (const std::size_t n_threads : {1u, 2u, 3u}) {
    const auto pool = std::make_shared<ThreadPool>(n_threads);
    const ProposalBatch shared = LaneLeap(weights, pool).sample(chains.view(), key);
    EXPECT_EQ(alone.positions.values(), shared.positions.values());
    EXPECT_EQ(alone.log_forward, shared.log_forward);
    EXPECT_EQ(alone.log_reverse, shared.log_reverse);
  }
}

// The density by the formulas of the README, one chain at a time.

double silu(double v) { return v / (1.0 + std::exp(-v)); }

std::vector<double> layer(const std::vector<double>& matrix, const std::vector<double>& bias,
                          const std::vector<double>& in) {
  std::vector<double> out = bias;
  for (std::size_t row = 0; row < out.size(); ++row)
    for (std::size_t i = 0; i < in.size(); ++i) out[row] += matrix[row * in.size() + i] * in[i];
  return out;
}

double plain_mixture(const MixtureNetworkWeights& network, const std::vector<double>& angles,
                     double angle) {
  std::vector<double> in;
  for (int k = 1; k <= 3; ++k) {
    for (const double a : angles) in.push_back(std::cos(k * a));
    for (const double a : angles) in.push_back(std::sin(k * a));
  }
  if (angles.empty()) in = {1.0};
  std::vector<double> hidden = layer(network.first, network.first_bias, in);
  for (double& v : hidden) v = silu(v);
  hidden = layer(network.second, network.second_bias, hidden);
  for (double& v : hidden) v = silu(v);
  const std::vector<double> out = layer(network.head, network.head_bias, hidden);
  const std::size_t n = network.n_components;
  std::vector<double> exponents, weights;
  for (std::size_t k = 0; k < n; ++k) {
    const double mean = std::atan2(out[2 * n + k], out[n + k]);
    const double width = 0.03 + 1.52 / (1.0 + std::exp(-out[3 * n + k]));
    weights.push_back(out[k]);
    for (int turn = -8; turn <= 8; ++turn) {
      const double z = (angle - mean + kTwoPi * turn) / width;
      exponents.push_back(out[k] - 0.5 * z * z - std::log(width * std::sqrt(kTwoPi)));
    }
  }
  return log_sum_exp(exponents) - log_sum_exp(weights);
}

std::vector<double> plain_basis(const std::vector<double>& soft,
                                const std::vector<double>& folded) {
  const auto wave = [](double angle, int i) {
    return i % 2 == 0 ? std::cos((i / 2 + 1) * angle) : std::sin((i / 2 + 1) * angle);
  };
  std::vector<double> basis = {1.0};
  for (const double s : soft)
    for (int i = 0; i < 6; ++i) basis.push_back(wave(s, i));
  for (std::size_t n = 0; n + 1 < soft.size(); ++n)
    for (int i = 0; i < 6; ++i)
      for (int j = 0; j < 6; ++j) basis.push_back(wave(soft[n], i) * wave(soft[n + 1], j));
  for (const double r : folded) {
    for (int i = 0; i < 4; ++i) basis.push_back(wave(r, i));
    if (soft.size() > 4) continue;
    for (const double s : soft)
      for (int i = 0; i < 4; ++i)
        for (int j = 0; j < 2; ++j) basis.push_back(wave(r, j) * wave(s, i));
  }
  return basis;
}

double plain_fast(const LeapWeights& w, const std::vector<double>& q,
                  const std::vector<double>& basis) {
  const std::size_t n = w.fast.size();
  std::vector<double> z(n);
  double result = 0.0;
  for (std::size_t i = 0; i < n; ++i) {
    z[i] = q[w.fast[i].coordinate] - w.fast[i].centre;
    if (w.fast[i].is_torsion) z[i] = wrap_angle(z[i]);
    for (std::size_t k = 0; k < basis.size(); ++k)
      z[i] -= w.fast_weights[i * basis.size() + k] * basis[k];
    for (std::size_t j = 0; j < i; ++j) z[i] -= w.fast_cholesky[i * n + j] * z[j];
    z[i] /= w.fast_cholesky[i * n + i];
    result -= 0.5 * z[i] * z[i] + std::log(w.fast_cholesky[i * n + i] * std::sqrt(kTwoPi));
  }
  return result;
}

double plain_log_density(const LeapWeights& w, ConstCoordinates to, ConstCoordinates from) {
  std::vector<double> q(w.z.n_internal()), old(w.z.n_internal()), log_jac(1), unused(1);
  cartesian_to_internal(w.z, to, q, log_jac);
  cartesian_to_internal(w.z, from, old, unused);
  std::vector<double> soft, condition, folded;
  for (const std::size_t i : w.soft) soft.push_back(q[i]);
  for (const std::size_t i : w.soft) condition.push_back(old[i]);
  double networks = 0.0, result = 0.0;
  for (std::size_t i = 0; i < soft.size(); ++i) {
    networks += plain_mixture(w.soft_networks[i], condition, soft[i]);
    condition.push_back(soft[i]);
  }
  const double anywhere = std::pow(kTwoPi, -static_cast<double>(soft.size()));
  result += soft.empty() ? 0.0
                         : std::log((1.0 - w.uniform_fraction) * std::exp(networks) +
                                    w.uniform_fraction * anywhere);
  for (std::size_t j = 0; j < w.rotors.size(); ++j) {
    folded.push_back(w.rotors[j].fold * q[w.rotors[j].coordinate]);
    result += plain_mixture(w.rotor_networks[j], soft, folded[j]);
  }
  return result + plain_fast(w, q, plain_basis(soft, folded)) - log_jac[0];
}

TEST_P(LaneLeapTest, DensityIsThatOfTheReadme) {
  for (const LeapExampleSize& size : kSizes) {
    const LeapWeights weights = leap_example(size);
    const ChainBatch to = leap_example_chains(weights, 20, 515),
                     from = leap_example_chains(weights, 20, 516);
    std::vector<double> log_density(20);
    LaneLeap(weights, nullptr).log_density(to.positions.view(), from.view(), log_density);
    for (std::size_t c = 0; c < 20; ++c) {
      const double expected = plain_log_density(weights, to.positions.view().slice(c, 1),
                                                from.positions.view().slice(c, 1));
      EXPECT_NEAR(log_density[c], expected,
                  tolerance_scale() * 1e-10 * std::max(1.0, std::abs(expected)))
          << "chain " << c << ", " << size.n_soft << " soft, " << size.n_rotors << " rotors";
    }
  }
}

/// Same numbers on all instruction sets but for rounding.
TEST_P(LaneLeapTest, AgreesWithOtherInstructionSets) {
  const LeapWeights weights = leap_example({});
  const ChainBatch chains = leap_example_chains(weights, 40, 517);
  const StepKey key{test_seed(518), 4};
  const ProposalBatch here = LaneLeap(weights, nullptr).sample(chains.view(), key);
  choose_instruction_set(available_instruction_sets().back());
  const ProposalBatch there = LaneLeap(weights, nullptr).sample(chains.view(), key);
  const double tolerance = tolerance_scale() * 1e-10;
  for (std::size_t i = 0; i < here.positions.values().size(); ++i)
    EXPECT_NEAR(here.positions.values()[i], there.positions.values()[i], tolerance);
  for (std::size_t c = 0; c < 40; ++c) {
    EXPECT_NEAR(here.log_forward[c], there.log_forward[c], tolerance);
    EXPECT_NEAR(here.log_reverse[c], there.log_reverse[c], tolerance);
  }
}

/// A singular state disturbs no neighbour and has no density of the way back.
TEST_P(LaneLeapTest, SingularStatesStayAlone) {
  const LeapWeights weights = leap_example({});
  const LaneLeap leap(weights, nullptr);
  ChainBatch chains = leap_example_chains(weights, 10, 519);
  const StepKey key{test_seed(520), 2};
  const ProposalBatch before = leap.sample(chains.view(), key);
  const auto x = chains.positions.chain(4);
  std::copy(x.begin(), x.begin() + 3, x.begin() + 3);  // the first two atoms coincide
  const ProposalBatch after = leap.sample(chains.view(), key);
  EXPECT_EQ(after.log_reverse[4], -std::numeric_limits<double>::infinity());
  for (std::size_t c = 0; c < 10; ++c) {
    if (c == 4) continue;
    EXPECT_EQ(before.log_forward[c], after.log_forward[c]);
    EXPECT_EQ(before.log_reverse[c], after.log_reverse[c]);
    const auto a = before.positions.chain(c), b = after.positions.chain(c);
    EXPECT_TRUE(std::equal(a.begin(), a.end(), b.begin())) << "chain " << c;
  }
}

INSTANTIATE_TEST_SUITE_P(InstructionSets, LaneLeapTest,
                         testing::ValuesIn(available_instruction_sets()),
                         [](const auto& set) { return set.param; });

TEST(LaneLeap, SaysWhatItNeeds) {
  const LaneLeap leap(leap_example({}), nullptr);
  const MoveRequirements needs = leap.requirements();
  EXPECT_TRUE(needs.no_constraints);
  EXPECT_TRUE(needs.free_molecule);
  EXPECT_TRUE(needs.one_temperature);
  EXPECT_TRUE(needs.movable_atoms);
  EXPECT_FALSE(needs.several_temperatures);
  EXPECT_EQ(leap.name(), "learned_leap");
}

TEST(LaneLeap, RefusesAnotherTemperature) {
  const LeapWeights weights = leap_example({});
  ChainBatch chains = leap_example_chains(weights, 3, 521);
  chains.states[1].temperature_K = 300.0;
  EXPECT_EQ(message_of<ModelError>([&] {
              LaneLeap(weights, nullptr).sample({chains.positions.view(), chains.states, 7}, {});
            }),
            "learned_leap: chain 8 is at 300.000000 K, the model is for 310.000000 K");
}

TEST(LaneLeap, RefusesWeightsThatDoNotFit) {
  const auto refusal = [](auto change) {
    LeapWeights weights = leap_example({});
    change(weights);
    return message_of<ModelError>([&] { LaneLeap(weights, nullptr); });
  };
  const std::string start = "learned_leap: the model is damaged: ";
  EXPECT_EQ(refusal([](LeapWeights& w) { w.rotor_networks.clear(); }),
            start + "the number of networks does not fit");
  EXPECT_EQ(refusal([](LeapWeights& w) { w.soft_networks[1].n_angles = 2; }),
            start + "a network has the wrong size");
  EXPECT_EQ(refusal([](LeapWeights& w) { w.soft_networks[0].head.pop_back(); }),
            start + "a network has the wrong size");
  EXPECT_EQ(refusal([](LeapWeights& w) { w.rotor_networks[0].second_bias[0] = std::nan(""); }),
            start + "a network's weight is not finite");
  EXPECT_EQ(refusal([](LeapWeights& w) { w.fast_cholesky[0] = 0.0; }),
            start + "the Cholesky factor is not lower triangular with a positive diagonal");
}

TEST(LaneLeap, ArraysMustFit) {
  const LeapWeights weights = leap_example({});
  const LaneLeap leap(weights, nullptr);
  const ChainBatch chains = leap_example_chains(weights, 2, 522), other(2, 8, {310.0});
  std::vector<double> one(1), two(2);
  EXPECT_THROW(leap.sample(other.view(), {}), InternalError);
  EXPECT_THROW(leap.log_density(chains.positions.view(), chains.view(), one), InternalError);
  EXPECT_THROW(leap.log_density(other.positions.view(), chains.view(), two), InternalError);
}

}  // namespace
}  // namespace saltus::tests
