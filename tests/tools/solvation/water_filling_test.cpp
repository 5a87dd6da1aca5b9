// Oracle: definitions, by all pairs with all images around them; the density of liquid water.
#include "tools/solvation/water_filling.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <tuple>
#include <vector>

#include "engine/core/error.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"
#include "tests/tools/solvation/test_water.h"
#include "tools/solvation/box_shape.h"

namespace saltus::tools {
namespace {

using engine::Box;
using engine::Vec3;

constexpr double kLiquidDensity = 33.0;  // molecules in one nm^3

FilledWater fill(const Box& box, const WaterBox& water, std::uint64_t seed = 1) {
  engine::RandomStream random({seed, 0}, engine::StreamName::kSolvation, 0);
  return fill_with_water(box, water, molecules_in(box, water), random);
}

/// The shortest distances between molecules: of oxygens, and of pairs with a hydrogen.
struct ShortestDistances {
  double oxygens = 1.0, with_hydrogen = 1.0;
};

ShortestDistances shortest_distances(const Box& box, const WaterBox& water,
                                     const FilledWater& filled) {
  const std::size_t n_sites = water.sites.size();
  ShortestDistances shortest;
  for (std::size_t i = 0; i < filled.oxygens.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) {
      // Molecules are 0.1 nm large: those that are farther apart do not matter.
      const Vec3 d = box.nearest_image(filled.oxygens[j] - filled.oxygens[i]);
      if (norm(d) > 0.45) continue;
      EXPECT_NEAR(tests::shortest_of_all_images(box, filled.oxygens[j] - filled.oxygens[i]),
                  norm(d), 1e-12);
      for (std::size_t a = 0; a < n_sites; ++a)
        for (std::size_t b = 0; b < n_sites; ++b) {
          if (water.sites[a].atomic_number == 0 || water.sites[b].atomic_number == 0) continue;
          const double distance =
              norm(d + filled.offsets[j * n_sites + b] - filled.offsets[i * n_sites + a]);
          double& least = a == 0 && b == 0 ? shortest.oxygens : shortest.with_hydrogen;
          least = std::min(least, distance);
        }
    }
  return shortest;
}

TEST(WaterFilling, HasTheDensityOfTheLiquid) {
  for (const char* model : {"tip3p", "tip4pew", "spce"}) {
    const WaterBox water = tests::test_water(model);
    for (const BoxShape shape : {BoxShape::kCube, BoxShape::kDodecahedron, BoxShape::kOctahedron}) {
      const Box box = shaped_box(shape, 3.0);
      const double density = static_cast<double>(fill(box, water).oxygens.size()) / box.volume();
      EXPECT_NEAR(density / kLiquidDensity, 1.0, 0.02 * tests::tolerance_scale()) << model;
    }
  }
  EXPECT_EQ(fill(Box({3.0, 3.0, 3.0}), tests::test_water("tip3p")).oxygens.size(), 895u);
}

std::vector<Box> boxes() {
  Box oblique({1.9, 2.3, 2.1});
  oblique.bx = -0.95;
  oblique.cx = 0.4;
  oblique.cy = 1.15;
  return {Box({3.0, 3.0, 3.0}),
          Box({1.0, 1.0, 1.0}),
          Box({1.4, 3.3, 2.1}),
          shaped_box(BoxShape::kCube, 3.2),
          shaped_box(BoxShape::kDodecahedron, 2.9),
          shaped_box(BoxShape::kOctahedron, 3.1),
          oblique};
}

TEST(WaterFilling, LeavesNoMoleculesTooCloseAcrossTheFaces) {
  for (const char* model : {"tip3p", "tip4pew", "spce"}) {
    const WaterBox water = tests::test_water(model);
    for (const Box& box : boxes()) {
      const ShortestDistances shortest = shortest_distances(box, water, fill(box, water, 3));
      EXPECT_GE(shortest.oxygens, 0.243) << model << " in " << box.volume() << " nm^3";
      EXPECT_GE(shortest.with_hydrogen, 0.148) << model << " in " << box.volume() << " nm^3";
    }
  }
}

TEST(WaterFilling, LeavesNoGapsAtTheFaces) {
  // In the outermost 0.3 nm, where molecules clashed with images, there are as many as elsewhere.
  const WaterBox water = tests::test_water("tip3p");
  constexpr double kEdge = 4.3, kSkin = 0.3;
  constexpr int kSeeds = 4;
  double n_skin = 0.0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed)
    for (const Vec3 r : fill(Box({kEdge, kEdge, kEdge}), water, seed).oxygens) {
      const double inward = std::min({r.x, r.y, r.z, kEdge - r.x, kEdge - r.y, kEdge - r.z});
      n_skin += inward < kSkin ? 1.0 : 0.0;
    }
  const double volume = std::pow(kEdge, 3) - std::pow(kEdge - 2.0 * kSkin, 3);
  const double expected = kSeeds * volume * water.density();
  // If one of each two oxygens nearer than 0.22 nm were left out, pi rho^2 d^4 / 4 of them would be
  // missing from each nm^2 of the cut through a liquid without order across it: 10 % of these.
  EXPECT_NEAR(n_skin / expected, 1.0, 0.02 * tests::tolerance_scale());
}

TEST(WaterFilling, KeepsMoleculesAsTheyAre) {
  const WaterBox water = tests::test_water("tip4pew");
  const std::size_t n_sites = water.sites.size();
  const Box box = shaped_box(BoxShape::kOctahedron, 2.4);
  const FilledWater filled = fill(box, water);
  ASSERT_EQ(filled.offsets.size(), n_sites * filled.oxygens.size());
  const auto molecule = [&](const std::vector<Vec3>& offsets, std::size_t n) {
    std::vector<std::tuple<double, double, double>> sites;
    for (std::size_t site = 0; site < n_sites; ++site) {
      const Vec3 r = offsets[n * n_sites + site];
      sites.emplace_back(r.x, r.y, r.z);
    }
    return sites;
  };
  std::set<std::vector<std::tuple<double, double, double>>> known;
  for (std::size_t n = 0; n < water.n_molecules(); ++n) known.insert(molecule(water.offsets, n));
  for (std::size_t n = 0; n < filled.oxygens.size(); ++n)
    ASSERT_EQ(known.count(molecule(filled.offsets, n)), 1u) << n;
  for (const Vec3 r : filled.oxygens) {
    EXPECT_TRUE(r.x >= 0.0 && r.x <= box.ax && r.y >= 0.0 && r.y <= box.by);
    EXPECT_TRUE(r.z >= 0.0 && r.z <= box.cz);
  }
}

TEST(WaterFilling, TakesExactlyAsManyAsAreAskedFor) {
  const WaterBox water = tests::test_water("spce");
  for (const std::size_t n : {34u, 216u, 500u, 1000u}) {
    const double edge = edge_of_volume(BoxShape::kCube, static_cast<double>(n) / water.density());
    engine::RandomStream random({1, 0}, engine::StreamName::kSolvation, 0);
    const Box box({edge, edge, edge});
    EXPECT_EQ(molecules_in(box, water), n);
    EXPECT_EQ(fill_with_water(box, water, n, random).oxygens.size(), n);
  }
}

TEST(WaterFilling, IsAFunctionOfTheSeed) {
  const WaterBox water = tests::test_water("tip3p");
  const Box box = shaped_box(BoxShape::kDodecahedron, 2.5);
  const FilledWater one = fill(box, water, 5), same = fill(box, water, 5),
                    other = fill(box, water, 6);
  ASSERT_EQ(one.oxygens.size(), same.oxygens.size());
  for (std::size_t n = 0; n < one.oxygens.size(); ++n) {
    EXPECT_EQ(one.oxygens[n].x, same.oxygens[n].x);
    EXPECT_EQ(one.oxygens[n].y, same.oxygens[n].y);
    EXPECT_EQ(one.oxygens[n].z, same.oxygens[n].z);
  }
  EXPECT_NE(one.oxygens[0].x, other.oxygens[0].x);
}

TEST(WaterFilling, RefusesNarrowBoxes) {
  const WaterBox water = tests::test_water("tip3p");
  EXPECT_EQ(tests::message_of<engine::InternalError>([&] {
              fill(Box({0.9, 3.0, 3.0}), water);
            }),
            "fill_with_water: the box is too narrow");
}

class WaterBoxes : public testing::Test {
 protected:
  /// Two molecules of water in a box of 0.06 nm^3.
  WaterBoxes() {
    topology_.residues = {{"HOH", "", 1, "", 0}, {"HOH", "", 2, "", 0}};
    topology_.atoms = {{"O", 8, 0}, {"H1", 1, 0}, {"H2", 1, 0},
                       {"O", 8, 1}, {"H1", 1, 1}, {"H2", 1, 1}};
    positions_.assign(18, 0.01);
    positions_[9] = 0.2;
  }
  std::string error() const {
    return tests::message_of<engine::InputError>(
        [&] { water_box_of(topology_, positions_, edges_, "w.pdb"); });
  }
  engine::Topology topology_;
  std::vector<double> positions_;
  std::array<double, 3> edges_ = {0.3, 0.4, 0.5};
};

TEST_F(WaterBoxes, KeepSitesByTheirOxygen) {
  const WaterBox box = water_box_of(topology_, positions_, edges_, "w.pdb");
  EXPECT_EQ(box.n_molecules(), 2u);
  EXPECT_EQ(box.sites.size(), 3u);
  EXPECT_EQ(box.sites[1].name, "H1");
  EXPECT_DOUBLE_EQ(box.density(), 2.0 / 0.06);
  EXPECT_DOUBLE_EQ(box.oxygens[1].x, 0.2);
  EXPECT_DOUBLE_EQ(box.offsets[4].x, -0.19);
}

TEST_F(WaterBoxes, HoldWaterAlone) {
  const std::string expected =
      " is not a molecule of water like the first one, with its oxygen first, as a box of "
      "equilibrated water has them";
  topology_.atoms[3].atomic_number = 7;
  EXPECT_EQ(error(), "w.pdb: residue HOH 2" + expected);
  topology_.atoms[3].atomic_number = 8;
  topology_.atoms[4].name = "HW1";
  EXPECT_EQ(error(), "w.pdb: residue HOH 2" + expected);
  topology_.atoms[4].name = "H1";
  std::swap(topology_.atoms[0], topology_.atoms[1]);
  EXPECT_EQ(error(), "w.pdb: residue HOH 1" + expected);
}

TEST_F(WaterBoxes, HaveTheDensityOfWater) {
  edges_ = {0.3, 0.4, 5.0};
  EXPECT_EQ(error(),
            "w.pdb: has 3.333 molecules in one nm^3, expected 33 as in liquid water; its box "
            "(CRYST1) and its molecules do not belong together");
}

}  // namespace
}  // namespace saltus::tools
