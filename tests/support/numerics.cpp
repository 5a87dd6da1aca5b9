#include "tests/support/numerics.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace saltus::tests {

Derivative ridders_derivative(const std::function<double(double)>& f, double x, double first_step) {
  constexpr std::size_t kRows = 10;
  constexpr double kShrink = 1.4;
  double table[kRows][kRows];
  Derivative best{0.0, std::numeric_limits<double>::infinity()};
  double h = first_step;
  for (std::size_t i = 0; i < kRows; ++i, h /= kShrink) {
    table[0][i] = (f(x + h) - f(x - h)) / (2.0 * h);
    double power = kShrink * kShrink;
    for (std::size_t j = 1; j <= i; ++j, power *= kShrink * kShrink) {
      table[j][i] = (table[j - 1][i] * power - table[j - 1][i - 1]) / (power - 1.0);
      const double error = std::max(std::abs(table[j][i] - table[j - 1][i]),
                                    std::abs(table[j][i] - table[j - 1][i - 1]));
      if (error <= best.error) best = {table[j][i], error};
    }
    // Further steps only add rounding error once the extrapolation gets worse.
    if (i > 0 && std::abs(table[i][i] - table[i - 1][i - 1]) >= 2.0 * best.error) break;
  }
  return best;
}

double log_abs_determinant(std::vector<double> a, std::size_t n) {
  double log_det = 0.0;
  for (std::size_t column = 0; column < n; ++column) {
    std::size_t pivot = column;
    for (std::size_t row = column + 1; row < n; ++row)
      if (std::abs(a[row * n + column]) > std::abs(a[pivot * n + column])) pivot = row;
    if (a[pivot * n + column] == 0.0) return -std::numeric_limits<double>::infinity();
    for (std::size_t k = 0; k < n; ++k) std::swap(a[pivot * n + k], a[column * n + k]);
    log_det += std::log(std::abs(a[column * n + column]));
    for (std::size_t row = column + 1; row < n; ++row) {
      const double factor = a[row * n + column] / a[column * n + column];
      for (std::size_t k = column; k < n; ++k) a[row * n + k] -= factor * a[column * n + k];
    }
  }
  return log_det;
}

double gamma_cdf(int n, double x) {
  double term = 1.0, sum = 0.0;
  for (int k = 0; k < n; ++k) {
    sum += term;
    term *= x / (k + 1);
  }
  return 1.0 - std::exp(-x) * sum;
}

std::vector<double> random_rotation(engine::RandomStream& stream) {
  // A normalised Gaussian quaternion is uniform on the sphere in four dimensions.
  double q[4], norm = 0.0;
  for (double& component : q) {
    component = stream.normal();
    norm += component * component;
  }
  norm = std::sqrt(norm);
  const double w = q[0] / norm, x = q[1] / norm, y = q[2] / norm, z = q[3] / norm;
  return {1 - 2 * (y * y + z * z), 2 * (x * y - z * w),     2 * (x * z + y * w),
          2 * (x * y + z * w),     1 - 2 * (x * x + z * z), 2 * (y * z - x * w),
          2 * (x * z - y * w),     2 * (y * z + x * w),     1 - 2 * (x * x + y * y)};
}

void move_rigidly(engine::Span<double> x, const std::vector<double>& rotation,
                  const std::vector<double>& shift) {
  for (std::size_t a = 0; a < x.size(); a += 3) {
    const double old[3] = {x[a], x[a + 1], x[a + 2]};
    for (std::size_t d = 0; d < 3; ++d)
      x[a + d] = rotation[3 * d] * old[0] + rotation[3 * d + 1] * old[1] +
                 rotation[3 * d + 2] * old[2] + shift[d];
  }
}

engine::ChainView view_rows(const engine::ChainBatch& chains, std::size_t first,
                            std::size_t count) {
  const engine::Span<const engine::ThermodynamicState> states(chains.states);
  return {chains.positions.view().slice(first, count), states.subspan(first, count),
          static_cast<std::uint32_t>(first)};
}

}  // namespace saltus::tests
