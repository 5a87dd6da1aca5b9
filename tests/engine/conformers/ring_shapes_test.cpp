// Oracle: a chair written down by hand, its lengths, handedness and torsions.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/conformers/ring_conformers.h"
#include "engine/conformers/ring_moves.h"
#include "engine/conformers/ring_systems.h"
#include "engine/conformers/ring_transplant.h"
#include "engine/core/error.h"
#include "engine/core/units.h"
#include "engine/core/vec3.h"
#include "engine/rings/ring_system.h"

namespace saltus::tests {
namespace {

using namespace engine;

constexpr std::size_t kRing = 6;

/// Six ring atoms 0..5; two more on each, 6 + 2i above and 7 + 2i below; atom 18 on atom 6.
TorsionGraph ring_graph() {
  constexpr std::uint8_t kSixRing = 1u << 3;
  TorsionGraph graph;
  graph.atoms.resize(3 * kRing + 1);
  for (std::size_t i = 0; i < graph.atoms.size(); ++i) {
    GraphAtom& atom = graph.atoms[i];
    atom.atomic_number = i < kRing || i == 6 || i == 18 ? 6 : 1;
    atom.degree = i < kRing ? 4 : 1;
    atom.shape = i < kRing ? AtomShape::kTetrahedral : AtomShape::kOther;
    atom.ring_sizes = i < kRing ? kSixRing : 0;
  }
  for (std::size_t i = 0; i < kRing; ++i) {
    graph.bonds.push_back({i, (i + 1) % kRing, 1, false, true});
    graph.bonds.push_back({i, kRing + 2 * i});
    graph.bonds.push_back({i, kRing + 2 * i + 1});
  }
  graph.bonds.push_back({6, 18});
  return graph;
}

const std::vector<std::size_t> kSystem = {0, 1, 2, 3, 4, 5};

/// nm; the atoms with even numbers stand high when `up` is 1, low when it is -1.
std::vector<double> chair(double up) {
  constexpr double kRadius = 0.145, kHeight = 0.025, kBond = 0.11;
  std::vector<double> x(3 * (3 * kRing + 1));
  const auto set = [&](std::size_t atom, double r, double angle, double z) {
    x[3 * atom] = r * std::cos(angle), x[3 * atom + 1] = r * std::sin(angle), x[3 * atom + 2] = z;
  };
  for (std::size_t i = 0; i < kRing; ++i) {
    const double angle = kTwoPi * static_cast<double>(i) / kRing, side = i % 2 == 0 ? up : -up;
    const bool high = side > 0.0;
    set(i, kRadius, angle, side * kHeight);
    const std::size_t axial = kRing + 2 * i + (high ? 0 : 1);
    const std::size_t equatorial = kRing + 2 * i + (high ? 1 : 0);
    set(axial, kRadius, angle, side * (kHeight + kBond));
    set(equatorial, kRadius + 0.94 * kBond, angle, side * (kHeight - 0.33 * kBond));
  }
  set(18, kRadius + 0.2, 0.3, 0.2 * up);
  return x;
}

std::vector<double> bond_lengths(const TorsionGraph& graph, const std::vector<double>& x) {
  std::vector<double> lengths;
  for (const GraphBond& bond : graph.bonds)
    lengths.push_back(atom_distance(x.data(), bond.first, bond.second));
  return lengths;
}

std::vector<bool> handedness(const std::vector<double>& x) {
  std::vector<bool> signs;
  const auto at = [&](std::size_t i) { return load_atom(x.data(), i); };
  for (std::size_t i = 0; i < kRing; ++i) {
    const Vec3 a = at((i + 1) % kRing) - at(i), b = at(kRing + 2 * i) - at(i);
    signs.push_back(dot(a, cross(b, at(kRing + 2 * i + 1) - at(i))) > 0.0);
  }
  return signs;
}

std::vector<double> ring_torsions(const std::vector<double>& x) {
  std::vector<double> result;
  for (std::size_t i = 0; i < kRing; ++i)
    result.push_back(quartet_angle(x, {i, (i + 1) % kRing, (i + 2) % kRing, (i + 3) % kRing}));
  return result;
}

void expect_near(const std::vector<double>& a, const std::vector<double>& b, double tolerance) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], tolerance) << i;
}

TEST(RingSystems, AreThoseThatCanChangeShape) {
  TorsionGraph graph = ring_graph();
  ASSERT_EQ(flexible_ring_systems(graph).size(), 1u);
  EXPECT_EQ(flexible_ring_systems(graph)[0], kSystem);
  EXPECT_EQ(ring_freedom(graph, kSystem), 3u);
  for (std::size_t i = 2; i < kRing; ++i) graph.atoms[i].shape = AtomShape::kPlanar;
  EXPECT_EQ(ring_freedom(graph, kSystem), 1u);  // three soft bonds
  EXPECT_TRUE(flexible_ring_systems(graph).empty());
  constexpr std::uint8_t kThreeRing = 1;
  graph = ring_graph();
  for (std::size_t i = 0; i < kRing; ++i) graph.atoms[i].ring_sizes = kThreeRing;
  EXPECT_TRUE(flexible_ring_systems(graph).empty());
}

TEST(RingMoves, HaveAHingeForEachPairOfAtomsThatAreNotBonded) {
  EXPECT_EQ(RingMoves(ring_graph(), kSystem).n_hinges(), 9u);
}

TEST(RingMoves, FlapAChairIntoABoatAndBack) {
  const RingMoves moves(ring_graph(), kSystem);
  const std::vector<double> before = chair(1.0), angles = ring_torsions(before);
  std::size_t n_boats = 0;
  for (std::size_t hinge = 0; hinge < moves.n_hinges(); ++hinge) {
    std::vector<double> x = before;
    moves.flap(hinge, x);
    const std::vector<double> turned = ring_torsions(x);
    // Two torsions become nearly flat; none does where half of the chair turns.
    const auto n_flat = std::count_if(turned.begin(), turned.end(),
                                      [](double angle) { return std::abs(angle) < 0.2; });
    n_boats += n_flat == 2;
    EXPECT_TRUE(n_flat == 2 || n_flat == 0);
    moves.flap(hinge, x);
    expect_near(ring_torsions(x), angles, 1e-9);
  }
  EXPECT_EQ(n_boats, 6u);
}

TEST(RingMoves, KeepLengthsAndHandedness) {
  const TorsionGraph graph = ring_graph();
  const RingMoves moves(graph, kSystem);
  std::vector<double> x = chair(1.0);
  for (std::uint32_t i = 0; i < 50; ++i) {
    RandomStream random({7, 0}, StreamName::kTest, i);
    const std::vector<double> before = x;
    moves.kick(random, x);
    ASSERT_NE(x, before);
    expect_near(bond_lengths(graph, x), bond_lengths(graph, before), 1e-9);
    EXPECT_EQ(handedness(x), handedness(before)) << i;
  }
}

TEST(RingMoves, InvertNitrogenAndKeepWhatHangsOnIt) {
  TorsionGraph graph = ring_graph();
  // Atom 0 loses the atom below it, and becomes nitrogen.
  graph.bonds.erase(std::find_if(graph.bonds.begin(), graph.bonds.end(),
                                 [](const GraphBond& bond) { return bond.second == 7; }));
  graph.inversions = {{0, {1, 5, 6}}};
  const RingMoves moves(graph, kSystem);
  const auto side = [](const std::vector<double>& x) {
    const auto at = [&](std::size_t i) { return load_atom(x.data(), i) - load_atom(x.data(), 0); };
    return dot(at(6), cross(at(1), at(5))) > 0.0;
  };
  std::size_t n_inverted = 0;
  for (std::uint32_t i = 0; i < 40; ++i) {
    RandomStream random({3, 0}, StreamName::kTest, i);
    std::vector<double> x = chair(1.0);
    moves.kick(random, x);
    n_inverted += side(x) != side(chair(1.0));
    EXPECT_NEAR(atom_distance(x.data(), 0, 18), atom_distance(chair(1.0).data(), 0, 18), 1e-9);
  }
  EXPECT_GT(n_inverted, 2u);
  EXPECT_LT(n_inverted, 38u);
}

TEST(RingConformers, AreTheSameWhereEqualAtomsChangePlaces) {
  const TorsionGraph graph = ring_graph();
  std::vector<int> classes(graph.atoms.size(), 0);
  // Nothing but hydrogen on the ring: both chairs are one.
  TorsionGraph plain = graph;
  plain.atoms[6].atomic_number = 1;
  RingConformers one(plain, kSystem, classes);
  EXPECT_TRUE(one.offer(1.0, chair(1.0)));
  EXPECT_FALSE(one.offer(0.5, chair(-1.0)));
  ASSERT_EQ(one.states().size(), 1u);
  EXPECT_EQ(one.states()[0].n_found, 2u);
  EXPECT_DOUBLE_EQ(one.lowest_energy(), 0.5);
  // With atom 6 axial or equatorial they are two.
  RingConformers two(graph, kSystem, classes);
  EXPECT_TRUE(two.offer(1.0, chair(1.0)));
  EXPECT_TRUE(two.offer(9.0, chair(-1.0)));
  EXPECT_FALSE(two.offer(9.0, chair(-1.0)));
  EXPECT_EQ(two.in_window(10.0), (std::vector<std::size_t>{0, 1}));
  EXPECT_EQ(two.in_window(5.0), (std::vector<std::size_t>{0}));
  EXPECT_DOUBLE_EQ(two.share_of_new(10.0), 1.0 / 3.0);
  // And so they are when all ring atoms differ.
  for (std::size_t i = 0; i < kRing; ++i) classes[i] = static_cast<int>(i);
  RingConformers distinct(plain, kSystem, classes);
  EXPECT_TRUE(distinct.offer(1.0, chair(1.0)));
  EXPECT_TRUE(distinct.offer(1.0, chair(-1.0)));
}

TEST(RingTransplant, PutsTheShapeAndLetsTheRestFollow) {
  const TorsionGraph graph = ring_graph();
  std::vector<std::size_t> part;  // all but the last
  for (std::size_t i = 0; i < 3 * kRing; ++i) part.push_back(i);
  const RingTransplant transplant(graph, kSystem, part);
  std::vector<double> x = chair(1.0);
  const std::vector<double> before = x;
  const std::vector<double> other = chair(-1.0);
  transplant.put({other.data(), 3 * part.size()}, x);
  EXPECT_TRUE(std::equal(x.begin(), x.begin() + 54, other.begin()));
  EXPECT_NEAR(atom_distance(x.data(), 6, 18), atom_distance(before.data(), 6, 18), 1e-12);
  EXPECT_NEAR(quartet_angle(x, {1, 0, 6, 18}), quartet_angle(before, {1, 0, 6, 18}), 1e-9);
  EXPECT_THROW(RingTransplant(graph, kSystem, {0, 1, 2, 3, 4, 5}), InternalError);
}

}  // namespace
}  // namespace saltus::tests
