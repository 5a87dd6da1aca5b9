// Oracle: hand calculations, rotations made here, and rotations searched by brute force.
#include "engine/conformers/shape_comparison.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "engine/conformers/selection.h"
#include "engine/core/random.h"
#include "engine/core/units.h"

namespace saltus::engine {
namespace {

// RMSD is the root of a difference of numbers of order 1: half of double's digits are left.
constexpr double kZero = 1e-7;

std::vector<double> random_points(std::size_t n, std::uint32_t chain) {
  RandomStream random({7, 0}, StreamName::kTest, chain);
  std::vector<double> points(3 * n);
  for (double& x : points) x = random.normal();
  return points;
}

/// By Euler angles, and moved.
std::vector<double> turned(const std::vector<double>& points, double a, double b, double c) {
  std::vector<double> result;
  for (std::size_t i = 0; i < points.size(); i += 3) {
    double x = points[i], y = points[i + 1], z = points[i + 2];
    const double x1 = std::cos(a) * x - std::sin(a) * y, y1 = std::sin(a) * x + std::cos(a) * y;
    const double y2 = std::cos(b) * y1 - std::sin(b) * z, z2 = std::sin(b) * y1 + std::cos(b) * z;
    x = std::cos(c) * x1 - std::sin(c) * y2, y = std::sin(c) * x1 + std::cos(c) * y2, z = z2;
    for (const double value : {x + 3.0, y - 1.0, z + 0.5}) result.push_back(value);
  }
  return result;
}

ShapeComparison plain(std::size_t n) {
  std::vector<std::size_t> atoms(n);
  std::iota(atoms.begin(), atoms.end(), std::size_t{0});
  std::vector<std::uint32_t> identity(n);
  std::iota(identity.begin(), identity.end(), 0u);
  return ShapeComparison(atoms, {identity});
}

TEST(Rmsd, OfPointsOnALineByHand) {
  // Centred: -1, 1 and -2, 2; each point is 1 away.
  const std::vector<double> a = {0, 0, 0, 2, 0, 0}, b = {0, 0, 0, 0, 4, 0};
  const ShapeComparison comparison = plain(2);
  EXPECT_NEAR(comparison.rmsd(comparison.shape(a), comparison.shape(b)), 1.0, kZero);
}

TEST(Rmsd, DoesNotSeeRotations) {
  for (std::uint32_t k = 0; k < 20; ++k) {
    const std::vector<double> a = random_points(9, k);
    const ShapeComparison comparison = plain(9);
    const auto shape = comparison.shape(turned(a, 0.3 * k, 1.1 * k, 2.0 - k));
    EXPECT_NEAR(comparison.rmsd(comparison.shape(a), shape), 0.0, kZero);
    EXPECT_NEAR(comparison.lower_bound(comparison.shape(a), shape), 0.0, kZero);
  }
}

TEST(Rmsd, TellsMirrorImagesApart) {
  std::vector<double> a = random_points(5, 3), mirrored = a;
  for (std::size_t i = 0; i < mirrored.size(); i += 3) mirrored[i] = -mirrored[i];
  const ShapeComparison comparison = plain(5);
  EXPECT_GT(comparison.rmsd(comparison.shape(a), comparison.shape(mirrored)), 0.2);
}

TEST(Rmsd, IsTheLeastOverAllRotations) {
  const ShapeComparison comparison = plain(6);
  const auto a = comparison.shape(random_points(6, 1));
  const std::vector<double> points = random_points(6, 2);
  double least = 1e300;
  constexpr int kSteps = 40;
  for (int i = 0; i < kSteps; ++i)
    for (int j = 0; j <= kSteps / 2; ++j)
      for (int k = 0; k < kSteps; ++k) {
        const double step = kTwoPi / kSteps;
        const auto b = comparison.shape(turned(points, i * step, j * step, k * step));
        double sum = 0.0;
        for (std::size_t p = 0; p < a.points.size(); ++p)
          sum += (a.points[p] - b.points[p]) * (a.points[p] - b.points[p]);
        least = std::min(least, std::sqrt(sum / 6.0));
      }
  const auto b = comparison.shape(points);
  const double rmsd = comparison.rmsd(a, b);
  EXPECT_LE(rmsd, least + kZero);
  EXPECT_GT(rmsd, least - 0.05);  // what a grid of 9 degrees can miss
  EXPECT_LE(comparison.lower_bound(a, b), rmsd + kZero);
}

TEST(Rmsd, LetsEqualAtomsStandForEachOther) {
  // An isosceles triangle with its feet exchanged, slightly different in one of them.
  const std::vector<double> a = {0, 0, 0, 1, 2, 0, -1, 2.5, 0}, b = {0, 0, 0, -1, 2.5, 0, 1, 2, 0};
  const ShapeComparison strict = plain(3);
  const ShapeComparison equal({0, 1, 2}, {{0, 1, 2}, {0, 2, 1}});
  EXPECT_GT(strict.rmsd(strict.shape(a), strict.shape(b)), 0.1);
  EXPECT_NEAR(equal.rmsd(equal.shape(a), equal.shape(b)), 0.0, kZero);
  EXPECT_NEAR(equal.lower_bound(equal.shape(a), equal.shape(b)), 0.0, kZero);
  EXPECT_TRUE(equal.closer_than(equal.shape(a), equal.shape(b), 1e-3));
  EXPECT_FALSE(strict.closer_than(strict.shape(a), strict.shape(b), 0.1));
}

/// Pairs of points at these distances: shapes that differ by half the difference.
CoordinateBatch sticks(const std::vector<double>& lengths) {
  CoordinateBatch batch(lengths.size(), 2);
  for (std::size_t i = 0; i < lengths.size(); ++i) batch.chain(i)[3] = lengths[i];
  return batch;
}

TEST(Selection, KeepsTheLowestOfSimilarOnes) {
  const CoordinateBatch x = sticks({1.0, 1.05, 2.0, 2.04, 3.0});
  SelectionOptions options;
  options.rmsd_nm = 0.1;
  const Selection selection =
      select_conformers(x.view(), std::vector<double>{5, 4, 1, 2, 3}, plain(2), options);
  EXPECT_EQ(selection.kept, (std::vector<std::size_t>{2, 4, 1}));
  EXPECT_EQ(selection.n_duplicates, 2u);
}

TEST(Selection, HasAWindowAndALargestNumber) {
  const CoordinateBatch x = sticks({1, 2, 3, 4});
  SelectionOptions options;
  options.energy_window = 2.5;
  options.max_kept = 2;
  const Selection selection =
      select_conformers(x.view(), std::vector<double>{0, 1, 2, 3}, plain(2), options);
  EXPECT_EQ(selection.kept, (std::vector<std::size_t>{0, 1}));
  EXPECT_EQ(selection.n_outside_window, 1u);
  EXPECT_EQ(selection.n_beyond_count, 1u);
}

TEST(Selection, MayAskForEqualEnergies) {
  const CoordinateBatch x = sticks({1.0, 1.01, 1.02});
  SelectionOptions options;
  options.rmsd_nm = 0.1;
  options.energy_tolerance = 0.5;
  const Selection selection =
      select_conformers(x.view(), std::vector<double>{0.0, 1.0, 1.2}, plain(2), options);
  EXPECT_EQ(selection.kept, (std::vector<std::size_t>{0, 1}));
}

TEST(Selection, WithoutEnergiesKeepsTheOrder) {
  const CoordinateBatch x = sticks({3.0, 1.0, 3.05, 2.0});
  SelectionOptions options;
  options.rmsd_nm = 0.1;
  EXPECT_EQ(select_conformers(x.view(), {}, plain(2), options).kept,
            (std::vector<std::size_t>{0, 1, 3}));
}

}  // namespace
}  // namespace saltus::engine
