// Oracle: the invariants of proposals, densities evaluated apart from draws, exact draws of a
// target that no rigid motion keeps, and the documented messages.
#include <gtest/gtest.h>

#include <cmath>
#include <memory>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "engine/moves/metropolis.h"
#include "engine/moves/multiple_try.h"
#include "mlsamplers/timewarp/timewarp_proposal.h"
#include "tests/mlsamplers/timewarp_fixture.h"
#include "tests/support/errors.h"
#include "tests/support/invariants.h"

namespace saltus::tests {
namespace {

using mlsamplers::TimewarpFrame;
using mlsamplers::TimewarpProposal;

std::shared_ptr<const TimewarpProposal> proposal_of(const engine::Topology& topology,
                                                    TimewarpFrame frame,
                                                    std::size_t n_threads = 0) {
  const auto pool = n_threads == 0 ? nullptr : std::make_shared<engine::ThreadPool>(n_threads);
  return std::make_shared<TimewarpProposal>(random_timewarp(topology, frame), pool);
}

/// Atoms strewn over some tenths of a nanometre.
engine::ChainBatch strewn(std::size_t n_chains, std::size_t n_atoms, std::uint64_t seed) {
  engine::ChainBatch chains(n_chains, n_atoms, {WellPair::kTemperature_K});
  engine::RandomStream stream({seed, 0}, engine::StreamName::kTest, 0);
  for (double& x : chains.positions.values()) x = 0.15 * stream.normal();
  return chains;
}

class TimewarpFrames : public ::testing::TestWithParam<TimewarpFrame> {};

TEST_P(TimewarpFrames, KeepTheInterface) {
  ProposalInvariantOptions options;
  options.batch_tolerance = 1e-9;
  expect_proposal_invariants(*proposal_of(row_of_atoms({6, 6, 8, 1}), GetParam()), strewn(7, 4, 1),
                             {3, 5}, options);
}

TEST_P(TimewarpFrames, DoNotDependOnThreads) {
  const engine::ChainBatch chains = strewn(1100, 2, 2);
  const auto alone = proposal_of(row_of_atoms({6, 8}), GetParam())->sample(chains.view(), {4, 1});
  const auto together =
      proposal_of(row_of_atoms({6, 8}), GetParam(), 2)->sample(chains.view(), {4, 1});
  EXPECT_EQ(alone.positions.values(), together.positions.values());
  EXPECT_EQ(alone.log_forward, together.log_forward);
  EXPECT_EQ(alone.log_reverse, together.log_reverse);
}

TEST_P(TimewarpFrames, AreExact) {
  const WellPair wells;
  const engine::Metropolis move(proposal_of(wells.topology(), GetParam()));
  expect_passed(wells.check("timewarp", move, 100 + static_cast<std::uint64_t>(GetParam())),
                WellPair::kRequiredPower);
}

TEST_P(TimewarpFrames, AreExactWithSeveralTries) {
  const WellPair wells;
  const engine::MultipleTry move(proposal_of(wells.topology(), GetParam()), 3);
  expect_passed(wells.check("three tries", move, 200 + static_cast<std::uint64_t>(GetParam()),
                            WellPair::kApplications / 2),
                WellPair::kRequiredPower);
}

INSTANTIATE_TEST_SUITE_P(All, TimewarpFrames,
                         ::testing::Values(TimewarpFrame::kBody, TimewarpFrame::kRandom,
                                           TimewarpFrame::kLaboratory));

TEST(TimewarpProposal, IsAcceptedNowAndThen) {
  const WellPair wells;
  engine::ChainBatch chains = wells.draw(2000, 5);
  const engine::Metropolis move(proposal_of(wells.topology(), TimewarpFrame::kBody));
  const engine::MoveRecord record = move.apply(chains, wells.target(), {6, 0}).records.at(0);
  std::size_t n_accepted = 0;
  for (const engine::Outcome outcome : record.outcomes)
    n_accepted += outcome == engine::Outcome::kAccepted;
  EXPECT_GT(n_accepted, 40u);  // else exactness would say nothing
  EXPECT_LT(n_accepted, 1960u);
}

/// Rotates by an angle about an axis that is none of the coordinates', then shifts.
engine::CoordinateBatch moved(const engine::CoordinateBatch& x) {
  const double c = std::cos(1.1), s = std::sin(1.1);
  engine::CoordinateBatch result = x;
  for (std::size_t chain = 0; chain < x.n_chains(); ++chain)
    for (std::size_t i = 0; i < 3 * x.n_atoms(); i += 3) {
      const auto from = x.chain(chain);
      // About z, then the axes in turn: a rotation, too.
      const double a = c * from[i] - s * from[i + 1], b = s * from[i] + c * from[i + 1];
      auto to = result.chain(chain);
      to[i] = b + 0.3;
      to[i + 1] = from[i + 2] - 0.7;
      to[i + 2] = a + 1.1;
    }
  return result;
}

std::vector<double> normal_numbers(std::size_t n, std::uint64_t seed) {
  engine::RandomStream stream({seed, 0}, engine::StreamName::kTest, 1);
  std::vector<double> values(n);
  for (double& value : values) value = stream.normal();
  return values;
}

TEST(TimewarpProposal, BodyAxesTurnWithTheState) {
  const auto proposal = proposal_of(row_of_atoms({6, 6, 8, 1}), TimewarpFrame::kBody);
  const engine::ChainBatch from = strewn(20, 4, 7), to = strewn(20, 4, 8);
  const std::vector<double> v = normal_numbers(20 * 12, 9);
  const auto still = proposal->log_density(to.positions.view(), v, from.positions.view());
  const auto turned =
      proposal->log_density(moved(to.positions).view(), v, moved(from.positions).view());
  for (std::size_t c = 0; c < still.size(); ++c)
    EXPECT_NEAR(still[c], turned[c], 1e-9 * std::max(1.0, std::abs(still[c])));
  // In axes of the laboratory it is another density, which is as exact.
  const auto laboratory = proposal_of(row_of_atoms({6, 6, 8, 1}), TimewarpFrame::kLaboratory);
  const auto a = laboratory->log_density(to.positions.view(), v, from.positions.view());
  const auto b =
      laboratory->log_density(moved(to.positions).view(), v, moved(from.positions).view());
  EXPECT_GT(std::abs(a[0] - b[0]), 1e-3);
}

TEST(TimewarpProposal, IntegratesToOne) {
  // One atom and its auxiliaries: six dimensions, by importance sampling from wider Gaussians.
  const auto proposal = proposal_of(row_of_atoms({6}), TimewarpFrame::kBody);
  constexpr std::size_t kDraws = 200000;
  constexpr double kWidth_nm = 0.08, kAuxiliaryWidth = 2.5;
  const engine::ChainBatch from(kDraws, 1, {WellPair::kTemperature_K});
  engine::ChainBatch to = from;
  const std::vector<double> z = normal_numbers(6 * kDraws, 10);
  std::vector<double> v(3 * kDraws), log_g(kDraws);
  for (std::size_t c = 0; c < kDraws; ++c)
    for (std::size_t k = 0; k < 3; ++k) {
      to.positions.chain(c)[k] = kWidth_nm * z[6 * c + k];
      v[3 * c + k] = kAuxiliaryWidth * z[6 * c + 3 + k];
      log_g[c] -= 0.5 * (z[6 * c + k] * z[6 * c + k] + z[6 * c + 3 + k] * z[6 * c + 3 + k]) +
                  std::log(kWidth_nm * kAuxiliaryWidth * engine::kTwoPi);
    }
  const auto log_q = proposal->log_density(to.positions.view(), v, from.positions.view());
  double sum = 0.0, squares = 0.0;
  for (std::size_t c = 0; c < kDraws; ++c) {
    const double ratio = std::exp(log_q[c] - log_g[c]);
    sum += ratio;
    squares += ratio * ratio;
  }
  const double mean = sum / kDraws, error = std::sqrt((squares / kDraws - mean * mean) / kDraws);
  EXPECT_LT(error, 0.05);
  EXPECT_NEAR(mean, 1.0, 6.0 * error);
}

TEST(TimewarpProposal, TriesHaveAuxiliariesOfTheirOwn) {
  const auto proposal = proposal_of(row_of_atoms({6, 8}), TimewarpFrame::kBody);
  const engine::ChainBatch chains = strewn(3, 2, 12);
  const engine::ProposalBatch tries = proposal->sample_tries(chains.view(), 4, {13, 0});
  ASSERT_EQ(tries.log_forward.size(), 12u);
  for (std::size_t row = 1; row < 12; ++row) {
    EXPECT_NE(tries.log_forward[row], tries.log_forward[row - 1]);
    EXPECT_NE(tries.log_reverse[row], tries.log_reverse[row - 1]);
  }
  // The state's part, which tries share, is what it is without sharing.
  const engine::CoordinateBatch copies =
      engine::CoordinateBatch::repeated(chains.positions.view(), 4);
  const std::vector<engine::ThermodynamicState> states(12, {WellPair::kTemperature_K});
  const engine::ProposalBatch apart = proposal->sample({copies.view(), states, 0}, {13, 0});
  for (std::size_t row = 0; row < 12; ++row) {
    EXPECT_NEAR(tries.log_forward[row], apart.log_forward[row], 1e-9);
    EXPECT_NEAR(tries.log_reverse[row], apart.log_reverse[row], 1e-9);
  }
}

TEST(TimewarpProposal, KeepsHandedness) {
  const engine::Topology topology = handed_molecule();
  const auto centres = mlsamplers::handed_centres(topology);
  ASSERT_EQ(centres.size(), 1u);
  const auto proposal = proposal_of(topology, TimewarpFrame::kBody);
  const engine::ChainBatch chains = strewn(400, 5, 14);
  const engine::ProposalBatch drawn = proposal->sample(chains.view(), {15, 0});
  std::size_t n_turned = 0;
  for (std::size_t c = 0; c < 400; ++c) {
    const bool same =
        mlsamplers::same_handedness(centres, chains.positions.chain(c), drawn.positions.chain(c));
    EXPECT_EQ(std::isfinite(drawn.log_forward[c]), same) << "chain " << c;
    n_turned += !same;
  }
  EXPECT_GT(n_turned, 10u);
  EXPECT_LT(n_turned, 390u);
}

TEST(HandedCentres, AreAtomsWithFourNeighboursMostlyHeavy) {
  const auto centres = mlsamplers::handed_centres(handed_molecule());
  ASSERT_EQ(centres.size(), 1u);
  EXPECT_EQ(centres[0].atom, 0u);
  EXPECT_EQ(centres[0].neighbours, (std::array<std::size_t, 3>{1, 2, 3}));
  engine::Topology two_hydrogens = handed_molecule();
  two_hydrogens.atoms[3].atomic_number = 1;
  EXPECT_TRUE(mlsamplers::handed_centres(two_hydrogens).empty());

  std::vector<double> x = {0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, -1, -1, -1}, mirror = x;
  for (std::size_t i = 0; i < mirror.size(); i += 3) mirror[i] = -mirror[i];
  EXPECT_TRUE(mlsamplers::same_handedness(centres, x, x));
  EXPECT_FALSE(mlsamplers::same_handedness(centres, x, mirror));
  EXPECT_TRUE(mlsamplers::same_handedness({}, x, mirror));
}

TEST(FrameAtoms, AreHeavyAndBonded) {
  const auto atoms = [](const std::vector<int>& elements) {
    return mlsamplers::frame_atoms(row_of_atoms(elements));
  };
  using Atoms = std::array<std::size_t, 3>;
  EXPECT_EQ(atoms({6}), (Atoms{0, 0, 0}));
  EXPECT_EQ(atoms({6, 8}), (Atoms{0, 1, 0}));
  EXPECT_EQ(atoms({1, 6, 6, 8}), (Atoms{2, 1, 3}));
}

TEST(TimewarpProposal, RefusesChainsThatItIsNotFor) {
  const auto proposal = proposal_of(row_of_atoms({6, 8}), TimewarpFrame::kBody);
  const engine::ChainBatch three = strewn(2, 3, 1);
  EXPECT_EQ(message_of<engine::ModelError>([&] {
              proposal->sample(three.view(), {1, 0});
            }),
            "timewarp: the model is for 2 atoms, the chains have 3");
  engine::ChainBatch hot = strewn(2, 2, 1);
  hot.states[1].temperature_K = 310.0;
  EXPECT_EQ(message_of<engine::ModelError>([&] {
              proposal->sample(hot.view(), {1, 0});
            }),
            "timewarp: chain 1 is at 310.000000 K, the model is for 300.000000 K");
  EXPECT_TRUE(proposal->requirements().one_temperature);
  EXPECT_FALSE(proposal->requirements().free_molecule);
}

}  // namespace
}  // namespace saltus::tests
