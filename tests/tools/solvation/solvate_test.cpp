// Oracle: definitions, by all pairs with all images around them; counts by hand.
#include "tools/solvation/solvate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/error.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"
#include "tests/tools/solvation/test_water.h"
#include "tools/solvation/box_shape.h"

namespace saltus::tools {
namespace {

using engine::Box;
using engine::InputError;
using engine::Vec3;

/// A rod of carbon atoms, 0.15 nm apart, along (1, 1, 1).
Solute rod(std::size_t n_atoms, int charge) {
  Solute solute;
  solute.charge = charge;
  for (std::size_t n = 0; n < n_atoms; ++n) {
    solute.topology.atoms.push_back({"C" + std::to_string(n % 100), 6, 0});
    const double x = -3.0 + 0.15 * static_cast<double>(n) / std::sqrt(3.0);
    solute.positions.insert(solute.positions.end(), {x, x + 1.0, x + 2.0});
    solute.radii_nm.push_back(0.19);
    if (n > 0) solute.topology.bonds.push_back({n - 1, n});
  }
  solute.topology.residues = {{"ROD", "A", 7, "", 0}};
  return solute;
}

SolvationOptions options_of(const Box& box) {
  SolvationOptions options;
  options.box = box;
  options.water_radius_nm = 0.177;
  return options;
}

Vec3 place(const Solvated& solvated, std::size_t atom) {
  return engine::load_atom(solvated.positions.chain(0).data(), atom);
}

double distance(const Solvated& solvated, std::size_t i, std::size_t j) {
  const Box& box = solvated.positions.boxes()[0];
  // The images around a place of the brick are those that are tried.
  return tests::shortest_of_all_images(
      box, box.wrapped(place(solvated, i)) - box.wrapped(place(solvated, j)));
}

class Solvation : public testing::Test {
 protected:
  std::string error(const Solute& solute, const SolvationOptions& options) const {
    return tests::message_of<InputError>([&] { solvate(solute, water_, options); });
  }
  WaterBox water_ = tests::test_water("tip3p");
};

TEST_F(Solvation, KeepsWaterAndIonsOffTheSolute) {
  const Solute solute = rod(12, 3);
  for (const BoxShape shape : {BoxShape::kCube, BoxShape::kDodecahedron, BoxShape::kOctahedron}) {
    SolvationOptions options = options_of(shaped_box(shape, 3.4));
    options.ions.salt_mol_per_litre = 0.5;
    const Solvated solvated = solvate(solute, water_, options);
    const engine::Topology& topology = solvated.topology;
    std::vector<std::size_t> ions;
    for (std::size_t atom = 12; atom < topology.n_atoms(); ++atom) {
      const int element = topology.atoms[atom].atomic_number;
      if (element != 8 && element != 1) ions.push_back(atom);
      const double least = element == 8 ? 0.19 + 0.177 : element == 1 ? 0.15 : 0.5;
      for (std::size_t i = 0; i < 12; ++i)
        ASSERT_GE(distance(solvated, atom, i), least) << topology.describe_atom(atom);
    }
    for (const std::size_t i : ions)
      for (const std::size_t j : ions) EXPECT_TRUE(i == j || distance(solvated, i, j) >= 0.5);
    ASSERT_EQ(ions.size(), solvated.ions.total());
    // No more water goes than the solute needs: a rod of 1.65 nm with ends, 0.37 nm thick.
    constexpr double kPi = 3.14159265358979;
    const double radius = 0.367, taken = kPi * radius * radius * (1.65 + 4.0 / 3.0 * radius);
    const double expected = water_.density() * (options.box.volume() - taken);
    const auto kept = static_cast<double>(solvated.n_waters + solvated.ions.total());
    EXPECT_NEAR(kept, expected, 12.0 * tests::tolerance_scale());  // of some 28 that go
  }
}

TEST_F(Solvation, NeutralisesAndAddsSalt) {
  for (const int charge : {-4, 0, 3}) {
    SolvationOptions options = options_of(Box({3.0, 3.0, 3.0}));
    const Solvated solvated = solvate(rod(8, charge), water_, options);
    EXPECT_EQ(charge + static_cast<int>(solvated.ions.positive) -
                  static_cast<int>(solvated.ions.negative),
              0);
    const double n_waters = static_cast<double>(solvated.n_waters + solvated.ions.total());
    const auto n_pairs =
        static_cast<std::size_t>(std::lround((n_waters - std::abs(charge)) * 0.15 / 55.4));
    EXPECT_EQ(n_pairs, 2u);
    EXPECT_EQ(std::min(solvated.ions.positive, solvated.ions.negative), n_pairs);
    std::size_t n_sodium = 0, n_chloride = 0;
    for (const engine::Residue& residue : solvated.topology.residues) {
      n_sodium += residue.name == "NA" ? 1 : 0;
      n_chloride += residue.name == "CL" ? 1 : 0;
    }
    EXPECT_EQ(n_sodium, solvated.ions.positive);
    EXPECT_EQ(n_chloride, solvated.ions.negative);
  }
}

TEST_F(Solvation, LeavesTheSoluteAsItIsInTheMiddle) {
  const Solute solute = rod(10, 0);
  const Solvated solvated = solvate(solute, water_, options_of(Box({3.0, 3.2, 3.4})));
  const double tolerance = 1e-12 * tests::tolerance_scale();
  for (std::size_t n = 1; n < 10; ++n)
    for (std::size_t k = 0; k < 3; ++k)
      EXPECT_NEAR(solvated.positions.chain(0)[3 * n + k] - solvated.positions.chain(0)[k],
                  solute.positions[3 * n + k] - solute.positions[k], tolerance);
  const Vec3 middle = 0.5 * (place(solvated, 0) + place(solvated, 9));
  EXPECT_NEAR(middle.x, 1.5, tolerance);
  EXPECT_NEAR(middle.y, 1.6, tolerance);
  EXPECT_NEAR(middle.z, 1.7, tolerance);
  EXPECT_EQ(solvated.topology.bonds.size(), 9u);
  EXPECT_EQ(solvated.topology.describe_atom(9), "atom C9 of residue ROD 7 of chain A");
  EXPECT_EQ(solvated.positions.boxes()[0], Box({3.0, 3.2, 3.4}));
}

TEST_F(Solvation, NamesEachResidueOnce) {
  // More than 9999 molecules of water are in two chains.
  const Solvated solvated = solvate(rod(4, 1), water_, options_of(Box({7.0, 7.0, 7.0})));
  const std::vector<engine::Residue>& residues = solvated.topology.residues;
  ASSERT_GT(solvated.n_waters, 9999u);
  std::set<std::pair<std::string, int>> names;
  std::set<std::string> chains;
  std::size_t last_chain = 0;
  for (const engine::Residue& residue : residues) {
    names.emplace(residue.chain, residue.number);
    chains.insert(residue.chain);
    EXPECT_LE(residue.number, 9999);
    EXPECT_GE(residue.chain_index, last_chain);
    last_chain = residue.chain_index;
  }
  EXPECT_EQ(names.size(), residues.size());
  EXPECT_THAT(chains, testing::ElementsAre("A", "B", "C", "D"));
  EXPECT_EQ(last_chain, 3u);
  EXPECT_EQ(residues[1].name, "NA");
  EXPECT_EQ(residues[1].chain, "B");
  EXPECT_EQ(residues.back().name, "HOH");
  EXPECT_EQ(residues.back().chain, "D");
}

TEST_F(Solvation, IsAFunctionOfTheSeed) {
  SolvationOptions options = options_of(shaped_box(BoxShape::kOctahedron, 3.0));
  options.seed = 4;
  const Solvated one = solvate(rod(8, -2), water_, options),
                 same = solvate(rod(8, -2), water_, options);
  EXPECT_EQ(one.positions.values(), same.positions.values());
  options.seed = 5;
  EXPECT_NE(one.positions.values(), solvate(rod(8, -2), water_, options).positions.values());
}

TEST_F(Solvation, MayHaveNoSolute) {
  SolvationOptions options = options_of(Box({1.9, 1.9, 1.9}));
  options.ions.salt_mol_per_litre = 0.0;
  options.n_waters = 216;
  const Solvated solvated = solvate({}, water_, options);
  EXPECT_EQ(solvated.n_waters, 216u);
  EXPECT_EQ(solvated.topology.n_atoms(), 648u);
  EXPECT_EQ(solvated.topology.residues[0].chain, "A");
  EXPECT_TRUE(solvated.topology.bonds.empty());
}

TEST_F(Solvation, RefusesBoxesThatAreTooSmall) {
  EXPECT_EQ(error(rod(8, 0), options_of(Box({0.9, 3.0, 3.0}))),
            "the box is 0.9 nm wide, expected at least 1 nm; a cutoff needs twice its length");
  EXPECT_EQ(error(rod(30, 0), options_of(Box({2.0, 3.0, 3.0}))),
            "the solute is 2.511 nm long along x, the box only 2 nm; take a larger box");
  EXPECT_EQ(error(rod(22, 0), options_of(Box({1.9, 1.9, 1.9}))),
            "the solute is too close to its own image in the box: atom C0 of residue ROD 7 of "
            "chain A and an image of atom C20 of residue ROD 7 of chain A are 0.2909 nm apart; "
            "take a larger box");
  Box skewed({3.0, 3.0, 3.0});
  skewed.bx = 2.0;
  EXPECT_EQ(error(rod(8, 0), options_of(skewed)),
            "the box: bx is 2.000000 nm, expected at most half of 3.000000 nm in size (reduce the "
            "box vectors, as OpenMM does)");
}

TEST_F(Solvation, RefusesMoreIonsThanHaveRoom) {
  SolvationOptions options = options_of(Box({2.0, 2.0, 2.0}));
  options.ions.salt_mol_per_litre = 5.0;
  EXPECT_THAT(error(rod(4, 0), options),
              testing::MatchesRegex("only [0-9]+ of [0-9]+ ions have a place at least 0.5 nm from "
                                    "the solute and from each other; take a larger box or less "
                                    "salt"));
  options.ions.salt_mol_per_litre = 60.0;
  EXPECT_THAT(error(rod(4, 0), options),
              testing::MatchesRegex("[0-9]+ ions cannot take the place of [0-9]+ water molecules; "
                                    "take a larger box or less salt"));
}

TEST(Diameter, IsTheLargestDistance) {
  EXPECT_EQ(diameter_nm({}), 0.0);
  engine::RandomStream stream = tests::test_stream(14);
  for (int repeat = 0; repeat < 20; ++repeat) {
    std::vector<double> positions;
    for (int n = 0; n < 3 * 40; ++n) positions.push_back(stream.normal());
    double longest = 0.0;
    for (std::size_t i = 0; i < 40; ++i)
      for (std::size_t j = 0; j < i; ++j)
        longest = std::max(longest, engine::atom_distance(positions.data(), i, j));
    EXPECT_NEAR(diameter_nm(positions), longest, 1e-12 * tests::tolerance_scale());
  }
}

TEST(HalfContact, IsThatOfLennardJones) {
  // OpenMM's radius of TIP3P water, 0.5612310241546865 sigma.
  EXPECT_NEAR(half_contact_nm(0.31507524065751241, 0.635968),
              0.31507524065751241 * 0.5612310241546864907, 1e-15 * tests::tolerance_scale());
  EXPECT_EQ(half_contact_nm(1.0, 0.0), 0.0);
}

TEST(Ions, AreCountedByHand) {
  IonOptions options;
  options.salt_mol_per_litre = 1.0;
  const IonCounts counts = count_ions(options, -3, 1000);  // 997 / 55.4 = 18.0
  EXPECT_EQ(counts.positive, 21u);
  EXPECT_EQ(counts.negative, 18u);
  options.neutralise = false;
  EXPECT_EQ(count_ions(options, -3, 1000).positive, 18u);
  EXPECT_EQ(count_ions(options, -3, 1000).negative, 18u);
  options.salt_mol_per_litre = 0.0;
  EXPECT_EQ(count_ions(options, 5, 1000).total(), 0u);
  options.neutralise = true;
  EXPECT_EQ(count_ions(options, 5, 1000).negative, 5u);
  EXPECT_EQ(tests::message_of<InputError>([&] { count_ions(options, 5, 4); }),
            "5 ions cannot take the place of 4 water molecules; take a larger box or less salt");
}

TEST(Ions, HaveNames) {
  EXPECT_EQ(ion_named("I-", -1)->residue, "IOD");
  EXPECT_EQ(ion_named("K+", 1)->atomic_number, 19);
  EXPECT_FALSE(ion_named("K+", -1));
  EXPECT_FALSE(ion_named("Mg2+", 1));
}

}  // namespace
}  // namespace saltus::tools
