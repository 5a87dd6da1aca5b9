// Oracle: the definition of a proposal, the molecule's exact normalised density, and rigid motions
// under which densities must not change.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "engine/ensemble/canonical.h"
#include "engine/moves/metropolis.h"
#include "tests/mlsamplers/leap_fixture.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"
#include "tests/support/exact_start.h"
#include "tests/support/invariants.h"
#include "tests/support/numerics.h"

namespace saltus::tests {
namespace {

using mlsamplers::LeapModel;

TEST(LeapProposal, TrainingSawTheMoleculeAsItIs) {
  const mlsamplers::CoordinateSplit& split = trained_leap().model.split;
  EXPECT_EQ(split.soft.size(), 2u);
  ASSERT_EQ(split.rotors.size(), 1u);
  EXPECT_EQ(split.rotors[0].fold, 3);
  EXPECT_EQ(split.fast.size(), 15u);
}

TEST(LeapProposal, KeepsTheInvariantsOfProposals) {
  ProposalInvariantOptions options;
  // Sums inside a network depend on the batch in the last digits; positions follow.
  options.batch_tolerance = 1e-9;
  // Internal coordinates measured again, in units of widths of a hundredth of a nanometre.
  options.density_tolerance = 1e-9;
  const engine::ChainBatch chains = molecule().draw(37, test_seed(81));
  for (const LeapModel& model : {trained_leap().model, untrained_model()})
    expect_proposal_invariants(*leap_of(model), chains, {test_seed(82), 3}, options);
}

TEST(LeapProposal, SaysWhatItNeeds) {
  const engine::MoveRequirements needs = leap_of(untrained_model())->requirements();
  EXPECT_TRUE(needs.no_constraints);
  EXPECT_TRUE(needs.free_molecule);
  EXPECT_TRUE(needs.one_temperature);
  EXPECT_TRUE(needs.movable_atoms);
  EXPECT_FALSE(needs.several_temperatures);
}

TEST(LeapProposal, MoveKeepsTheInvariantsOfMoves) {
  MoveInvariantOptions options;
  options.energy_tolerance = 1e-9;
  expect_move_invariants(engine::Metropolis(leap_of(trained_leap().model)),
                         molecule().draw(50, test_seed(83)), leap_target(), {test_seed(84), 1},
                         options);
}

TEST(LeapProposal, DoesNotDependOnThreads) {
  const engine::LeapWeights model = mlsamplers::weights_of(trained_leap().model);
  const engine::ChainBatch chains = molecule().draw(100, test_seed(85));
  const engine::StepKey key{test_seed(86), 0};
  const engine::ProposalBatch alone =
      mlsamplers::LeapProposal(model, nullptr).sample(chains.view(), key);
  for (const std::size_t n_threads : {1, 2, 3}) {
    const auto pool = std::make_shared<engine::ThreadPool>(n_threads);
    const engine::ProposalBatch shared =
        mlsamplers::LeapProposal(model, pool).sample(chains.view(), key);
    EXPECT_EQ(alone.positions.values(), shared.positions.values());
    EXPECT_EQ(alone.log_forward, shared.log_forward);
    EXPECT_EQ(alone.log_reverse, shared.log_reverse);
  }
}

/// For one fixed x, half of the x' are exact draws and half are drawn by the proposal, so that the
/// mean of 2 q(x'|x) / (pi(x') + q(x'|x)), which stays below 2, is 1 when q is normalised and what
/// is drawn; within five standard errors.
void expect_normalised(const LeapModel& model) {
  constexpr std::size_t kHalf = 20000, kStarts = 3;
  const engine::ChainBatch starts = molecule().draw(kStarts, test_seed(88));
  for (std::size_t start = 0; start < kStarts; ++start) {
    engine::ChainBatch to = molecule().draw(kHalf, test_seed(87) + start), from = to;
    const auto x = starts.positions.chain(start);
    for (std::size_t c = 0; c < kHalf; ++c)
      std::copy(x.begin(), x.end(), from.positions.chain(c).begin());
    double mean = 0.0, variance = 0.0;
    const auto add = [&] {
      const std::vector<double> log_exact = molecule().log_density(to.positions.view()),
                                log_q = leap_density(model, to, from);
      double sum = 0.0, sum_of_squares = 0.0;
      for (std::size_t c = 0; c < kHalf; ++c) {
        const double ratio = 2.0 / (1.0 + std::exp(log_exact[c] - log_q[c]));
        sum += ratio;
        sum_of_squares += ratio * ratio;
      }
      const double half_mean = sum / kHalf;
      mean += 0.5 * half_mean;
      variance += 0.25 * (sum_of_squares / kHalf - half_mean * half_mean) / kHalf;
    };
    add();
    to.positions = leap_of(model)->sample(from.view(), {test_seed(103), start}).positions;
    add();
    const double error = std::sqrt(variance);
    EXPECT_LT(error, 0.004) << "the draws cannot tell";
    EXPECT_NEAR(mean, 1.0, tolerance_scale() * 5.0 * error) << "start " << start;
  }
}

TEST(LeapProposal, DensityIsNormalised) {
  expect_normalised(trained_leap().model);
  expect_normalised(untrained_model());
  LeapModel model = trained_leap().model;
  model.uniform_fraction = 0.9;
  expect_normalised(model);
}

TEST(LeapProposal, DensityIgnoresRigidMotions) {
  engine::ChainBatch to = molecule().draw(40, test_seed(89)),
                     from = molecule().draw(40, test_seed(90));
  const std::vector<double> before = leap_density(untrained_model(), to, from);
  auto stream = test_stream(91);
  for (engine::ChainBatch* chains : {&to, &from})
    for (std::size_t c = 0; c < 40; ++c)
      move_rigidly(chains->positions.chain(c), random_rotation(stream),
                   {stream.normal(), stream.normal(), stream.normal()});
  const std::vector<double> after = leap_density(untrained_model(), to, from);
  for (std::size_t c = 0; c < 40; ++c)
    EXPECT_NEAR(before[c], after[c], tolerance_scale() * 1e-9) << "chain " << c;
}

TEST(LeapProposal, DrawsMoveWithTheMolecule) {
  engine::ChainBatch chains = molecule().draw(20, test_seed(92));
  const engine::StepKey key{test_seed(93), 5};
  const auto leap = leap_of(trained_leap().model);
  engine::ProposalBatch before = leap->sample(chains.view(), key);
  auto stream = test_stream(94);
  const std::vector<double> rotation = random_rotation(stream), shift = {1.0, -2.0, 0.5};
  for (std::size_t c = 0; c < 20; ++c) {
    move_rigidly(chains.positions.chain(c), rotation, shift);
    move_rigidly(before.positions.chain(c), rotation, shift);
  }
  const engine::ProposalBatch after = leap->sample(chains.view(), key);
  for (std::size_t i = 0; i < after.positions.values().size(); ++i)
    EXPECT_NEAR(before.positions.values()[i], after.positions.values()[i],
                tolerance_scale() * 1e-9);
}

TEST(LeapProposal, KeepsTheFrameOfTheFirstThreeAtoms) {
  const engine::ChainBatch chains = molecule().draw(20, test_seed(95));
  const engine::ProposalBatch drawn =
      leap_of(trained_leap().model)->sample(chains.view(), {test_seed(96), 0});
  const auto& rows = molecule().z_matrix().rows;
  const double tolerance = tolerance_scale() * 1e-12;
  for (std::size_t c = 0; c < 20; ++c) {
    const auto x = chains.positions.chain(c);
    const auto y = drawn.positions.chain(c);
    const auto from_first = [&rows](engine::Span<const double> p, std::size_t row) {
      std::vector<double> d(3);
      for (std::size_t k = 0; k < 3; ++k)
        d[k] = p[3 * rows[row].atom + k] - p[3 * rows[0].atom + k];
      return d;
    };
    const auto dot = [](const std::vector<double>& a, const std::vector<double>& b) {
      return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
    };
    for (std::size_t k = 0; k < 3; ++k)
      EXPECT_NEAR(x[3 * rows[0].atom + k], y[3 * rows[0].atom + k], tolerance);
    const std::vector<double> bond = from_first(x, 1), new_bond = from_first(y, 1);
    const double lengths = std::sqrt(dot(bond, bond) * dot(new_bond, new_bond));
    EXPECT_NEAR(dot(bond, new_bond) / lengths, 1.0, tolerance) << "direction of the first bond";
    // The third atom stays in the plane, on its side of the bond.
    const std::vector<double> third = from_first(x, 2), new_third = from_first(y, 2);
    const std::vector<double> normal = {bond[1] * third[2] - bond[2] * third[1],
                                        bond[2] * third[0] - bond[0] * third[2],
                                        bond[0] * third[1] - bond[1] * third[0]};
    EXPECT_NEAR(dot(normal, new_third), 0.0, tolerance);
    std::vector<double> side = third, new_side = new_third;
    for (std::size_t k = 0; k < 3; ++k) {
      side[k] -= dot(third, bond) / dot(bond, bond) * bond[k];
      new_side[k] -= dot(new_third, bond) / dot(bond, bond) * bond[k];
    }
    EXPECT_GT(dot(side, new_side), 0.0);
  }
}

/// A model that draws one fast coordinate with a width far beyond its chart.
LeapModel with_width(bool torsion, double width) {
  LeapModel model = trained_leap().model;
  const auto& fast = model.split.fast;
  const std::size_t i = static_cast<std::size_t>(
      std::find_if(fast.begin(), fast.end(),
                   [&](const auto& f) { return f.is_torsion == torsion; }) -
      fast.begin());
  for (std::size_t j = 0; j < i; ++j) model.fast.cholesky[i * model.fast.n_fast + j] = 0.0;
  model.fast.cholesky[i * model.fast.n_fast + i] = width;
  return model;
}

TEST(LeapProposal, RejectsDrawsOutsideTheChart) {
  constexpr std::size_t kDraws = 20000;
  const engine::ChainBatch chains = molecule().draw(kDraws, test_seed(97));
  const double bond_nm = 0.15 * (1.0 + 2.0 * 0.0111 * 0.0111 / (0.15 * 0.15));
  struct Case {
    const char* name;
    bool torsion;
    double width, expected;
  };
  const Case cases[] = {
      {"bond", false, 0.15, standard_normal_cdf(-bond_nm / 0.15)},
      {"stiff torsion", true, 2.0, 2.0 * standard_normal_cdf(-engine::kPi / 2.0)},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const auto leap = leap_of(with_width(c.torsion, c.width));
    const engine::ProposalBatch drawn = leap->sample(chains.view(), {test_seed(98), 0});
    std::size_t n_outside = 0;
    for (double value : drawn.log_forward) {
      EXPECT_FALSE(std::isnan(value));
      n_outside += std::isfinite(value) ? 0 : 1;
    }
    // Hoeffding at alpha, plus a hundredth for the mean's dependence on torsions.
    EXPECT_NEAR(static_cast<double>(n_outside) / kDraws, c.expected,
                tolerance_scale() * (dkw_threshold(kDraws, kAlpha) + 0.01));
    EXPECT_GT(n_outside, kDraws / 20);

    engine::ChainBatch moved = chains;
    const engine::TransitionInfo info =
        engine::Metropolis(leap).apply(moved, leap_target(), {test_seed(98), 0});
    for (std::size_t i = 0; i < kDraws; ++i)
      if (!std::isfinite(drawn.log_forward[i])) {
        EXPECT_EQ(info.records[0].outcomes[i], engine::Outcome::kInvalid);
      }
  }
}

TEST(LeapProposal, SingularStatesHaveNoDensity) {
  // Three atoms in a line: the torsion about them means nothing.
  engine::ChainBatch line = molecule().draw(1, test_seed(99)), other = molecule().draw(1, 3);
  const auto& row = molecule().z_matrix().rows[3];
  const auto x = line.positions.chain(0);
  for (std::size_t k = 0; k < 3; ++k)
    x[3 * row.atom + k] = 2.0 * x[3 * row.bond_to + k] - x[3 * row.angle_to + k];
  EXPECT_EQ(leap_density(trained_leap().model, line, other)[0],
            -std::numeric_limits<double>::infinity());
  const engine::ProposalBatch drawn =
      leap_of(trained_leap().model)->sample(line.view(), {test_seed(100), 0});
  EXPECT_EQ(drawn.log_reverse[0], -std::numeric_limits<double>::infinity());
}

TEST(LeapProposal, RefusesAnotherTemperature) {
  engine::ChainBatch chains = molecule().draw(3, test_seed(101));
  chains.states[1].temperature_K = 310.0;
  EXPECT_EQ(
      message_of<engine::ModelError>([&] {
        leap_of(trained_leap().model)->sample({chains.positions.view(), chains.states, 7}, {});
      }),
      "learned_leap: chain 8 is at 310.000000 K, the model is for 300.000000 K");
}

TEST(LeapProposal, NeedsATargetUpToRigidMotion) {
  engine::ChainBatch chains = molecule().draw(2, test_seed(102));
  const engine::Canonical cartesian(molecule().energy(), engine::ReferenceMeasure::kCartesian);
  EXPECT_THROW(engine::Metropolis(leap_of(trained_leap().model)).apply(chains, cartesian, {}),
               engine::InputError);
}

}  // namespace
}  // namespace saltus::tests
