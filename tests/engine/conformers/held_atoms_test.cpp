// Oracle: rotations made by hand, equality of bits, volumes of all four neighbours of a centre.
#include "engine/conformers/held_atoms.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/conformers/superposition.h"
#include "engine/conformers/torsion_pool.h"
#include "engine/torsions/torsion_geometry.h"
#include "tests/support/chain_molecule.h"
#include "tests/support/torsion_graphs.h"

namespace saltus::tests {
namespace {

using namespace engine;

const std::vector<double> kPoints = {0.0, 0.0, 0.0,  0.15, 0.0,  0.0,  0.2, 0.1,
                                     0.0, 0.3, 0.15, 0.12, -0.1, 0.05, 0.03};

/// A turn by 0.9 rad about (1, 2, 2) / 3 (Rodrigues), then a shift.
std::vector<double> turned(const std::vector<double>& x) {
  const Vec3 axis{1.0 / 3.0, 2.0 / 3.0, 2.0 / 3.0}, shift{0.7, -0.2, 1.1};
  const double c = std::cos(0.9), s = std::sin(0.9);
  std::vector<double> result;
  for (std::size_t i = 0; i < x.size() / 3; ++i) {
    const Vec3 p = load_atom(x.data(), i);
    const Vec3 q = c * p + s * cross(axis, p) + ((1.0 - c) * dot(axis, p)) * axis + shift;
    for (const double value : {q.x, q.y, q.z}) result.push_back(value);
  }
  return result;
}

std::vector<double> mirrored(std::vector<double> x) {
  for (std::size_t i = 0; i < x.size(); i += 3) x[i] = -x[i];
  return x;
}

TEST(Superposition, FindsTheMotionThatWasMade) {
  const std::vector<double> target = turned(kPoints);
  std::vector<double> x = kPoints;
  superpose(x, target).apply(x);
  for (std::size_t i = 0; i < x.size(); ++i) EXPECT_NEAR(x[i], target[i], 1e-12);
  EXPECT_NEAR(rms_distance(x, target), 0.0, 1e-12);
}

TEST(Superposition, MakesNoMirrorImages) {
  const std::vector<double> target = mirrored(kPoints);
  std::vector<double> x = kPoints;
  superpose(x, target).apply(x);
  EXPECT_GT(rms_distance(x, target), 0.01);
}

TEST(Superposition, GivesTheLeastDistance) {
  std::vector<double> target = turned(kPoints), x = kPoints;
  for (std::size_t i = 0; i < target.size(); ++i) target[i] += 0.01 * std::sin(7.0 * double(i));
  superpose(x, target).apply(x);
  const double least = rms_distance(x, target);
  for (int k = 0; k < 6; ++k) {  // any further small motion is worse
    RigidMotion little;
    const double e = k % 2 == 0 ? 1e-3 : -1e-3;
    const std::size_t a = static_cast<std::size_t>(k) / 2, b = (a + 1) % 3;
    little.rotation[3 * a + a] = little.rotation[3 * b + b] = std::cos(e);
    little.rotation[3 * a + b] = -std::sin(e);
    little.rotation[3 * b + a] = std::sin(e);
    std::vector<double> other = x;
    // About the middle, so that only the turn counts.
    Vec3 mean;
    for (std::size_t i = 0; i < 5; ++i) mean = mean + 0.2 * load_atom(other.data(), i);
    little.shift = mean - little.of(mean);
    little.apply(other);
    EXPECT_GT(rms_distance(other, target), least);
  }
}

TEST(HeldAtoms, ArePutExactlyInPlaceWhateverTheStart) {
  const HeldAtoms held{{3, 0, 1, 2}, [] {
                         const std::vector<double> t = turned(kPoints);
                         std::vector<double> p(t.begin() + 9, t.begin() + 12);
                         p.insert(p.end(), t.begin(), t.begin() + 9);
                         return p;
                       }()};
  for (std::vector<double> x : {kPoints, mirrored(kPoints)}) {
    EXPECT_FALSE(are_in_place(held, x));
    EXPECT_NEAR(put_in_place(held, x), 0.0, 1e-12);
    EXPECT_TRUE(are_in_place(held, x));
    const std::vector<double> target = turned(kPoints);
    for (std::size_t i = 12; i < 15; ++i) EXPECT_NEAR(x[i], target[i], 1e-12) << "the free atom";
    x[0] = std::nextafter(x[0], 10.0);
    EXPECT_FALSE(are_in_place(held, x));
  }
}

TEST(HeldAtoms, TellHowFarTheyWereOff) {
  HeldAtoms held{{0, 1, 2}, {0.0, 0.0, 0.0, 0.15, 0.0, 0.0, 0.4, 0.1, 0.0}};
  std::vector<double> x = kPoints;
  EXPECT_GT(put_in_place(held, x), 0.05);
  EXPECT_TRUE(are_in_place(held, x));
}

TEST(HeldAtoms, ContradictTheOtherHandednessWhicheverNeighbourIsFree) {
  // A tetrahedron about atom 4.
  const std::vector<double> x = {1, 1, 1, 1, -1, -1, -1, 1, -1, -1, -1, 1, 0, 0, 0};
  ChiralCentre centre;
  centre.atom = 4;
  centre.neighbours = {0, 1, 2, 3};
  centre.sign = sign_of(centre, x);
  ASSERT_NE(centre.sign, 0);
  Configuration right, wrong;
  right.centres = wrong.centres = {centre};
  wrong.centres[0].sign = -centre.sign;
  const auto hold = [&](const std::vector<std::size_t>& atoms) {
    HeldAtoms held{atoms, {}};
    for (const std::size_t atom : atoms)
      held.positions.insert(held.positions.end(), x.begin() + 3 * std::ptrdiff_t(atom),
                            x.begin() + 3 * std::ptrdiff_t(atom) + 3);
    return held;
  };
  for (std::size_t free = 0; free < 5; ++free) {  // 4: none
    std::vector<std::size_t> atoms;
    for (std::size_t i = 0; i < 5; ++i)
      if (i != free || free == 4) atoms.push_back(i);
    EXPECT_TRUE(contradictions(hold(atoms), right, 5).empty()) << free;
    EXPECT_EQ(contradictions(hold(atoms), wrong, 5), std::vector<std::size_t>{4}) << free;
  }
  EXPECT_TRUE(contradictions(hold({0, 1, 4}), wrong, 5).empty()) << "two are free: no verdict";
}

/// All torsions at 0.5, 1.5, 2.5 rad.
class SharpModel final : public TorsionModel {
 public:
  explicit SharpModel(std::size_t n) : n_(n) {}
  std::string name() const override { return "sharp"; }
  std::size_t n_torsions() const override { return n_; }
  void density(std::size_t torsion, const TorsionContext& context,
               VonMisesMixture& out) const override {
    known_.assign(context.known.begin(), context.known.end());
    out = {1, 0.0, {1.0}, {0.5 + static_cast<double>(torsion)}, {1e8}};
  }
  const std::vector<std::uint8_t>& known() const { return known_; }

 private:
  std::size_t n_;
  mutable std::vector<std::uint8_t> known_;
};

/// The torsion about the bond of two atoms.
std::size_t torsion_about(const TorsionGraph& graph, std::size_t a, std::size_t b) {
  for (std::size_t t = 0; t < graph.torsions.size(); ++t) {
    const RotatableBond& bond = graph.torsions[t].bond;
    if (std::minmax(bond.axis_from, bond.axis_to) == std::minmax(a, b)) return t;
  }
  return kNowhere;
}

TEST(HeldAtoms, StayWhileTheOtherTorsionsOfAPoolAreDrawn) {
  const ChainMolecule molecule(6);
  TorsionGraph graph = make_torsion_graph(molecule.topology());
  for (GraphAtom& atom : graph.atoms) atom.degree = 4;  // no end carries hydrogen only
  CoordinateBatch seeds(2, 6);
  seeds.values() = molecule.draw(2, 300.0, 5).positions.values();
  for (const std::vector<std::size_t>& held :
       {std::vector<std::size_t>{0, 1, 2, 3}, std::vector<std::size_t>{5, 4, 3, 2}}) {
    const std::size_t inside = torsion_about(graph, held[1], held[2]);
    ASSERT_NE(inside, kNowhere);
    std::vector<std::uint8_t> expected(graph.torsions.size(), 0);
    expected[inside] = 1;
    EXPECT_EQ(held_torsions(graph, held), expected);
    TorsionPoolOptions options;
    options.n_draws = 40;
    options.n_kept = 10;
    options.n_steps = 9;  // of minimisation, which leaves them as well
    options.force_tolerance = 1e-3;
    options.held_atoms = held;
    const TorsionPool pool = draw_torsion_pool(
        *molecule.energy(), graph, SharpModel(graph.torsions.size()), seeds, {}, options);
    ASSERT_EQ(pool.energies.size(), 12u);
    for (std::size_t c = 0; c < 12; ++c) {
      const auto is_of = [&](std::size_t seed) {
        HeldAtoms places{held, {}};
        for (const std::size_t atom : held)
          for (std::size_t k = 0; k < 3; ++k)
            places.positions.push_back(seeds.chain(seed)[3 * atom + k]);
        return are_in_place(places, pool.positions.chain(c));
      };
      EXPECT_TRUE(is_of(0) || is_of(1)) << c;
    }
    options.n_steps = 0;
    const TorsionPool drawn = draw_torsion_pool(
        *molecule.energy(), graph, SharpModel(graph.torsions.size()), seeds, {}, options);
    std::vector<double> tau(graph.torsions.size());
    for (std::size_t c = 2; c < drawn.energies.size(); ++c) {
      torsion_angles(graph, drawn.positions.chain(c), tau);
      for (std::size_t t = 0; t < tau.size(); ++t) {
        if (t == inside) continue;
        EXPECT_NEAR(tau[t], 0.5 + static_cast<double>(t), 1e-3) << "1e-4 rad is the width";
      }
    }
  }
}

TEST(HeldAtoms, AreKnownToTheModel) {
  const ChainMolecule molecule(6);
  TorsionGraph graph = make_torsion_graph(molecule.topology());
  for (GraphAtom& atom : graph.atoms) atom.degree = 4;
  CoordinateBatch seeds(1, 6);
  seeds.values() = molecule.draw(1, 300.0, 5).positions.values();
  const SharpModel model(graph.torsions.size());
  TorsionPoolOptions options;
  options.n_draws = options.n_kept = 1;
  options.n_steps = 0;
  options.held_atoms = {0, 1, 2, 3};
  draw_torsion_pool(*molecule.energy(), graph, model, seeds, {}, options);
  EXPECT_EQ(model.known()[torsion_about(graph, 1, 2)], 1);
}

}  // namespace
}  // namespace saltus::tests
