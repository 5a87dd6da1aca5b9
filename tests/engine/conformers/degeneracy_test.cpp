// Oracle: minima counted by hand, of chains of tetrahedral atoms with bonds of 0.15 nm.
#include "engine/conformers/degeneracy.h"

#include <gmock/gmock.h>

#include <cmath>

#include "engine/conformers/automorphisms.h"
#include "engine/core/error.h"
#include "engine/core/units.h"
#include "engine/core/vec3.h"
#include "tests/support/errors.h"

namespace saltus::tests {
namespace {

using namespace engine;
using testing::DoubleEq;
using testing::ElementsAre;

/// Positions of a chain of equal atoms with the given torsions, degrees.
std::vector<double> chain(const std::vector<double>& torsions) {
  constexpr double kBond = 0.15, kAngle = 111.0 * kRadianPerDegree;
  std::vector<Vec3> x = {{0, 0, 0}, {kBond, 0, 0}};
  x.push_back(x[1] + kBond * Vec3{-std::cos(kAngle), std::sin(kAngle), 0.0});
  for (const double degrees : torsions) {
    const double t = degrees * kRadianPerDegree;
    const std::size_t n = x.size();
    const Vec3 bond = x[n - 1] - x[n - 2], before = x[n - 2] - x[n - 3];
    const Vec3 along = (1.0 / norm(bond)) * bond, normal = cross(before, along);
    const Vec3 up = (1.0 / norm(normal)) * normal, across = cross(up, along);
    x.push_back(x[n - 1] + kBond * (-std::cos(kAngle) * along +
                                    std::sin(kAngle) * (std::cos(t) * across + std::sin(t) * up)));
  }
  std::vector<double> flat;
  for (const Vec3& v : x) flat.insert(flat.end(), {v.x, v.y, v.z});
  return flat;
}

CoordinateBatch batch(const std::vector<std::vector<double>>& rows) {
  CoordinateBatch x(rows.size(), rows[0].size() / 3);
  x.values().clear();
  for (const auto& row : rows) x.values().insert(x.values().end(), row.begin(), row.end());
  return x;
}

/// Of a chain of n atoms: it may be read from either end.
MoleculeSymmetry chain_symmetry(std::uint32_t n) {
  MoleculeSymmetry symmetry;
  std::vector<std::uint32_t> forwards, backwards;
  for (std::uint32_t i = 0; i < n; ++i) {
    symmetry.atoms.push_back(i);
    forwards.push_back(i);
    backwards.push_back(n - 1 - i);
  }
  symmetry.maps = {forwards, backwards};
  return symmetry;
}

TEST(Degeneracy, OfButaneIsOneOfAntiAndTwoOfGauche) {
  EXPECT_THAT(degeneracies(batch({chain({180}), chain({65})}).view(), std::vector<double>{0, 3},
                           chain_symmetry(4), {}),
              ElementsAre(DoubleEq(1), DoubleEq(2)));
}

TEST(Degeneracy, IsSharedByCopiesThatAreThereThemselves) {
  DegeneracyOptions options;
  options.copy_nm = 0.0125;
  EXPECT_THAT(degeneracies(batch({chain({180}), chain({65}), chain({-65})}).view(),
                           std::vector<double>{0, 3, 3}, chain_symmetry(4), options),
              ElementsAre(DoubleEq(1), DoubleEq(1), DoubleEq(1)));
}

TEST(Degeneracy, OfPentaneCountsBothEnds) {
  // anti anti; anti gauche, either end, either sign; both of one sign; both of different signs.
  EXPECT_THAT(
      degeneracies(
          batch({chain({180, 180}), chain({180, 65}), chain({65, 65}), chain({65, -65})}).view(),
          std::vector<double>{0, 3, 6, 15}, chain_symmetry(5), {}),
      ElementsAre(DoubleEq(1), DoubleEq(4), DoubleEq(2), DoubleEq(2)));
}

TEST(Degeneracy, OfAChiralMoleculeLeavesOutMirrorImages) {
  // A branch in the middle makes atom 1 a centre; equal atoms do not matter for its sign.
  MoleculeSymmetry symmetry = chain_symmetry(4);
  symmetry.maps.resize(1);
  const auto with_branch = [](double torsion) {
    std::vector<double> x = chain({torsion});
    x.insert(x.end(), {0.2, -0.07, 0.12});
    return x;
  };
  symmetry.atoms.push_back(4);
  symmetry.maps[0].push_back(4);
  symmetry.centres = {{1, {0, 2, 4}}};
  EXPECT_THAT(degeneracies(batch({with_branch(180), with_branch(65)}).view(),
                           std::vector<double>{0, 3}, symmetry, {}),
              ElementsAre(DoubleEq(1), DoubleEq(1)));
}

TEST(Degeneracy, CountsHydrogensWhereTheyTellMinimaApart) {
  // Three atoms in a plane; a hydrogen at the end, in the plane or beside it.
  MoleculeSymmetry symmetry = chain_symmetry(3);
  symmetry.maps.resize(1);
  symmetry.hanging = {{}, {}, {3}};
  const CoordinateBatch x = batch({chain({180}), chain({65})});
  EXPECT_THAT(degeneracies(x.view(), std::vector<double>{0, 0.5}, symmetry, {}),
              ElementsAre(DoubleEq(1), DoubleEq(2)));
  symmetry.hanging.clear();
  EXPECT_EQ(degeneracies(x.view().slice(0, 1), std::vector<double>{0}, symmetry, {})[0], 1.0);
  EXPECT_EQ(degeneracies(x.view().slice(1, 1), std::vector<double>{0}, symmetry, {})[0], 1.0);
}

TEST(Degeneracy, OfALineIsOne) {
  EXPECT_THAT(degeneracies(batch({{0, 0, 0, 0.1, 0, 0}}).view(), std::vector<double>{0},
                           chain_symmetry(2), {}),
              ElementsAre(DoubleEq(1)));
}

TEST(Degeneracy, RefusesSizesThatDoNotFit) {
  EXPECT_EQ(message_of<InternalError>(
                [] { degeneracies(batch({chain({180})}).view(), {}, chain_symmetry(4), {}); }),
            "degeneracies: conformers and their energies are of different numbers");
}

}  // namespace
}  // namespace saltus::tests
