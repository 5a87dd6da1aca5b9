// Oracle: all pairs, one by one; of a box, all images.
#include "engine/system/near_pairs.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "engine/core/random.h"
#include "engine/core/vec3.h"
#include "tests/support/environment.h"

namespace saltus::engine {
namespace {

constexpr double kRounding = 1e-12;  // nm

std::vector<double> random_points(RandomStream& stream, std::size_t n, double extent_nm) {
  std::vector<double> x(3 * n);
  for (double& value : x) value = extent_nm * (stream.uniform() - 0.5);
  return x;
}

/// The distance of the nearest of all images up to two boxes away.
double shortest(Vec3 d, const std::optional<Box>& box) {
  if (!box) return norm(d);
  double best = norm(d);
  const Box& e = *box;
  d = e.nearest_image(d);
  for (int a = -2; a <= 2; ++a)
    for (int b = -2; b <= 2; ++b)
      for (int c = -2; c <= 2; ++c)
        best = std::min(
            best, norm(d + Vec3{a * e.ax + b * e.bx + c * e.cx, b * e.by + c * e.cy, c * e.cz}));
  return best;
}

void expect_all_pairs(const std::vector<double>& x, double reach_nm,
                      const std::optional<Box>& box) {
  const std::vector<NearPair> pairs = near_pairs(x, reach_nm, box);
  std::size_t next = 0;
  for (std::size_t i = 0; i < x.size() / 3; ++i)
    for (std::size_t j = i + 1; j < x.size() / 3; ++j) {
      const double r = shortest(load_atom(x.data(), i) - load_atom(x.data(), j), box);
      if (!(r < reach_nm)) continue;
      ASSERT_LT(next, pairs.size()) << i << ", " << j;
      EXPECT_EQ(pairs[next].i, i);
      EXPECT_EQ(pairs[next].j, j);
      EXPECT_NEAR(pairs[next].distance_nm, r, kRounding);
      ++next;
    }
  EXPECT_EQ(next, pairs.size());
}

TEST(NearPairs, AreAllWithinReach) {
  auto stream = tests::test_stream(74);
  for (const double reach : {0.05, 0.3, 1.0, 5.0})
    expect_all_pairs(random_points(stream, 300, 3.0), reach, std::nullopt);
}

TEST(NearPairs, OfABoxAreAtNearestImages) {
  auto stream = tests::test_stream(75);
  for (int trial = 0; trial < 40; ++trial) {
    Box box(
        {1.0 + 2.0 * stream.uniform(), 1.0 + 2.0 * stream.uniform(), 1.0 + 2.0 * stream.uniform()});
    if (trial % 2 == 1) {
      box.bx = box.ax * (stream.uniform() - 0.5);
      box.cx = box.ax * (stream.uniform() - 0.5);
      box.cy = box.by * (stream.uniform() - 0.5);
    }
    // Up to few cells, and one, along an edge; atoms also some boxes away.
    const double reach =
        box.shortest_width() * (trial % 3 == 0 ? 0.5 : 0.1 + 0.4 * stream.uniform());
    expect_all_pairs(random_points(stream, 150, 7.0), reach, box);
  }
}

TEST(NearPairs, HaveNoneThatIsNoNumber) {
  constexpr double kInf = std::numeric_limits<double>::infinity();
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<double> x = {0, 0, 0, kNan, 0, 0, 0, kInf, 0, 0.01, 0, 0, 0, kInf, 0};
  for (const auto& box : {std::optional<Box>(), std::optional<Box>(Box({2.0, 2.0, 2.0}))}) {
    const auto pairs = near_pairs(x, 0.1, box);
    ASSERT_EQ(pairs.size(), 1u);
    EXPECT_EQ(pairs[0].j, 3u);
  }
}

TEST(NearPairs, AreFoundFarAway) {
  for (const double far : {1e9, -1e14, 1e300}) {
    const auto pairs = near_pairs(std::vector<double>{far, 0, 0, 0, 0, 0, far, 0.05, 0}, 0.1, {});
    ASSERT_EQ(pairs.size(), 1u) << far;
    EXPECT_EQ(pairs[0].i, 0u);
    EXPECT_EQ(pairs[0].j, 2u);
  }
}

TEST(NearPairs, OfManyAtomsTakeNoLongTime) {
  // All pairs of 200,000 atoms would take a minute; a line of them 0.09 nm apart has one each.
  constexpr std::size_t kAtoms = 200000;
  std::vector<double> x(3 * kAtoms, 0.0);
  for (std::size_t n = 0; n < kAtoms; ++n) x[3 * n] = 0.09 * static_cast<double>(n);
  EXPECT_EQ(near_pairs(x, 0.1, {}).size(), kAtoms - 1);
}

}  // namespace
}  // namespace saltus::engine
