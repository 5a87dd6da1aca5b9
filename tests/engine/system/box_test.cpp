// Oracle: definitions; search over all images for the nearest one.
#include "engine/system/box.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/core/units.h"
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

/// Length of a lattice vector, and angle between two, radian.
double length(const double* v) { return std::hypot(v[0], v[1], v[2]); }
double angle(const double* v, const double* w) {
  return std::acos((v[0] * w[0] + v[1] * w[1] + v[2] * w[2]) / (length(v) * length(w)));
}

Box from_degrees(const std::array<double, 3>& edges, const std::array<double, 3>& degrees) {
  return Box::from_lengths_and_angles(edges,
                                      {degrees[0] * kRadianPerDegree, degrees[1] * kRadianPerDegree,
                                       degrees[2] * kRadianPerDegree});
}

void expect_vectors(const Box& box, const std::array<double, 9>& expected, double tolerance) {
  for (std::size_t n = 0; n < 9; ++n) EXPECT_NEAR(box.vectors()[n], expected[n], tolerance) << n;
}

TEST(BoxFromLengthsAndAngles, HasExactZerosForRightAngles) {
  // Edges and angles in the last digit that files of AMBER (90.0000001) and doubles have.
  for (const double right : {90.0, 90.0000001, 89.99999})
    EXPECT_TRUE(from_degrees({2.0, 3.0, 4.0}, {right, right, right}).is_rectangular()) << right;
  expect_vectors(from_degrees({2.0, 3.0, 4.0}, {90.0, 90.0, 90.0}), {2, 0, 0, 0, 3, 0, 0, 0, 4},
                 1e-12);
  EXPECT_FALSE(from_degrees({2.0, 3.0, 4.0}, {90.0, 90.001, 90.0}).is_rectangular());
}

TEST(BoxFromLengthsAndAngles, IsOpenMMs) {
  // computePeriodicBoxVectors of OpenMM 7.7.
  constexpr double kTolerance = 1e-12;  // nm
  expect_vectors(from_degrees({4.0, 4.0, 4.0}, {109.471219, 109.471219, 109.471219}),
                 {4, 0, 0, -1.33333322575036, 3.77123620436458, 0, -1.33333322575036,
                  -1.88561787396434, 3.26598648841301},
                 kTolerance);
  expect_vectors(from_degrees({4.0, 4.0, 4.0}, {70.5287794, 70.5287794, 70.5287794}),
                 {4, 0, 0, 1.33333333106314, 3.77123616713089, 0, 1.33333333106314,
                  0.94280904057877, 3.65148371778911},
                 kTolerance);
  expect_vectors(from_degrees({4.0, 4.0, 4.0}, {61, 61, 90}),
                 {4, 0, 0, 0, 4, 0, 1.93923848098535, 1.93923848098535, 2.91182214905569},
                 kTolerance);
  expect_vectors(from_degrees({2.5, 3.0, 3.5}, {75, 120, 100}),
                 {2.5, 0, 0, -0.520944533000791, 2.95442325903662, 0, 0.750000000000001,
                  0.611268894970034, 2.96881295100283},
                 kTolerance);
  expect_vectors(from_degrees({3.0, 3.0, 5.0}, {90, 90, 119}),
                 {3, 0, 0, -1.45442886073901, 2.62385912141819, 0, 0, 0, 5}, kTolerance);
  expect_vectors(from_degrees({4.1, 4.1, 4.1}, {109.471221, 109.471221, 109.471221}),
                 {4.1, 0, 0, -1.36666669132612, 3.86551706176803, 0, 1.36666661734777,
                  1.93275847857342, 3.34763594405176},
                 kTolerance);
}

TEST(BoxFromLengthsAndAngles, KeepsAnglesThatNeedNoReduction) {
  const std::array<double, 3> edges = {3.0, 2.5, 2.8}, angles = {1.5, 1.4, 1.6};
  const auto v = Box::from_lengths_and_angles(edges, angles).vectors();
  constexpr double kTolerance = 1e-14;
  for (std::size_t n = 0; n < 3; ++n) EXPECT_NEAR(length(&v[3 * n]), edges[n], kTolerance);
  EXPECT_NEAR(angle(&v[3], &v[6]), angles[0], kTolerance);
  EXPECT_NEAR(angle(&v[0], &v[6]), angles[1], kTolerance);
  EXPECT_NEAR(angle(&v[0], &v[3]), angles[2], kTolerance);
}

TEST(BoxFromLengthsAndAngles, IsReducedWhateverTheAngles) {
  auto stream = tests::test_stream(73);
  int n_boxes = 0;
  for (int trial = 0; trial < 20000; ++trial) {
    const std::array<double, 3> edges = {1.0 + stream.uniform(), 1.0 + stream.uniform(),
                                         1.0 + stream.uniform()};
    std::array<double, 3> degrees{};
    // Many of special angles, at which half an edge is reached.
    constexpr double kSpecial[] = {60.0, 90.0, 120.0, 109.4712190, 109.4712206344907, 70.528779};
    for (double& d : degrees)
      d = stream.uniform() < 0.5 ? kSpecial[static_cast<std::size_t>(6.0 * stream.uniform())]
                                 : 30.0 + 120.0 * stream.uniform();
    const double half_sum = 0.5 * (degrees[0] + degrees[1] + degrees[2]);
    const double widest = *std::max_element(degrees.begin(), degrees.end());
    if (half_sum > 179.0 || widest > half_sum - 1.0) continue;
    const std::array<double, 3> equal = {2.0, 2.0, 2.0};
    EXPECT_EQ(from_degrees(trial % 2 == 0 ? edges : equal, degrees).problem(), "");
    ++n_boxes;
  }
  EXPECT_GT(n_boxes, 5000);
}

TEST(BoxFromLengthsAndAngles, NeedsABox) {
  const auto message = [](const std::array<double, 3>& edges, const std::array<double, 3>& angles) {
    return message_of<InputError>([&] { from_degrees(edges, angles); });
  };
  EXPECT_EQ(message({2.0, 0.0, 2.0}, {90.0, 90.0, 90.0}),
            "edge b of the periodic box is 0.000000 nm, expected a positive number");
  EXPECT_EQ(message({2.0, 2.0, std::nan("")}, {90.0, 90.0, 90.0}),
            "edge c of the periodic box is nan nm, expected a positive number");
  EXPECT_EQ(message({2.0, 2.0, 2.0}, {0.0, 90.0, 90.0}),
            "angle alpha of the periodic box is 0 degrees, expected more than 0 and less than 180");
  EXPECT_EQ(message({2.0, 2.0, 2.0}, {90.0, 90.0, 180.0}),
            "angle gamma of the periodic box is 180 degrees, expected more than 0 and less than "
            "180");
  EXPECT_EQ(message({2.0, 2.0, 2.0}, {30.0, 40.0, 75.0}),
            "the angles of the periodic box, 30, 40, 75 degrees, are not those of three edges in "
            "space: expected each to be less than the sum of the two others, and less than 360 "
            "degrees in all");
  EXPECT_EQ(message({2.0, 2.0, 2.0}, {130.0, 130.0, 130.0}).substr(0, 60),
            "the angles of the periodic box, 130, 130, 130 degrees, are n");
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

TEST(BoxStretched, IsStretchedAlongTheAxes) {
  const Box box = triclinic().stretched({2.0, 3.0, 0.5});
  EXPECT_EQ(box.vectors(), (std::array<double, 9>{6.0, 0.0, 0.0, 3.0, 12.0, 0.0, -2.0, 6.0, 2.5}));
  EXPECT_EQ(box.volume(), 3.0 * triclinic().volume());
  // By one factor, boxes at the very border of the reduced form keep it, whatever is rounded.
  auto stream = tests::test_stream(12);
  for (int i = 0; i < 1000; ++i) {
    const double factor = 0.5 + stream.uniform();
    EXPECT_EQ(triclinic().stretched({factor, factor, factor}).problem(), "");
    EXPECT_EQ(random_box(stream).stretched({factor, factor, factor}).problem(), "");
  }
}

TEST(BoxEdgesAndAngles, AreThoseOfItsVectors) {
  constexpr double kTolerance = 1e-14;
  const Box box = triclinic();
  const auto v = box.vectors();
  const auto edges = box.edges_nm(), angles = box.angles_rad();
  for (std::size_t n = 0; n < 3; ++n) EXPECT_NEAR(edges[n], length(&v[3 * n]), kTolerance);
  EXPECT_NEAR(angles[0], angle(&v[3], &v[6]), kTolerance);
  EXPECT_NEAR(angles[1], angle(&v[0], &v[6]), kTolerance);
  EXPECT_NEAR(angles[2], angle(&v[0], &v[3]), kTolerance);
  // The way back, for boxes with nothing to reduce.
  auto stream = tests::test_stream(75);
  for (int trial = 0; trial < 1000; ++trial) {
    const Box random = random_box(stream);
    expect_vectors(Box::from_lengths_and_angles(random.edges_nm(), random.angles_rad()),
                   random.vectors(), 1e-12);
  }
}

TEST(WrappedPlace, IsTheImageInTheBrick) {
  auto stream = tests::test_stream(74);
  constexpr double kTolerance = 1e-12;
  for (int trial = 0; trial < 1000; ++trial) {
    const Box box = random_box(stream);
    const Vec3 r{20.0 * (stream.uniform() - 0.5), 20.0 * (stream.uniform() - 0.5),
                 20.0 * (stream.uniform() - 0.5)};
    const Vec3 w = box.wrapped(r);
    EXPECT_TRUE(w.x >= -kTolerance && w.x <= box.ax + kTolerance);
    EXPECT_TRUE(w.y >= -kTolerance && w.y <= box.by + kTolerance);
    EXPECT_TRUE(w.z >= -kTolerance && w.z <= box.cz + kTolerance);
    // Whole edge vectors lie between the two.
    const Vec3 d = r - w;
    const double c = std::round(d.z / box.cz), b = std::round((d.y - c * box.cy) / box.by);
    const double a = std::round((d.x - c * box.cx - b * box.bx) / box.ax);
    EXPECT_NEAR(d.x, a * box.ax + b * box.bx + c * box.cx, kTolerance);
    EXPECT_NEAR(d.y, b * box.by + c * box.cy, kTolerance);
    EXPECT_NEAR(d.z, c * box.cz, kTolerance);
  }
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
  const BoxNeeds any = {true, 1.0};
  any.require(boxes, 2);
  any.require({}, 0);
  EXPECT_EQ(message_of<InternalError>([&] { any.require({}, 2); }),
            "the energy function is periodic, but the positions come without their boxes");
  EXPECT_EQ(message_of<InputError>([&] {
              BoxNeeds{true, 1.1}.require(boxes, 2);
            }),
            "the box of chain 0: the cutoff, 1.100000 nm, is more than half the shortest width of "
            "the box, 2.000000 nm; set cutoff = \"1 nm\" or less, or take a larger box");
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
