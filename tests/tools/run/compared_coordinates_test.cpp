// Oracle: small molecules whose torsions and symmetries are obvious.
#include "tools/saltus/run/compared_coordinates.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/core/units.h"

namespace saltus::tools {
namespace {

using engine::Topology;
using Pairs = std::vector<std::pair<std::size_t, std::size_t>>;

Topology molecule(const std::vector<int>& elements,
                  const std::vector<std::pair<std::size_t, std::size_t>>& bonds) {
  Topology topology;
  engine::Residue residue;
  residue.name = "MOL";
  residue.number = 1;
  topology.residues.push_back(residue);
  for (std::size_t i = 0; i < elements.size(); ++i) {
    engine::Atom atom;
    atom.name = "X" + std::to_string(i);
    atom.atomic_number = elements[i];
    topology.atoms.push_back(atom);
  }
  for (const auto& [first, second] : bonds) topology.bonds.push_back({first, second});
  return topology;
}

TEST(ComparedCoordinates, SeeThatACarboxylateTurnedByHalfIsTheSame) {
  const ComparedCoordinates found =
      compared_coordinates(molecule({6, 6, 6, 8, 8}, {{0, 1}, {1, 2}, {2, 3}, {2, 4}}));
  ASSERT_EQ(found.torsions.size(), 1u);
  EXPECT_EQ(found.torsions[0].fold, 2);
  // Both oxygens are three bonds from the first carbon, and change places.
  EXPECT_TRUE(found.pairs.empty());
}

TEST(ComparedCoordinates, SeeThatAnAmideIsNot) {
  const ComparedCoordinates found =
      compared_coordinates(molecule({6, 6, 6, 8, 7}, {{0, 1}, {1, 2}, {2, 3}, {2, 4}}));
  ASSERT_EQ(found.torsions.size(), 1u);
  EXPECT_EQ(found.torsions[0].fold, 1);
  EXPECT_EQ(found.pairs, (Pairs{{0, 3}, {0, 4}}));
}

TEST(ComparedCoordinates, KeepTheFarEndOfAPhenylRing) {
  // 0-1-2(ring 2..7), 5 being opposite of 2.
  const ComparedCoordinates found = compared_coordinates(molecule(
      {6, 6, 6, 6, 6, 6, 6, 6}, {{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}, {5, 6}, {6, 7}, {7, 2}}));
  ASSERT_EQ(found.torsions.size(), 1u);
  EXPECT_EQ(found.torsions[0].fold, 2);
  EXPECT_EQ(found.pairs, (Pairs{{0, 5}, {1, 5}, {2, 5}}));
}

TEST(ComparedCoordinates, KnowThatARingOfTwoKindsOfAtomsIsNotSymmetric) {
  const ComparedCoordinates found = compared_coordinates(molecule(
      {6, 6, 6, 7, 6, 6, 6, 6}, {{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}, {5, 6}, {6, 7}, {7, 2}}));
  ASSERT_EQ(found.torsions.size(), 1u);
  EXPECT_EQ(found.torsions[0].fold, 1);
}

TEST(ComparedCoordinates, LeaveHydrogensOut) {
  // Hydrogen first, so that heavy atoms have other numbers than in the molecule.
  const ComparedCoordinates found =
      compared_coordinates(molecule({1, 6, 6, 6, 7}, {{0, 1}, {1, 2}, {2, 3}, {3, 4}}));
  EXPECT_EQ(found.heavy_atoms, (std::vector<std::size_t>{1, 2, 3, 4}));
  ASSERT_EQ(found.torsions.size(), 1u);
  EXPECT_EQ(found.pairs, (Pairs{{0, 3}}));
  // A flat trans chain.
  const std::vector<double> x = {0.0, 0.1, 0.0, 0.0, 0.0, 0.0, 0.1, 0.0, 0.0, 0.1, -0.1, 0.0};
  EXPECT_NEAR(std::abs(measure_angles(found, x)[0]), engine::kPi, 1e-12);
  std::vector<double> features;
  append_features(found, {}, x, features);
  ASSERT_EQ(features.size(), n_features(found, {}));
  EXPECT_NEAR(features[1], -1.0, 1e-12);
  EXPECT_NEAR(features[2], std::sqrt(0.05), 1e-12);
  EXPECT_EQ(n_features(found, {false, true}), 2u);
  EXPECT_EQ(n_features(found, {true, false}), 1u);
}

}  // namespace
}  // namespace saltus::tools
