#include "engine/potential/bicubic_map.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/core/units.h"

namespace saltus::engine {

namespace {

/// Slopes of a periodic cubic spline through equidistant points are a linear function of them:
/// slope_j = sum_k weight_k y_(j+k), indices modulo n. The spline's equations are
/// slope_(j-1) + 4 slope_j + slope_(j+1) = 3 (y_(j+1) - y_(j-1)), with solution g * right side,
/// g_k = (z^k + z^(n-k)) / (2 sqrt 3 (1 - z^n)), z = sqrt 3 - 2.
std::vector<double> spline_slope_weights(std::size_t n) {
  const double z = std::sqrt(3.0) - 2.0, order = static_cast<double>(n);
  std::vector<double> g(n), weights(n);
  for (std::size_t k = 0; k < n; ++k) {
    const double power = static_cast<double>(k);
    g[k] = (std::pow(z, power) + std::pow(z, order - power)) /
           (2.0 * std::sqrt(3.0) * (1.0 - std::pow(z, order)));
  }
  for (std::size_t k = 0; k < n; ++k) weights[k] = 3.0 * (g[(k + n - 1) % n] - g[(k + 1) % n]);
  return weights;
}

/// Spline slopes of all lines of a grid [n * n] along the index of the given stride, per cell.
std::vector<double> slopes_along(const std::vector<double>& grid, std::size_t n,
                                 std::size_t stride) {
  const std::vector<double> weights = spline_slope_weights(n);
  const std::size_t line_stride = stride == 1 ? n : 1;
  std::vector<double> slopes(n * n, 0.0);
  for (std::size_t line = 0; line < n; ++line)
    for (std::size_t j = 0; j < n; ++j)
      for (std::size_t k = 0; k < n; ++k)
        slopes[line * line_stride + j * stride] +=
            weights[k] * grid[line * line_stride + (j + k) % n * stride];
  return slopes;
}

using Four = std::array<double, 4>;

/// Coefficients of the cubic on [0, 1] with these values and slopes at its ends.
Four cubic(double value0, double value1, double slope0, double slope1) {
  return {value0, slope0, 3.0 * (value1 - value0) - 2.0 * slope0 - slope1,
          2.0 * (value0 - value1) + slope0 + slope1};
}

}  // namespace

BicubicMap make_bicubic_map(const CorrectionMap& map) {
  const std::size_t n = map.size;
  const std::vector<double>& value = map.energies;
  const std::vector<double> by_first = slopes_along(value, n, 1);
  const std::vector<double> by_second = slopes_along(value, n, n);
  const std::vector<double> by_both = slopes_along(by_second, n, 1);
  BicubicMap result;
  result.size = n;
  result.coefficients.reserve(16 * n * n);
  for (std::size_t b = 0; b < n; ++b)
    for (std::size_t a = 0; a < n; ++a) {
      const std::size_t low = n * b, high = n * ((b + 1) % n), next = (a + 1) % n;
      // Along the first torsion at both ends of the second, then along the second for each power.
      const auto along_first = [&](const std::vector<double>& v, const std::vector<double>& slope,
                                   std::size_t row) {
        return cubic(v[a + row], v[next + row], slope[a + row], slope[next + row]);
      };
      const Four value0 = along_first(value, by_first, low);
      const Four value1 = along_first(value, by_first, high);
      const Four slope0 = along_first(by_second, by_both, low);
      const Four slope1 = along_first(by_second, by_both, high);
      for (std::size_t m = 0; m < 4; ++m) {
        const Four c = cubic(value0[m], value1[m], slope0[m], slope1[m]);
        result.coefficients.insert(result.coefficients.end(), c.begin(), c.end());
      }
    }
  return result;
}

namespace {

/// Cell of an angle and where in it, in [0, 1].
struct CellPoint {
  CellPoint(double angle, std::size_t n) {
    const double size = static_cast<double>(n);
    double position = angle * (size / kTwoPi);
    position -= size * std::floor(position / size);
    // A tiny negative angle rounds up to the end of the last cell.
    cell = std::min(static_cast<std::size_t>(position), n - 1);
    t = position - static_cast<double>(cell);
  }
  std::size_t cell = 0;
  double t = 0.0;
};

}  // namespace

MapValue evaluate_map(const BicubicMap& map, double first, double second) {
  const CellPoint p(first, map.size), q(second, map.size);
  const double* c = map.coefficients.data() + 16 * (p.cell + map.size * q.cell);
  const double t = p.t, u = q.t;
  MapValue value;
  for (std::size_t m = 4; m-- > 0;) {
    const double* row = c + 4 * m;
    const double sum = ((row[3] * u + row[2]) * u + row[1]) * u + row[0];
    const double slope = (3.0 * row[3] * u + 2.0 * row[2]) * u + row[1];
    value.by_first = value.by_first * t + value.energy;
    value.energy = value.energy * t + sum;
    value.by_second = value.by_second * t + slope;
  }
  const double cells_per_radian = static_cast<double>(map.size) / kTwoPi;
  value.by_first *= cells_per_radian;
  value.by_second *= cells_per_radian;
  return value;
}

}  // namespace saltus::engine
