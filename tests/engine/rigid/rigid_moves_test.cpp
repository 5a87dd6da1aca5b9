// Oracle: what every proposal and move has to keep (tests/support/invariants.h); bodies that did
// not move keep their bits; exact messages; Haar's distribution of the rotation angle, (a - sin a)
// / pi with mean pi/2 + 2/pi, for a walk without energy.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "engine/dynamics/integrator.h"
#include "engine/moves/metropolis.h"
#include "engine/moves/multiple_try.h"
#include "engine/rigid/rigid_hamiltonian.h"
#include "engine/rigid/rigid_walk.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"
#include "tests/support/exact_start.h"
#include "tests/support/invariants.h"
#include "tests/support/rigid_dipoles.h"

namespace saltus::tests {
namespace {

using namespace engine;

constexpr std::size_t kChains = 60;

std::shared_ptr<const RigidWalk> walk_of(const RigidDipoles& dipoles) {
  return std::make_shared<const RigidWalk>(RigidWalkOptions{0.03, 0.5, 1.0}, dipoles.bodies());
}

HamiltonianOptions trajectories() {
  HamiltonianOptions options;
  options.time_step_ps = 0.02;
  options.n_steps = 6;
  return options;
}

/// Chains in boxes, which nothing here may lose.
ChainBatch chains_in_boxes(const RigidDipoles& dipoles) {
  ChainBatch chains = dipoles.draw(kChains, test_seed(30));
  std::vector<Box> boxes;
  for (std::size_t c = 0; c < kChains; ++c)
    boxes.emplace_back(std::array<double, 3>{3.0, 4.0, 5.0 + static_cast<double>(c)});
  chains.positions.set_boxes(boxes);
  return chains;
}

/// What is left to take from velocities on the constraints, nm/ps.
double off_constraints(const RigidDipoles& dipoles, const ChainBatch& chains) {
  CoordinateBatch projected = chains.velocities;
  Integrator("test", moving_particles(dipoles.system()))
      .project_velocities(chains.positions, projected);
  double largest = 0.0;
  for (std::size_t i = 0; i < projected.values().size(); ++i)
    largest = std::max(largest, std::abs(projected.values()[i] - chains.velocities.values()[i]));
  return largest;
}

TEST(RigidWalk, KeepsTheInvariantsOfProposalsAndMoves) {
  const RigidDipoles dipoles;
  const ChainBatch chains = chains_in_boxes(dipoles);
  expect_proposal_invariants(*walk_of(dipoles), chains, {31, 2});
  expect_move_invariants(Metropolis(walk_of(dipoles)), chains, dipoles.target(), {31, 3});
  expect_move_invariants(MultipleTry(walk_of(dipoles), 3), chains, dipoles.target(), {31, 4});
}

TEST(RigidHmc, KeepsTheInvariantsOfMoves) {
  const RigidDipoles dipoles;
  expect_move_invariants(RigidHamiltonianMonteCarlo(trajectories(), dipoles.bodies()),
                         chains_in_boxes(dipoles), dipoles.target(), {32, 3});
}

TEST(RigidWalk, MovesOneBodyAndTurnsItsVelocities) {
  const RigidDipoles dipoles;
  const RigidBodies& bodies = *dipoles.bodies();
  const ChainBatch chains = dipoles.draw(kChains, test_seed(33));
  const ProposalBatch proposed = walk_of(dipoles)->sample(chains.view(), {34, 1});
  std::vector<std::size_t> chosen(bodies.size(), 0);
  for (std::size_t c = 0; c < kChains; ++c) {
    std::size_t moved = 0;
    for (std::size_t body = 0; body < bodies.size(); ++body) {
      bool same = true;
      for (const std::size_t atom : bodies.atoms(body))
        for (std::size_t i = 3 * atom; i < 3 * atom + 3; ++i)
          same = same && chains.positions.chain(c)[i] == proposed.positions.chain(c)[i] &&
                 chains.velocities.chain(c)[i] == proposed.velocities.chain(c)[i];
      if (same) continue;
      ++moved;
      ++chosen[body];
      EXPECT_NO_THROW(bodies.pose(body, proposed.positions.view(), c));
    }
    EXPECT_EQ(moved, 1u);
  }
  for (const std::size_t times : chosen) EXPECT_GT(times, 0u);
  ChainBatch after = chains;
  after.positions = proposed.positions;
  // As they are, the old velocities would stretch the molecules.
  EXPECT_GT(off_constraints(dipoles, after), 0.1);
  after.velocities = proposed.velocities;
  EXPECT_LT(off_constraints(dipoles, after), 1e-9);
}

TEST(RigidMoves, LeaveVelocitiesOnTheConstraints) {
  const RigidDipoles dipoles;
  const RigidHamiltonianMonteCarlo hmc(trajectories(), dipoles.bodies());
  const Metropolis walk(walk_of(dipoles));
  const MultipleTry tries(walk_of(dipoles), 4);
  for (const Move* move : {static_cast<const Move*>(&hmc), static_cast<const Move*>(&walk),
                           static_cast<const Move*>(&tries)}) {
    ChainBatch chains = dipoles.draw(kChains, test_seed(35));
    apply_repeatedly(*move, chains, dipoles.target(), 20, test_seed(36));
    EXPECT_LT(off_constraints(dipoles, chains), 1e-8) << move->name();
  }
}

TEST(RigidMoves, SayWhatTheyNeed) {
  const RigidDipoles dipoles;
  MoveRequirements expected;
  expected.rigid_molecules = true;
  EXPECT_TRUE(Metropolis(walk_of(dipoles)).requirements() == expected);
  EXPECT_TRUE(RigidHamiltonianMonteCarlo(trajectories(), dipoles.bodies()).requirements() ==
              expected);
  EXPECT_FALSE(expected == MoveRequirements{});
  EXPECT_TRUE((expected | MoveRequirements{}).rigid_molecules);
}

TEST(RigidMoves, RefuseOtherMeasuresAndOptions) {
  const RigidDipoles dipoles;
  ChainBatch chains = dipoles.draw(2, test_seed(37));
  const Canonical cartesian(dipoles.target().shared_energy(), ReferenceMeasure::kCartesian);
  const RigidHamiltonianMonteCarlo hmc(trajectories(), dipoles.bodies());
  EXPECT_EQ(message_of<InputError>([&] { hmc.apply(chains, cartesian, {}); }),
            "rigid_hmc is a density with respect to 'constraint surface', the target one with "
            "respect to 'Cartesian'");
  EXPECT_EQ(
      message_of<InputError>([&] { Metropolis(walk_of(dipoles)).apply(chains, cartesian, {}); }),
      "proposal rigid_walk is a density with respect to 'constraint surface', the target one "
      "with respect to 'Cartesian'");
  HamiltonianOptions options = trajectories();
  options.friction_per_ps = 1.0;
  EXPECT_EQ(message_of<InputError>([&] { RigidHamiltonianMonteCarlo(options, dipoles.bodies()); }),
            "rigid_hmc: friction must be 0: momenta are drawn afresh; ghmc keeps them");
  options = trajectories();
  options.n_steps = 0;
  EXPECT_EQ(message_of<InputError>([&] { RigidHamiltonianMonteCarlo(options, dipoles.bodies()); }),
            "rigid_hmc: steps must be at least 1");
  EXPECT_EQ(message_of<InputError>([&] {
              RigidWalk({0.1, -1.0, 1.0}, dipoles.bodies());
            }),
            "rigid_walk: rotation must be positive and finite");
}

TEST(RigidMoves, RefuseChainsThatAreOffTheirConstraints) {
  const RigidDipoles dipoles;
  ChainBatch chains = dipoles.draw(3, test_seed(38));
  for (std::size_t atom : {1u, 4u, 8u}) chains.positions.chain(2)[3 * atom] += 1e-3;
  const auto starts_right = [](const std::string& message) {
    return message.rfind("rigid bodies: in chain 2 an atom of the body that begins with atom 0 is ",
                         0) == 0;
  };
  const RigidHamiltonianMonteCarlo hmc(trajectories(), dipoles.bodies());
  EXPECT_TRUE(starts_right(message_of<NumericalError>([&] {
    hmc.apply(chains, dipoles.target(), {1, 1});
  })));
}

/// 0 where the first atom is at x < 0, and nothing beyond.
class Wall final : public EnergyFunction {
 public:
  explicit Wall(std::size_t n_atoms) : n_atoms_(n_atoms) {}
  std::size_t n_atoms() const override { return n_atoms_; }
  void evaluate(ConstCoordinates x, Span<double> energies, Span<double> forces) const override {
    for (std::size_t c = 0; c < x.n_chains; ++c)
      energies[c] = x.chain(c)[0] < 0.0 ? 0.0 : std::numeric_limits<double>::infinity();
    for (double& force : forces) force = 0.0;
  }

 private:
  std::size_t n_atoms_;
};

TEST(RigidHmc, RejectsTrajectoriesIntoInfiniteEnergies) {
  const RigidDipoles dipoles;
  const Canonical target(std::make_shared<Wall>(dipoles.system().n_atoms()),
                         ReferenceMeasure::kConstraintSurface);
  ChainBatch chains = dipoles.draw(200, test_seed(39));
  // Bodies of some 20 dalton fly 0.04 nm in these trajectories.
  constexpr double kFromTheWall_nm = 0.01;
  for (std::size_t c = 0; c < chains.n_chains(); ++c) {
    const auto x = chains.positions.chain(c);
    const double shift = x[0] + kFromTheWall_nm;
    for (std::size_t i = 0; i < x.size(); i += 3) x[i] -= shift;
  }
  target.refresh(chains);
  const auto outcomes = RigidHamiltonianMonteCarlo(trajectories(), dipoles.bodies())
                            .apply(chains, target, {40, 1})
                            .records.at(0)
                            .outcomes;
  const auto invalid = std::count(outcomes.begin(), outcomes.end(), Outcome::kInvalid);
  EXPECT_GT(invalid, 0);
  EXPECT_EQ(std::count(outcomes.begin(), outcomes.end(), Outcome::kAccepted), 200 - invalid);
  for (std::size_t c = 0; c < chains.n_chains(); ++c) EXPECT_LT(chains.positions.chain(c)[0], 0.0);
}

TEST(RigidWalk, FreeBodiesTurnEverywhereAlike) {
  System system;
  std::vector<double> positions;
  add_rigid_molecule(system, positions, {16.0, 2.0, 3.0},
                     {{0.0, 0.0, 0.0}, {0.1, 0.01, 0.0}, {-0.03, 0.09, 0.02}});
  const auto bodies = std::make_shared<const RigidBodies>(system, positions, nullptr);
  constexpr std::size_t kFree = 20000, kSteps = 30;
  ChainBatch chains(kFree, 3, {300.0});
  for (std::size_t c = 0; c < kFree; ++c) {
    bodies->place(0, {}, chains.positions.chain(c));
    for (std::size_t i = 0; i < 9; i += 3) chains.positions.chain(c)[i] -= 1e3;  // inside the wall
  }
  const Canonical target(std::make_shared<Wall>(3), measure_of(system));
  target.refresh(chains);
  apply_repeatedly(
      Metropolis(std::make_shared<RigidWalk>(RigidWalkOptions{0.01, 1.0, 1.0}, bodies)), chains,
      target, kSteps, test_seed(41));
  // Each step keeps exp(-1/2) (1 - ...) of a memory: after 30 nothing is left.
  std::vector<double> angles;
  double mean = 0.0;
  for (std::size_t c = 0; c < kFree; ++c) {
    angles.push_back(
        norm(rotation_vector(bodies->pose(0, chains.positions.view(), c).orientation)));
    mean += angles.back() / static_cast<double>(kFree);
  }
  expect_distribution(
      "rotation angle", angles, [](double a) { return (a - std::sin(a)) / kPi; }, 0.04);
  // Hoeffding's bound for angles in [0, pi], kAlpha.
  EXPECT_NEAR(mean, 0.5 * kPi + 2.0 / kPi,
              tolerance_scale() * kPi * std::sqrt(std::log(2.0 / kAlpha) / (2.0 * kFree)));
}

}  // namespace
}  // namespace saltus::tests
