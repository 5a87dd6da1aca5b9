#include "engine/conformers/shape_comparison.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace saltus::engine {

namespace {

struct Correlation {
  double s[3][3] = {};
  double squares = 0.0;  ///< sum of |a_i|^2 + |b_i|^2
};

Correlation correlate(Span<const double> a, Span<const double> b,
                      const std::vector<std::uint32_t>& map) {
  Correlation c;
  for (std::size_t i = 0; i < a.size() / 3; ++i) {
    const double* p = a.data() + 3 * i;
    const double* q = b.data() + 3 * (map.empty() ? i : map[i]);
    for (int k = 0; k < 3; ++k) {
      for (int l = 0; l < 3; ++l) c.s[k][l] += p[k] * q[l];
      c.squares += p[k] * p[k] + q[k] * q[k];
    }
  }
  return c;
}

double determinant3(const double (&m)[3][3]) {
  return m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) -
         m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]) +
         m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
}

/// Determinant of the symmetric 4x4 matrix whose eigenvectors are the quaternions of rotations.
double quaternion_determinant(const double (&s)[3][3]) {
  const double k[4][4] = {
      {s[0][0] + s[1][1] + s[2][2], s[1][2] - s[2][1], s[2][0] - s[0][2], s[0][1] - s[1][0]},
      {s[1][2] - s[2][1], s[0][0] - s[1][1] - s[2][2], s[0][1] + s[1][0], s[2][0] + s[0][2]},
      {s[2][0] - s[0][2], s[0][1] + s[1][0], s[1][1] - s[0][0] - s[2][2], s[1][2] + s[2][1]},
      {s[0][1] - s[1][0], s[2][0] + s[0][2], s[1][2] + s[2][1], s[2][2] - s[0][0] - s[1][1]}};
  double sum = 0.0;
  for (int column = 0; column < 4; ++column) {
    double minor[3][3];
    for (int r = 1; r < 4; ++r)
      for (int c = 0, to = 0; c < 4; ++c)
        if (c != column) minor[r - 1][to++] = k[r][c];
    sum += (column % 2 == 0 ? 1.0 : -1.0) * k[0][column] * determinant3(minor);
  }
  return sum;
}

/// Root of x^4 + c2 x^2 + c1 x + c0, all of whose roots are real, from above the largest.
double largest_eigenvalue(const Correlation& c) {
  constexpr int kMaxSteps = 100;  // a double root converges by halves
  constexpr double kTolerance = 1e-14;
  double squared = 0.0;
  for (const auto& row : c.s)
    for (const double value : row) squared += value * value;
  const double c2 = -2.0 * squared, c1 = -8.0 * determinant3(c.s);
  const double c0 = quaternion_determinant(c.s);
  double x = 0.5 * c.squares;
  for (int step = 0; step < kMaxSteps; ++step) {
    const double value = ((x * x + c2) * x + c1) * x + c0;
    const double slope = (4.0 * x * x + 2.0 * c2) * x + c1;
    if (!(slope > 0.0)) break;
    const double change = value / slope;
    x -= change;
    if (std::abs(change) < kTolerance * x) break;
  }
  return x;
}

std::vector<std::vector<std::uint32_t>> orbits_of(
    std::size_t n, const std::vector<std::vector<std::uint32_t>>& maps) {
  std::vector<std::uint32_t> smallest(n);
  std::iota(smallest.begin(), smallest.end(), 0u);
  for (bool changed = true; changed;) {
    changed = false;
    for (const auto& map : maps)
      for (std::size_t i = 0; i < n; ++i) {
        const std::uint32_t both = std::min(smallest[i], smallest[map[i]]);
        changed = changed || smallest[i] != both || smallest[map[i]] != both;
        smallest[i] = smallest[map[i]] = both;
      }
  }
  std::vector<std::vector<std::uint32_t>> orbits(n);
  for (std::uint32_t i = 0; i < n; ++i) orbits[smallest[i]].push_back(i);
  orbits.erase(
      std::remove_if(orbits.begin(), orbits.end(), [](const auto& orbit) { return orbit.empty(); }),
      orbits.end());
  return orbits;
}

}  // namespace

double superposed_rmsd(Span<const double> a, Span<const double> b,
                       const std::vector<std::uint32_t>& map) {
  const Correlation c = correlate(a, b, map);
  if (c.squares == 0.0) return 0.0;
  const double rest = c.squares - 2.0 * largest_eigenvalue(c);
  return std::sqrt(std::max(0.0, rest) / (static_cast<double>(a.size()) / 3.0));
}

ShapeComparison::ShapeComparison(std::vector<std::size_t> atoms,
                                 std::vector<std::vector<std::uint32_t>> maps)
    : atoms_(std::move(atoms)), maps_(std::move(maps)), orbits_(orbits_of(atoms_.size(), maps_)) {}

ShapeComparison::Shape ShapeComparison::shape(Span<const double> x) const {
  Shape shape;
  double mean[3] = {};
  for (const std::size_t atom : atoms_)
    for (std::size_t k = 0; k < 3; ++k)
      mean[k] += x[3 * atom + k] / static_cast<double>(atoms_.size());
  std::vector<double> radius;
  for (const std::size_t atom : atoms_) {
    double square = 0.0;
    for (std::size_t k = 0; k < 3; ++k) {
      shape.points.push_back(x[3 * atom + k] - mean[k]);
      square += shape.points.back() * shape.points.back();
    }
    radius.push_back(std::sqrt(square));
  }
  for (const auto& orbit : orbits_) {
    const auto first = static_cast<std::ptrdiff_t>(shape.radii.size());
    for (const std::uint32_t i : orbit) shape.radii.push_back(radius[i]);
    std::sort(shape.radii.begin() + first, shape.radii.end());
  }
  return shape;
}

double ShapeComparison::lower_bound(const Shape& a, const Shape& b) const {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.radii.size(); ++i) {
    const double difference = a.radii[i] - b.radii[i];
    sum += difference * difference;
  }
  return std::sqrt(sum / static_cast<double>(a.radii.size()));
}

double ShapeComparison::rmsd(const Shape& a, const Shape& b) const {
  double least = superposed_rmsd(a.points, b.points, maps_.front());
  for (std::size_t m = 1; m < maps_.size(); ++m)
    least = std::min(least, superposed_rmsd(a.points, b.points, maps_[m]));
  return least;
}

bool ShapeComparison::closer_than(const Shape& a, const Shape& b, double threshold) const {
  if (lower_bound(a, b) >= threshold) return false;
  return std::any_of(maps_.begin(), maps_.end(), [&](const std::vector<std::uint32_t>& map) {
    return superposed_rmsd(a.points, b.points, map) < threshold;
  });
}

}  // namespace saltus::engine
