// Oracle: the vectors as they are published, numbers of faces of the polyhedra, and volumes in
// closed form.
#include "tools/solvation/box_shape.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "engine/core/vec3.h"
#include "tests/support/environment.h"

namespace saltus::tools {
namespace {

constexpr double kRounding = 1e-12;  // of a dozen operations in double precision

const double kDodecahedronVolume = std::sqrt(2.0) / 2.0,
             kOctahedronVolume = 4.0 * std::sqrt(3.0) / 9.0;

/// Lengths of all lattice vectors up to two edges each way.
std::vector<double> lattice_lengths(const engine::Box& box) {
  std::vector<double> lengths;
  for (int c = -2; c <= 2; ++c)
    for (int b = -2; b <= 2; ++b)
      for (int a = -2; a <= 2; ++a)
        if (a != 0 || b != 0 || c != 0)
          lengths.push_back(norm(engine::Vec3{a * box.ax + b * box.bx + c * box.cx,
                                              b * box.by + c * box.cy, c * box.cz}));
  return lengths;
}

std::size_t count_of(const std::vector<double>& lengths, double length) {
  std::size_t count = 0;
  for (const double given : lengths) count += std::abs(given - length) < 1e-9 ? 1 : 0;
  return count;
}

TEST(BoxShape, HasItsName) {
  EXPECT_EQ(box_shape_named("cube"), BoxShape::kCube);
  EXPECT_EQ(box_shape_named("dodecahedron"), BoxShape::kDodecahedron);
  EXPECT_EQ(box_shape_named("octahedron"), BoxShape::kOctahedron);
  EXPECT_FALSE(box_shape_named("Cube"));
}

TEST(BoxShape, IsInReducedFormAtAnyLength) {
  engine::RandomStream stream = tests::test_stream(11);
  for (const BoxShape shape : {BoxShape::kCube, BoxShape::kDodecahedron, BoxShape::kOctahedron})
    for (int n = 0; n < 1000; ++n) {
      const double edge = 1.0 + 9.0 * stream.uniform();
      const engine::Box box = shaped_box(shape, edge);
      EXPECT_EQ(box.problem(), "") << edge;
      for (const double length : box.edges_nm())
        EXPECT_NEAR(length, edge, kRounding * edge * tests::tolerance_scale());
    }
}

TEST(BoxShape, HasTheNeighboursOfItsPolyhedron) {
  const std::vector<double> cube = lattice_lengths(shaped_box(BoxShape::kCube, 1.0));
  EXPECT_EQ(count_of(cube, 1.0), 6u);
  // A rhombic dodecahedron has 12 faces; a truncated octahedron 8 hexagons and, farther, 6 squares.
  const std::vector<double> dodecahedron =
      lattice_lengths(shaped_box(BoxShape::kDodecahedron, 1.0));
  EXPECT_EQ(count_of(dodecahedron, 1.0), 12u);
  const std::vector<double> octahedron = lattice_lengths(shaped_box(BoxShape::kOctahedron, 1.0));
  EXPECT_EQ(count_of(octahedron, 1.0), 8u);
  EXPECT_EQ(count_of(octahedron, 2.0 / std::sqrt(3.0)), 6u);
  for (const auto* lengths : {&cube, &dodecahedron, &octahedron})
    EXPECT_GT(*std::min_element(lengths->begin(), lengths->end()), 1.0 - 1e-9);
}

TEST(BoxShape, HasItsVolume) {
  const double tolerance = kRounding * tests::tolerance_scale();
  EXPECT_NEAR(shaped_box(BoxShape::kCube, 2.0).volume(), 8.0, tolerance);
  EXPECT_NEAR(shaped_box(BoxShape::kDodecahedron, 2.0).volume(), 8.0 * kDodecahedronVolume,
              tolerance);
  EXPECT_NEAR(shaped_box(BoxShape::kOctahedron, 2.0).volume(), 8.0 * kOctahedronVolume, tolerance);
  for (const BoxShape shape : {BoxShape::kCube, BoxShape::kDodecahedron, BoxShape::kOctahedron})
    EXPECT_NEAR(edge_of_volume(shape, shaped_box(shape, 3.7).volume()), 3.7, tolerance);
}

TEST(BoxShape, IsRoundedUpToWhatFilesHold) {
  EXPECT_EQ(rounded_up_edge(3.0), 3.0);
  EXPECT_EQ(rounded_up_edge(2.8309), 2.8309);
  EXPECT_EQ(rounded_up_edge(2.83091), 2.8310);
  EXPECT_EQ(rounded_up_edge(0.1 + 0.2), 0.3);
}

}  // namespace
}  // namespace saltus::tools
