// Oracle: definitions; search over all images for the nearest one.
#include "engine/system/box.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/system/coordinates.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"

namespace saltus::engine {
namespace {

using tests::message_of;

Box triclinic() {
  Box box({3.0, 4.0, 5.0});
  box.bx = 1.5;
  box.cx = -1.0;
  box.cy = 2.0;
  return box;
}

/// Any box in reduced form, edges 1 to 3 nm.
Box random_box(RandomStream& stream) {
  Box box(
      {1.0 + 2.0 * stream.uniform(), 1.0 + 2.0 * stream.uniform(), 1.0 + 2.0 * stream.uniform()});
  box.bx = box.ax * (stream.uniform() - 0.5);
  box.cx = box.ax * (stream.uniform() - 0.5);
  box.cy = box.by * (stream.uniform() - 0.5);
  return box;
}

TEST(BoxVectors, AreRowsOfALowerTriangle) {
  const Box box = triclinic();
  const std::array<double, 9> rows = {3.0, 0.0, 0.0, 1.5, 4.0, 0.0, -1.0, 2.0, 5.0};
  EXPECT_EQ(box.vectors(), rows);
  EXPECT_EQ(Box::from_vectors({rows.data(), rows.size()}), box);
  EXPECT_EQ(box.volume(), 60.0);
  EXPECT_EQ(box.shortest_width(), 3.0);
  EXPECT_FALSE(box.is_rectangular());
  const Box rectangular({2.0, 3.0, 4.0});
  EXPECT_TRUE(rectangular.is_rectangular());
  EXPECT_EQ(rectangular.volume(), 24.0);
  EXPECT_NE(rectangular, box);
  for (std::size_t above : {1, 2, 5}) {
    std::array<double, 9> turned = rows;
    turned[above] = 0.1;
    EXPECT_EQ(message_of<InputError>([&] {
                Box::from_vectors({turned.data(), 9});
              }),
              "the box vectors are not lower triangular: expected a = (ax, 0, 0), b = (bx, by, "
              "0), c = (cx, cy, cz); turn the system so that they are");
  }
}

TEST(BoxProblem, IsThatItIsNotInReducedForm) {
  EXPECT_EQ(triclinic().problem(), "");
  EXPECT_EQ(Box({1.0, 2.0, 3.0}).problem(), "");
  EXPECT_EQ(Box().problem(), "ax is 0.000000 nm, expected a positive number");
  const auto changed = [](double Box::*number, double value) {
    Box box = triclinic();
    box.*number = value;
    return box.problem();
  };
  EXPECT_EQ(changed(&Box::cz, -5.0), "cz is -5.000000 nm, expected a positive number");
  EXPECT_EQ(changed(&Box::by, 0.0), "by is 0.000000 nm, expected a positive number");
  EXPECT_EQ(changed(&Box::cx, std::nan("")), "cx is not a finite number");
  EXPECT_EQ(changed(&Box::ax, std::numeric_limits<double>::infinity()),
            "ax is not a finite number");
  const std::string advice = " in size (reduce the box vectors, as OpenMM does)";
  EXPECT_EQ(changed(&Box::bx, -1.6),
            "bx is -1.600000 nm, expected at most half of 3.000000 nm" + advice);
  EXPECT_EQ(changed(&Box::cx, 1.6),
            "cx is 1.600000 nm, expected at most half of 3.000000 nm" + advice);
  EXPECT_EQ(changed(&Box::cy, 2.1),
            "cy is 2.100000 nm, expected at most half of 4.000000 nm" + advice);
}

/// The shortest of all images of d, by looking at those up to three boxes away.
Vec3 shortest_image(const Box& box, Vec3 d) {
  Vec3 best = d;
  for (int a = -3; a <= 3; ++a)
    for (int b = -3; b <= 3; ++b)
      for (int c = -3; c <= 3; ++c) {
        const Vec3 image = {d.x + a * box.ax + b * box.bx + c * box.cx,
                            d.y + b * box.by + c * box.cy, d.z + c * box.cz};
        if (norm(image) < norm(best)) best = image;
      }
  return best;
}

TEST(NearestImage, IsTheShortestWithinHalfTheShortestWidth) {
  auto stream = tests::test_stream(71);
  std::size_t n_within = 0;
  for (int trial = 0; trial < 2000; ++trial) {
    const Box box = random_box(stream);
    const auto within = [&](double edge) { return edge * (2.0 * stream.uniform() - 1.0); };
    const Vec3 d = {within(box.ax), within(box.by), within(box.cz)};
    const Vec3 shortest = shortest_image(box, d), found = box.nearest_image(d);
    // Whatever it is, it is an image: the difference is a whole number of vectors.
    const double n_c = (d.z - found.z) / box.cz;
    EXPECT_NEAR(n_c, std::round(n_c), 1e-12);
    if (norm(shortest) > 0.5 * box.shortest_width() - 1e-9) continue;
    ++n_within;
    EXPECT_NEAR(norm(found - shortest), 0.0, 1e-12);
  }
  EXPECT_GT(n_within, 200u);
}

TEST(NearestImage, IsThatOfEachAxisInARectangularBox) {
  const Box box({2.0, 3.0, 4.0});
  const Vec3 d = box.nearest_image({1.9, -1.6, 8.5});
  EXPECT_NEAR(d.x, -0.1, 1e-15);
  EXPECT_NEAR(d.y, 1.4, 1e-15);
  EXPECT_NEAR(d.z, 0.5, 1e-15);
}

TEST(BoxNeeds, RefuseWhatCannotBeEvaluated) {
  const std::vector<Box> boxes = {Box({2.0, 2.0, 2.0}), triclinic()};
  const BoxNeeds none;
  none.require({}, 2);
  none.require(boxes, 2);
  EXPECT_EQ(message_of<InternalError>([&] { none.require(boxes, 3); }),
            "positions of 3 chains come with 2 boxes");
  const BoxNeeds any = {true, false, 1.0};
  any.require(boxes, 2);
  any.require({}, 0);
  EXPECT_EQ(message_of<InternalError>([&] { any.require({}, 2); }),
            "the energy function is periodic, but the positions come without their boxes");
  EXPECT_EQ(message_of<InputError>([&] {
              BoxNeeds{true, true, 1.0}.require(boxes, 2);
            }),
            "the box of chain 1: it is triclinic, and this energy function knows rectangular boxes "
            "only");
  EXPECT_EQ(message_of<InputError>([&] {
              BoxNeeds{true, false, 1.1}.require(boxes, 2);
            }),
            "the box of chain 0: the cutoff is 1.100000 nm, expected at most half the shortest "
            "width, 1.000000 nm");
  EXPECT_EQ(message_of<InputError>([&] {
              any.require(std::vector<Box>{Box({3.0, 3.0, 0.0})}, 1);
            }),
            "the box of chain 0: cz is 0.000000 nm, expected a positive number");
}

/// Three chains of two atoms, every number another, each in a box of its own.
CoordinateBatch three_chains() {
  CoordinateBatch x(3, 2);
  for (std::size_t i = 0; i < x.values().size(); ++i) x.values()[i] = static_cast<double>(i);
  x.set_boxes({Box({1.0, 1.0, 1.0}), Box({2.0, 2.0, 2.0}), Box({3.0, 3.0, 3.0})});
  return x;
}

void expect_chain(const CoordinateBatch& x, std::size_t row, std::size_t expected) {
  const CoordinateBatch all = three_chains();
  EXPECT_TRUE(std::equal(x.chain(row).begin(), x.chain(row).end(), all.chain(expected).begin()));
  EXPECT_EQ(x.boxes().at(row), all.boxes().at(expected));
}

TEST(Coordinates, KeepTheirBoxes) {
  const CoordinateBatch x = three_chains();
  const ConstCoordinates part = x.view().slice(1, 2);
  ASSERT_EQ(part.boxes.size(), 2u);
  EXPECT_EQ(part.boxes[0].ax, 2.0);
  EXPECT_EQ(part.box(1)->ax, 3.0);
  EXPECT_EQ(CoordinateBatch(3, 2).view().box(1), nullptr);

  const CoordinateBatch zeros = CoordinateBatch::like(part, 5);
  EXPECT_EQ(zeros.boxes(), std::vector<Box>(5, part.boxes[0]));
  EXPECT_EQ(zeros.values(), std::vector<double>(30, 0.0));
  EXPECT_TRUE(CoordinateBatch::like(CoordinateBatch(3, 2).view(), 5).boxes().empty());

  const CoordinateBatch twice = CoordinateBatch::repeated(x.view(), 2);
  ASSERT_EQ(twice.n_chains(), 6u);
  for (std::size_t row = 0; row < 6; ++row) expect_chain(twice, row, row / 2);
  const std::vector<std::size_t> which = {2, 0, 2, 1};
  const CoordinateBatch rows = CoordinateBatch::rows(x.view(), which);
  for (std::size_t row = 0; row < which.size(); ++row) expect_chain(rows, row, which[row]);

  CoordinateBatch swapped = x;
  swapped.swap_chains(0, 2);
  for (std::size_t row = 0; row < 3; ++row) expect_chain(swapped, row, 2 - row);
  swapped.copy_chain(swapped.view(), 1, 1);
  swapped.copy_chain(x.view(), 0, 0);
  expect_chain(swapped, 0, 0);
  expect_chain(swapped, 1, 1);
}

TEST(Coordinates, LoseNoBoxSilently) {
  CoordinateBatch without(3, 2), with = three_chains();
  const std::string message =
      "positions that are copied differ in atoms, or only one side has boxes";
  EXPECT_EQ(message_of<InternalError>([&] { without.copy_chain(with.view(), 0, 0); }), message);
  EXPECT_EQ(message_of<InternalError>([&] { with.copy_chain(without.view(), 0, 0); }), message);
  EXPECT_EQ(message_of<InternalError>([&] { without.set_boxes(std::vector<Box>(2)); }),
            "positions of 3 chains got 2 boxes");
}

}  // namespace
}  // namespace saltus::engine
