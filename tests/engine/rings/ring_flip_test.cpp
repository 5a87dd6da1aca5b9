// Oracle: numerical Jacobians, maps and their inverses, and what a graph says by itself.
#include "engine/rings/ring_flip.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include "engine/core/error.h"
#include "engine/ensemble/canonical.h"
#include "engine/moves/metropolis.h"
#include "engine/torsions/torsion_geometry.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"
#include "tests/support/invariants.h"
#include "tests/support/ring_molecule.h"

namespace saltus::tests {
namespace {

using namespace engine;
using testing::ElementsAre;

constexpr std::size_t kAtoms = RingMolecule::kAtoms;

std::vector<double> point_of(const ChainBatch& chains, std::size_t c) {
  const auto x = chains.positions.view().chain(c);
  return {x.begin(), x.end()};
}

TEST(RingSystems, AreFoundWithAllThatHangsOnThem) {
  const RingMolecule molecule;
  EXPECT_THAT(molecule.system->atoms, ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_EQ(molecule.system->torsions.size(), 6u);
  EXPECT_THAT(molecule.system->torsions[0], ElementsAre(5, 0, 1, 2));
  EXPECT_THAT(molecule.system->inversions, ElementsAre(0));
  ASSERT_EQ(molecule.system->substituents.size(), 2u);
  EXPECT_EQ(molecule.system->substituents[0].atom, 6u);
  EXPECT_THAT(molecule.system->substituents[0].sides, ElementsAre(1, 5));
  EXPECT_THAT(molecule.system->substituents[0].branch, ElementsAre(8));
  EXPECT_TRUE(molecule.system->substituents[1].branch.empty());
  EXPECT_EQ(molecule.system->n_coordinates(), 18u);
}

TEST(RingSystems, AreJoinedBySharedAtomsAndLeftOutWhenFlat) {
  // Two rings with one atom in common; a third one, aromatic, on a bond.
  TorsionGraph graph;
  graph.atoms.resize(14);
  const auto bond = [&](std::size_t a, std::size_t b, int order, bool in_ring) {
    graph.bonds.emplace_back();
    graph.bonds.back().first = a, graph.bonds.back().second = b;
    graph.bonds.back().order = order, graph.bonds.back().in_ring = in_ring;
  };
  for (const auto& [a, b] :
       {std::pair(0, 1), {1, 2}, {2, 3}, {3, 0}, {3, 4}, {4, 5}, {5, 6}, {6, 3}})
    bond(static_cast<std::size_t>(a), static_cast<std::size_t>(b), 1, true);
  bond(0, 8, 1, false);
  for (std::size_t a = 8; a < 14; ++a) bond(a, a == 13 ? 8 : a + 1, 4, true);
  const auto systems = movable_ring_systems(graph);
  ASSERT_EQ(systems.size(), 1u);
  EXPECT_THAT(systems[0].atoms, ElementsAre(0, 1, 2, 3, 4, 5, 6));
  ASSERT_EQ(systems[0].substituents.size(), 1u);
  EXPECT_THAT(systems[0].substituents[0].branch, ElementsAre(9, 10, 11, 12, 13));
}

TEST(RingCoordinates, AreWhatPositionsAreBuiltFrom) {
  const RingMixture mixture(2.0);
  const ChainBatch chains = mixture.draw(20, 5);
  for (std::size_t c = 0; c < chains.n_chains(); ++c) {
    const auto x = chains.positions.view().chain(c);
    const RingCoordinates& coordinates = mixture.states()[mixture.states().nearest(x)].coordinates;
    std::vector<double> q(coordinates.size()), again(3 * kAtoms, 0.0), q_again(q.size());
    RingPose pose, pose_again;
    const double log_volume = coordinates.measure(x, q, pose);
    EXPECT_NEAR(coordinates.build(q, pose, x, again), log_volume, tolerance_scale() * 1e-10);
    for (std::size_t i = 0; i < again.size(); ++i)
      EXPECT_NEAR(again[i], x[i], tolerance_scale() * 1e-12);
    coordinates.measure(again, q_again, pose_again);
    for (std::size_t k = 0; k < q.size(); ++k)
      EXPECT_NEAR(q_again[k], q[k], tolerance_scale() * 1e-12);
  }
}

TEST(RingCoordinates, AreNotDefinedForAnotherRotationOrBeyondTheirRange) {
  const RingMolecule molecule;
  const RingState state = molecule.states(1.0, 0.0).at(0);
  std::vector<double> x(3 * kAtoms, 0.0), from = point_of(RingMixture(1.0).draw(1, 6), 0);
  RingPose pose;
  pose.rotation = {1, 0, 0, 0, 1, 0, 0, 0, 1};
  const auto volume_at = [&](std::size_t k, double value) {
    std::vector<double> q = state.mean;
    q[k] = value;
    return state.coordinates.build(q, pose, from, x);
  };
  EXPECT_TRUE(std::isfinite(volume_at(0, 0.0)));
  const double undefined = -std::numeric_limits<double>::infinity();
  EXPECT_EQ(volume_at(12, -0.01), undefined);                            // a distance
  EXPECT_EQ(volume_at(13, 1.6 * RingCoordinates::kArc_nm), undefined);   // beyond the pole
  EXPECT_EQ(volume_at(14, -3.2 * RingCoordinates::kArc_nm), undefined);  // beyond half a turn
  // A ring so far from its reference that another rotation fits it better.
  bool refused = false;
  for (std::size_t k = 0; k < 12; ++k)
    for (const double far : {-1.0, 1.0}) refused = refused || volume_at(k, far) == undefined;
  EXPECT_TRUE(refused);
}

TEST(RingFlip, IsABijectionWithTheClaimedJacobian) {
  const RingMixture mixture(1.0);
  const RingStates& states = mixture.states();
  const ChainBatch chains = mixture.draw(40, 7);
  std::set<std::pair<std::size_t, std::size_t>> seen;
  for (std::size_t c = 0; c < chains.n_chains(); ++c) {
    const std::vector<double> point = point_of(chains, c);
    const std::size_t i = states.nearest({point.data(), point.size()});
    for (std::size_t j = 0; j < states.size(); ++j) {
      if (j == i || !seen.insert({i, j}).second) continue;
      const auto map = [&](std::size_t a, std::size_t b) -> CoordinateMap {
        return [&states, a, b](const std::vector<double>& x, double* log_abs_det) {
          std::vector<double> q(states.system().n_coordinates()), to = x;
          RingPose pose;
          *log_abs_det = -states[a].coordinates.measure(x, q, pose);
          *log_abs_det += states.carry(a, b, q);
          *log_abs_det += states[b].coordinates.build(q, pose, x, to);
          return to;
        };
      };
      SCOPED_TRACE(std::to_string(i) + " to " + std::to_string(j));
      BijectionInvariantOptions options;
      options.round_trip_tolerance = tolerance_scale() * 1e-10;
      expect_bijection_invariants(map(i, j), map(j, i), {point}, options);
    }
  }
  EXPECT_EQ(seen.size(), 6u);
}

TEST(RingFlip, ReportsTheJacobianAndTheChoice) {
  const RingMixture mixture(1.0);
  const RingStates& states = mixture.states();
  const ChainBatch chains = mixture.draw(50, 8);
  const RingFlip flip({std::make_shared<const RingStates>(states)});
  const ProposalBatch batch = flip.sample(chains.view(), {9, 0});
  std::size_t n_valid = 0;
  for (std::size_t c = 0; c < chains.n_chains(); ++c) {
    if (!std::isfinite(batch.log_forward[c])) continue;
    ++n_valid;
    const auto x = chains.positions.view().chain(c), to = batch.positions.view().chain(c);
    const std::size_t i = states.nearest(x), j = states.nearest(to);
    ASSERT_NE(i, j);
    std::vector<double> q(states.system().n_coordinates());
    RingPose before, after;
    double log_det = -states[i].coordinates.measure(x, q, before);
    log_det += states.carry(i, j, q);
    log_det += states[j].coordinates.measure(to, q, after);
    EXPECT_NEAR(batch.log_forward[c], states.log_choice(i, j), 1e-12);
    EXPECT_NEAR(batch.log_reverse[c], states.log_choice(j, i) + log_det, 1e-8);
    EXPECT_NEAR(norm(before.centre - after.centre), 0.0, 1e-12);
    for (std::size_t k = 0; k < 9; ++k) EXPECT_NEAR(before.rotation[k], after.rotation[k], 1e-9);
    // The branch keeps its shape.
    EXPECT_NEAR(atom_distance(to.data(), 6, 8), atom_distance(x.data(), 6, 8), 1e-12);
  }
  EXPECT_GT(n_valid, 40u);
}

TEST(RingFlip, ChoosesStatesByTheirShares) {
  const auto states = RingMolecule().known(1.0, 0.0);
  for (std::size_t i = 0; i < 3; ++i) {
    double sum = 0.0, counted[3] = {};
    constexpr int kDraws = 3000;
    for (int u = 0; u < kDraws; ++u) counted[states->choose(i, (u + 0.5) / kDraws)] += 1.0 / kDraws;
    for (std::size_t j = 0; j < 3; ++j) {
      if (j == i) continue;
      sum += std::exp(states->log_choice(i, j));
      EXPECT_NEAR(counted[j], std::exp(states->log_choice(i, j)), 1e-3) << i << " " << j;
    }
    EXPECT_NEAR(sum, 1.0, 1e-12);
    EXPECT_EQ(counted[i], 0.0);
  }
}

TEST(RingFlip, RefusesToGoWhereItWouldNotComeFrom) {
  const RingMolecule molecule;
  // The first state claims to lie where the second one is: nothing mapped there counts as its own.
  auto states = molecule.states(1.0, 0.0);
  states.pop_back();
  const ChainBatch chains = RingMixture(1.0).draw(50, 10);
  std::swap(states[0].torsions, states[1].torsions);
  std::swap(states[0].signs, states[1].signs);
  const RingFlip flip(
      {std::make_shared<const RingStates>(molecule.graph, molecule.system, states)});
  const ProposalBatch batch = flip.sample(chains.view(), {1, 0});
  for (const double log_forward : batch.log_forward)
    EXPECT_EQ(log_forward, -std::numeric_limits<double>::infinity());
}

TEST(RingFlip, KeepsTheInterfacesPromises) {
  const auto mixture = std::make_shared<const RingMixture>(1.5);
  const ChainBatch chains = mixture->draw(24, 11);
  const auto flip = std::make_shared<RingFlip>(
      std::vector<std::shared_ptr<const RingStates>>{RingMolecule().known(1.6, 0.0005)});
  EXPECT_EQ(flip->name(), "ring_flip");
  // Keys that no environment variable changes: by others two chains may choose the same state.
  expect_proposal_invariants(*flip, chains, {1, 0});
  expect_move_invariants(Metropolis(flip), chains, Canonical(mixture, ReferenceMeasure::kCartesian),
                         {test_seed(12), 0});
}

TEST(RingFlip, RefusesWhatItCannotUse) {
  EXPECT_EQ(message_of<InputError>([] { RingFlip flip({}); }),
            "ring_flip: no ring has states that are known");
  const RingMolecule molecule;
  auto states = molecule.states(1.0, 0.0);
  const auto make = [&] {
    return std::make_shared<const RingStates>(molecule.graph, molecule.system, states);
  };
  states.resize(1, states[0]);
  EXPECT_EQ(message_of<InputError>([&] { RingFlip flip({make()}); }),
            "ring_flip: a ring system needs two states at least");
  states[0].covariance[0] = -1.0;
  EXPECT_EQ(message_of<InputError>(make),
            "the covariance of a state of a ring is not positive definite");
  states[0].mean.pop_back();
  EXPECT_EQ(message_of<InputError>(make), "a state of a ring does not fit the ring system");
  EXPECT_EQ(message_of<InputError>([&] {
              std::vector<double> line(18, 0.0);
              for (std::size_t a = 0; a < 6; ++a) line[3 * a] = 0.1 * static_cast<double>(a);
              RingCoordinates coordinates(molecule.system, line, nullptr);
            }),
            "the atoms of a reference geometry of a ring lie on a line");
}

}  // namespace
}  // namespace saltus::tests
