// Oracle: what every proposal and move has to keep (tests/support/invariants.h); bodies outside of
// a block keep their bits; draws beyond half a box edge are rejected; exact messages.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "engine/core/error.h"
#include "engine/dynamics/integrator.h"
#include "engine/moves/metropolis.h"
#include "engine/moves/multiple_try.h"
#include "engine/rigid/rigid_block.h"
#include "engine/rigid/rigid_draw.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"
#include "tests/support/invariants.h"
#include "tests/support/rigid_dipoles.h"

namespace saltus::tests {
namespace {

using namespace engine;

constexpr std::size_t kChains = 60;

class RigidCrystalMoves : public testing::Test {
 protected:
  std::shared_ptr<const HarmonicCrystal> crystal(const std::optional<Box>& box) const {
    return std::make_shared<HarmonicCrystal>(dipoles_.bodies(), dipoles_.crystal(box));
  }
  std::shared_ptr<const RigidBlock> block(std::size_t n_bodies) const {
    return std::make_shared<const RigidBlock>(RigidBlockOptions{n_bodies, 1.1}, crystal(kBox));
  }
  std::shared_ptr<const RigidDraw> draw() const {
    return std::make_shared<const RigidDraw>(crystal(kBox));
  }
  ChainBatch chains(const Box& box) const {
    ChainBatch result = dipoles_.draw(kChains, test_seed(100));
    result.positions.set_boxes(std::vector<Box>(kChains, box));
    result.states[1] = {150.0};
    return result;
  }
  bool same_atoms(std::size_t body, Span<const double> a, Span<const double> b) const {
    return std::all_of(dipoles_.bodies()->atoms(body).begin(), dipoles_.bodies()->atoms(body).end(),
                       [&](std::size_t atom) {
                         return std::equal(a.begin() + 3 * atom, a.begin() + 3 * atom + 3,
                                           b.begin() + 3 * atom);
                       });
  }

  const Box kBox{{3.0, 4.0, 5.0}};
  RigidDipoles dipoles_;
};

TEST_F(RigidCrystalMoves, KeepTheInvariantsOfProposalsAndMoves) {
  const ChainBatch start = chains(kBox);
  expect_proposal_invariants(*draw(), start, {101, 2});
  expect_move_invariants(Metropolis(draw()), start, dipoles_.target(), {101, 3});
  expect_move_invariants(MultipleTry(draw(), 3), start, dipoles_.target(), {101, 4});
  for (const std::size_t n_bodies : {1u, 2u, 3u}) {
    expect_proposal_invariants(*block(n_bodies), start, {102, n_bodies});
    expect_move_invariants(Metropolis(block(n_bodies)), start, dipoles_.target(), {103, n_bodies});
    expect_move_invariants(MultipleTry(block(n_bodies), 3), start, dipoles_.target(),
                           {104, n_bodies});
  }
}

TEST_F(RigidCrystalMoves, BlocksAreTheNearestSitesAndOthersKeepTheirBits) {
  const auto move = block(2);
  const auto sites = dipoles_.crystal(kBox).sites;
  const ChainBatch start = chains(kBox);
  const ProposalBatch proposed = move->sample(start.view(), {105, 1});
  for (std::size_t body = 0; body < sites.size(); ++body) {
    ASSERT_EQ(move->block(body).size(), 2u);
    EXPECT_EQ(move->block(body)[0], body);
    const auto distance = [&](std::size_t other) {
      return norm(kBox.nearest_image(sites[other].position - sites[body].position));
    };
    for (std::size_t other = 0; other < sites.size(); ++other)
      if (other != body) {
        EXPECT_LE(distance(move->block(body)[1]), distance(other));
      }
  }
  std::vector<std::size_t> times(sites.size());
  for (std::size_t c = 0; c < kChains; ++c) {
    std::vector<std::size_t> moved;
    for (std::size_t body = 0; body < sites.size(); ++body) {
      if (same_atoms(body, start.positions.chain(c), proposed.positions.chain(c))) {
        EXPECT_TRUE(same_atoms(body, start.velocities.chain(c), proposed.velocities.chain(c)));
        continue;
      }
      moved.push_back(body);
      ++times[body];
      EXPECT_NO_THROW(dipoles_.bodies()->pose(body, proposed.positions.view(), c));
    }
    ASSERT_EQ(moved.size(), 2u);
    const auto is_block = [&](std::size_t body) {
      std::vector<std::size_t> members = move->block(body);
      std::sort(members.begin(), members.end());
      return members == moved;
    };
    EXPECT_TRUE(is_block(moved[0]) || is_block(moved[1]));
  }
  for (const std::size_t n : times) EXPECT_GT(n, 0u) << "body 0 is no exception";
}

// A conditional density is the joint one but for a factor of what is given: mean, frame, covariance
// and area of a block are right if and only if both have the same ratio.
TEST_F(RigidCrystalMoves, BlocksHaveTheConditionalDensityOfTheCrystal) {
  const auto harmonic = crystal(kBox);
  const ChainBatch start = chains(kBox);
  const auto joint = [&](const CoordinateBatch& x, std::size_t c) {
    const std::vector<double> at =
        harmonic->coordinates().of(dipoles_.bodies()->poses(x.view(), c), 0);
    return harmonic->log_density(at, start.states[c].beta());
  };
  for (const std::size_t n_bodies : {1u, 2u, 3u}) {
    const RigidBlock move({n_bodies, 1.0}, harmonic);
    const ProposalBatch proposed = move.sample(start.view(), {110, n_bodies});
    double largest = 0.0;
    for (std::size_t c = 0; c < kChains; ++c) {
      ASSERT_TRUE(std::isfinite(proposed.log_forward[c]));
      const double expected = joint(proposed.positions, c) - joint(start.positions, c);
      EXPECT_NEAR(proposed.log_forward[c] - proposed.log_reverse[c], expected,
                  1e-8 * (1.0 + std::abs(expected)))
          << n_bodies << " bodies, chain " << c;
      largest = std::max(largest, std::abs(expected));
    }
    EXPECT_GT(largest, 1.0) << "no draw says anything";
  }
}

TEST_F(RigidCrystalMoves, DrawsKeepBodyZeroWhereItIs) {
  const ChainBatch start = chains(kBox);
  const ProposalBatch proposed = draw()->sample(start.view(), {106, 1});
  for (std::size_t c = 0; c < kChains; ++c) {
    const RigidPose before = dipoles_.bodies()->pose(0, start.positions.view(), c);
    const RigidPose after = dipoles_.bodies()->pose(0, proposed.positions.view(), c);
    EXPECT_LT(norm(after.position - before.position), 1e-12);
    for (std::size_t body = 0; body < dipoles_.bodies()->size(); ++body)
      EXPECT_FALSE(same_atoms(body, start.positions.chain(c), proposed.positions.chain(c)));
  }
}

TEST_F(RigidCrystalMoves, LeaveVelocitiesOnTheConstraints) {
  const Metropolis whole(draw()), part(block(2));
  for (const Move* move : {static_cast<const Move*>(&whole), static_cast<const Move*>(&part)}) {
    ChainBatch moved = chains(kBox);
    dipoles_.target().refresh(moved);
    for (std::size_t step = 0; step < 20; ++step)
      move->apply(moved, dipoles_.target(), {107, step});
    CoordinateBatch projected = moved.velocities;
    Integrator("test", moving_particles(dipoles_.system()))
        .project_velocities(moved.positions, projected);
    for (std::size_t i = 0; i < projected.values().size(); ++i)
      EXPECT_NEAR(projected.values()[i], moved.velocities.values()[i], 1e-8) << move->name();
  }
}

TEST_F(RigidCrystalMoves, DrawsBeyondHalfABoxEdgeAreImpossible) {
  // Draws have widths of some 0.06 nm: in such a box a good part is too far away.
  const Box small({0.2, 0.2, 0.2});
  const auto harmonic = crystal(small);
  const ChainBatch start = chains(small);
  const RigidDraw whole(harmonic);
  const RigidBlock part({2, 1.0}, harmonic);
  for (const Proposal* proposal :
       {static_cast<const Proposal*>(&whole), static_cast<const Proposal*>(&part)}) {
    const ProposalBatch proposed = proposal->sample(start.view(), {108, 1});
    const auto possible = std::count_if(proposed.log_forward.begin(), proposed.log_forward.end(),
                                        [](double value) { return std::isfinite(value); });
    EXPECT_GT(possible, 0) << proposal->name();
    EXPECT_LT(possible, static_cast<std::ptrdiff_t>(kChains) - 5) << proposal->name();
    ChainBatch moved = start;
    dipoles_.target().refresh(moved);
    const auto record =
        Metropolis(std::shared_ptr<const Proposal>(proposal, [](const Proposal*) {}))
            .apply(moved, dipoles_.target(), {108, 1})
            .records.at(0);
    EXPECT_EQ(std::count(record.outcomes.begin(), record.outcomes.end(), Outcome::kInvalid),
              static_cast<std::ptrdiff_t>(kChains) - possible);
  }
}

TEST_F(RigidCrystalMoves, DensityIsThatOfDrawsWhichKeepBodyZero) {
  const ChainBatch start = chains(kBox);
  const auto proposal = draw();
  ProposalBatch proposed = proposal->sample(start.view(), {109, 1});
  for (std::size_t i = 0; i < proposed.positions.chain(3).size(); i += 3)
    proposed.positions.chain(3)[i] += 0.01;
  std::vector<double> density(kChains);
  proposal->log_density(proposed.positions.view(), start.view(), density);
  EXPECT_EQ(density[3], -std::numeric_limits<double>::infinity());
  EXPECT_NEAR(density[4], proposed.log_forward[4], 1e-9);
}

TEST_F(RigidCrystalMoves, SayWhatTheyNeedAndRefuse) {
  MoveRequirements expected;
  expected.rigid_molecules = true;
  EXPECT_TRUE(draw()->requirements() == expected);
  EXPECT_TRUE(block(1)->requirements() == expected);
  EXPECT_TRUE(draw()->tries_are_interchangeable());
  EXPECT_FALSE(block(1)->tries_are_interchangeable());
  for (const std::size_t n : {0u, 4u})
    EXPECT_EQ(message_of<InputError>([&] { block(n); }),
              "rigid_block: a block of " + std::to_string(n) +
                  " of 4 bodies, expected at least 1 and at least one body left where it is; "
                  "rigid_draw moves all of them");
  EXPECT_EQ(message_of<InputError>([&] {
              RigidBlock({1, 0.0}, crystal(kBox));
            }),
            "rigid_block: width must be positive and finite");
  ChainBatch other = chains(kBox);
  other.positions.set_boxes(std::vector<Box>(kChains, Box({3.0, 4.0, 5.1})));
  const std::string stretched =
      "the box of chain 0 is not that of the harmonic crystal; boxes must stay as they are: leave "
      "the pressure out, or make the crystal in this box";
  EXPECT_EQ(message_of<InputError>([&] { draw()->sample(other.view(), {}); }),
            "rigid_draw: " + stretched);
  EXPECT_EQ(message_of<InputError>([&] { block(2)->sample(other.view(), {}); }),
            "rigid_block: " + stretched);
  EXPECT_EQ(message_of<InputError>([&] { RigidDraw(crystal({})).sample(other.view(), {}); }),
            "rigid_draw: the box of chain 0 is not that of the harmonic crystal: one of them has "
            "none");
}

}  // namespace
}  // namespace saltus::tests
