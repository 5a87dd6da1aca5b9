// Oracle: series made by hand, whose number of independent samples is known.
#include "engine/conformers/slow_coordinates.h"

#include <gmock/gmock.h>

#include <cmath>
#include <vector>

#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/core/units.h"
#include "tests/support/errors.h"

namespace saltus::tests {
namespace {

using namespace engine;
using Kind = SlowCoordinate::Kind;

/// A ring of n tetrahedral atoms.
TorsionGraph ring(std::size_t n) {
  TorsionGraph graph;
  for (std::size_t i = 0; i < n; ++i) {
    GraphAtom atom;
    atom.atomic_number = 6;
    atom.shape = AtomShape::kTetrahedral;
    graph.atoms.push_back(atom);
    GraphBond bond;
    bond.first = i;
    bond.second = (i + 1) % n;
    bond.in_ring = true;
    graph.bonds.push_back(bond);
  }
  return graph;
}

TEST(SlowCoordinates, AreTheSingleBondsOfRings) {
  TorsionGraph graph = ring(6);
  auto coordinates = slow_coordinates(graph);
  ASSERT_EQ(coordinates.size(), 6u);
  EXPECT_EQ(coordinates[1].kind, Kind::kRing);
  EXPECT_THAT(coordinates[1].atoms, testing::ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(coordinates[5].atoms,
              testing::AnyOf(testing::ElementsAre(4, 5, 0, 1), testing::ElementsAre(1, 0, 5, 4)));
  graph.bonds[2].order = 2;
  graph.bonds[3].order = 4;
  EXPECT_EQ(slow_coordinates(graph).size(), 4u);
  EXPECT_TRUE(slow_coordinates(ring(3)).empty());
}

TEST(SlowCoordinates, OfFusedRingsLieInTheSmallestOne) {
  TorsionGraph graph = ring(6);
  GraphBond bridge;
  bridge.first = 0;
  bridge.second = 3;
  bridge.in_ring = true;
  graph.bonds.push_back(bridge);  // bicyclo[2.2.0]hexane: two rings of four
  for (const auto& coordinate : slow_coordinates(graph)) {
    const bool closed = std::any_of(graph.bonds.begin(), graph.bonds.end(), [&](const auto& bond) {
      return std::minmax(bond.first, bond.second) ==
             std::minmax(coordinate.atoms[0], coordinate.atoms[3]);
    });
    EXPECT_TRUE(closed);
  }
}

TEST(SlowCoordinates, HaveTheirValues) {
  TorsionGraph graph = ring(4);
  graph.inversions = {{0, {1, 2, 3}}};
  const auto coordinates = slow_coordinates(graph);
  CoordinateBatch x(1, 4);
  x.values() = {0, 0, 0, 0.1, 0, 0, 0, 0.1, 0, 0, 0, 0.1};
  const auto values = values_of_frames(graph, coordinates, x.view());
  ASSERT_EQ(values.size(), 5u);
  EXPECT_EQ(coordinates[4].kind, Kind::kInversion);
  EXPECT_NEAR(values[4], kPi / 2, 1e-12);
  x.values()[5] = 0.0;
  x.values()[11] = -0.1;
  EXPECT_NEAR(values_of_frames(graph, coordinates, x.view())[4], -kPi / 2, 1e-12);
}

/// Two ladders of two replicas, which take turns at the lowest level after each frame.
struct Turns {
  std::vector<double> values;
  FrameOrigins origins;
  void add(std::size_t n_frames, const std::function<double(std::size_t, std::size_t)>& value) {
    for (std::size_t f = 0; f < n_frames; ++f)
      for (std::size_t l = 0; l < 2; ++l) {
        const std::size_t replica = f % 2;
        origins.ladders.push_back(l);
        origins.replicas.push_back(replica);
        values.push_back(value(2 * l + replica, f));
      }
  }
  CoordinateSampling sampling(Kind kind = Kind::kRing) const {
    return sampling_of({{kind, {0, 1, 2, 3}, 1}}, values, origins)[0];
  }
};

double near(double degrees, RandomStream& random) {
  return (degrees + 8.0 * random.normal()) * kRadianPerDegree;
}

TEST(RingHandedness, MayDifferAtAminesOfTwoRingsAlone) {
  TorsionGraph graph;
  graph.atoms.resize(4);
  for (GraphAtom& atom : graph.atoms) atom.atomic_number = 6;
  for (std::size_t other = 1; other < 4; ++other) {
    graph.bonds.emplace_back();
    graph.bonds.back().first = 0;
    graph.bonds.back().second = other;
    graph.bonds.back().in_ring = true;
  }
  graph.atoms[0].shape = AtomShape::kTetrahedral;
  graph.atoms[0].degree = 4;
  const std::vector<double> one = {0, 0, 0, 1, 0, 0.3, -0.5, 0.8, 0.3, -0.5, -0.8, 0.3};
  const std::vector<double> mirrored = {0, 0, 0, 1, 0, -0.3, -0.5, 0.8, -0.3, -0.5, -0.8, -0.3};
  EXPECT_EQ(ring_handedness(graph, one)[0], -ring_handedness(graph, mirrored)[0]);
  EXPECT_TRUE(is_pucker_of(graph, one, one));
  EXPECT_FALSE(is_pucker_of(graph, mirrored, one));
  graph.atoms[0].atomic_number = 7;
  EXPECT_FALSE(is_pucker_of(graph, mirrored, one));
  graph.atoms[0].degree = 3;
  EXPECT_TRUE(is_pucker_of(graph, mirrored, one));
  graph.atoms[0].handedness = 1;
  EXPECT_FALSE(is_pucker_of(graph, mirrored, one));
}

TEST(SlowCoordinates, AreNotChangedByReplicasThatTakeTurns) {
  RandomStream random({5, 0}, StreamName::kTest, 0);
  Turns turns;
  turns.add(1000, [&](std::size_t replica, std::size_t) {
    return near(replica % 2 == 0 ? 55.0 : -55.0, random);
  });
  const CoordinateSampling sampling = turns.sampling();
  EXPECT_EQ(sampling.n_changes, 0u);
  EXPECT_EQ(sampling.n_states, 2u);
  EXPECT_EQ(sampling.n_effective, 0.0);
}

TEST(SlowCoordinates, AreFastWhereEachFrameIsDrawnAnew) {
  RandomStream random({5, 0}, StreamName::kTest, 0);
  Turns turns;
  turns.add(1000, [&](std::size_t, std::size_t) {
    return near(random.uniform() < 0.3 ? 55.0 : -55.0, random);
  });
  // 2000 independent draws; the estimate scatters by its own noise.
  EXPECT_GT(turns.sampling().n_effective, 1200.0);
  EXPECT_LE(turns.sampling().n_effective, 3000.0);
}

TEST(SlowCoordinates, CountHowOftenReplicasChange) {
  RandomStream random({5, 0}, StreamName::kTest, 0);
  Turns turns;
  // Each of four replicas changes every hundred frames: 9 times in 1000, after frames of its own.
  turns.add(1000, [&](std::size_t replica, std::size_t f) {
    return near((f / 100 + replica) % 2 == 0 ? 55.0 : -55.0, random);
  });
  const CoordinateSampling sampling = turns.sampling();
  EXPECT_EQ(sampling.n_changes, 36u);
  // A process of two equal states that changes K times is worth about K samples.
  EXPECT_LT(sampling.n_effective, 60.0);
}

TEST(SlowCoordinates, ThatAreFixedDoNotCount) {
  RandomStream random({5, 0}, StreamName::kTest, 0);
  Turns ring_bond, nitrogen;
  ring_bond.add(1000, [&](std::size_t, std::size_t) { return near(35.0, random); });
  EXPECT_GT(ring_bond.sampling().n_effective, 1000.0);
  EXPECT_EQ(ring_bond.sampling().n_states, 1u);
  nitrogen.add(1000, [&](std::size_t, std::size_t) { return kPi / 2; });
  EXPECT_EQ(nitrogen.sampling(Kind::kInversion).n_effective, 2000.0);
}

TEST(SlowCoordinates, OfRareStatesDoNotSpoilTheRest) {
  RandomStream random({5, 0}, StreamName::kTest, 0);
  Turns turns;
  turns.add(1000, [&](std::size_t replica, std::size_t f) {
    return near(replica == 0 && f < 6 ? -35.0 : 55.0, random);
  });
  EXPECT_GT(turns.sampling().n_effective, 500.0);
}

TEST(ChangeWatch, FollowsConfigurationsThroughExchanges) {
  constexpr double kUp = 55.0 * kRadianPerDegree, kFlat = 5.0 * kRadianPerDegree;
  ChangeWatch watch({{Kind::kRing, {0, 1, 2, 3}, 1}}, 2);
  watch.look({kUp, -kUp}, false);
  watch.exchange(0, 1);
  watch.look({-kUp, kUp}, true);
  EXPECT_EQ(watch.changes()[0], 0u);
  EXPECT_EQ(watch.n_states()[0], 2u);
  watch.look({kFlat, kUp}, true);  // on the border
  watch.look({-kUp, kUp}, true);
  EXPECT_EQ(watch.changes()[0], 0u);
  watch.look({kUp, -kUp}, true);
  watch.look({-kUp, -kUp}, false);
  EXPECT_EQ(watch.changes()[0], 2u);
}

TEST(SlowCoordinates, RefuseSizesThatDoNotFit) {
  EXPECT_EQ(message_of<InternalError>([] {
              sampling_of({{Kind::kRing, {0, 1, 2, 3}, 1}}, {0.0}, {{0, 0}, {0, 0}});
            }),
            "sampling_of: sizes of values, ladders and replicas");
}

}  // namespace
}  // namespace saltus::tests
