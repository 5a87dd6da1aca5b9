// Oracle: a known linear-Gaussian model, ridge regression on an orthogonal basis worked out by
// hand, and the bivariate normal density.
#include <gtest/gtest.h>

#include <cmath>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "mlsamplers/leap/fast_regression.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"

namespace saltus::tests {
namespace {

using mlsamplers::FastRegression;
using mlsamplers::fit_fast_regression;
using mlsamplers::mean_log_density;

constexpr std::size_t kBasis = 3, kFast = 2;
const std::vector<double> kWeights = {0.5, -1.0, 2.0, -0.3, 0.7, 0.1};
const std::vector<double> kCholesky = {0.4, 0.0, -0.2, 0.3};

struct Rows {
  std::vector<double> basis, fast;
};

Rows draw_rows(std::size_t n, std::uint64_t seed) {
  Rows rows;
  auto stream = test_stream(seed);
  for (std::size_t i = 0; i < n; ++i) {
    const double b[kBasis] = {1.0, stream.normal(), stream.normal()};
    const double z[kFast] = {stream.normal(), stream.normal()};
    rows.basis.insert(rows.basis.end(), b, b + kBasis);
    for (std::size_t f = 0; f < kFast; ++f) {
      double value = 0.0;
      for (std::size_t k = 0; k < kBasis; ++k) value += kWeights[f * kBasis + k] * b[k];
      for (std::size_t k = 0; k < kFast; ++k) value += kCholesky[f * kFast + k] * z[k];
      rows.fast.push_back(value);
    }
  }
  return rows;
}

TEST(FastRegression, RecoversALinearGaussianModel) {
  constexpr std::size_t kRows = 40000;
  const Rows rows = draw_rows(kRows, 71);
  const FastRegression fit =
      fit_fast_regression(rows.basis, rows.fast, std::vector<double>{0.0, 1.0, 1.0}, kFast, 1e-9);
  ASSERT_EQ(fit.n_fast, kFast);
  ASSERT_EQ(fit.n_basis, kBasis);
  // Six standard errors: residuals are at most 0.4 wide and the basis has unit variance.
  const double tolerance = tolerance_scale() * 6.0 * 0.4 / std::sqrt(double{kRows});
  for (std::size_t i = 0; i < kWeights.size(); ++i)
    EXPECT_NEAR(fit.weights[i], kWeights[i], tolerance) << "weight " << i;
  for (std::size_t i = 0; i < kCholesky.size(); ++i)
    EXPECT_NEAR(fit.cholesky[i], kCholesky[i], tolerance) << "Cholesky factor " << i;
  EXPECT_EQ(fit.cholesky[1], 0.0);
}

TEST(FastRegression, PenaltyShrinksAsByHand) {
  // An orthogonal basis, so that each weight is sum(b f) / (sum(b^2) + smoothness n roughness^2).
  const std::vector<double> basis = {1, 1, 1, -1, 1, 1, 1, -1}, fast = {3.0, 1.0, 3.5, 0.5};
  const FastRegression fit =
      fit_fast_regression(basis, fast, std::vector<double>{0.0, 2.0}, 1, 0.25);
  EXPECT_NEAR(fit.weights[0], 2.0, 1e-14);
  EXPECT_NEAR(fit.weights[1], 5.0 / (4.0 + 0.25 * 4.0 * 4.0), 1e-14);
  // Residuals against 2 +- 0.625.
  const double variance = (0.375 * 0.375 * 2.0 + 0.875 * 0.875 * 2.0) / 4.0;
  EXPECT_NEAR(fit.cholesky[0], std::sqrt(variance), 1e-14);
}

TEST(FastRegression, MeanLogDensityIsTheBivariateNormal) {
  const FastRegression model = {kFast, kBasis, kWeights, kCholesky};
  const Rows rows = draw_rows(5, 72);
  const double s1 = kCholesky[0], s2 = std::hypot(kCholesky[2], kCholesky[3]),
               rho = kCholesky[2] / s2;
  double sum = 0.0;
  for (std::size_t i = 0; i < 5; ++i) {
    double r[kFast];
    for (std::size_t f = 0; f < kFast; ++f) {
      r[f] = rows.fast[i * kFast + f];
      for (std::size_t k = 0; k < kBasis; ++k)
        r[f] -= kWeights[f * kBasis + k] * rows.basis[i * kBasis + k];
    }
    const double x = r[0] / s1, y = r[1] / s2;
    sum += -0.5 * (x * x - 2.0 * rho * x * y + y * y) / (1.0 - rho * rho) -
           std::log(engine::kTwoPi * s1 * s2 * std::sqrt(1.0 - rho * rho));
  }
  EXPECT_NEAR(mean_log_density(model, rows.basis, rows.fast), sum / 5.0, tolerance_scale() * 1e-12);
}

std::string refusal(const std::vector<double>& fast, std::size_t n_fast) {
  const std::vector<double> basis(fast.size() / n_fast, 1.0);
  return message_of<engine::NumericalError>(
      [&] { fit_fast_regression(basis, fast, std::vector<double>{0.0}, n_fast, 1e-3); });
}

TEST(FastRegression, RefusesSingularCovariances) {
  const auto expected = [](int n_fast, int n_frames) {
    return "the covariance of " + std::to_string(n_fast) + " fast coordinates over " +
           std::to_string(n_frames) +
           " frames is not positive definite: use a longer pilot, and no constraints";
  };
  auto stream = test_stream(73);
  std::vector<double> constant, dependent, few;
  for (int i = 0; i < 50; ++i) {
    const double value = stream.normal();
    // The mean of equal numbers is not always that number: rounding looks like a tiny width.
    constant.insert(constant.end(), {value, 0.109 + (i % 2) * 1e-16});
    dependent.insert(dependent.end(), {value, 0.1 * value + 0.3});
  }
  for (int i = 0; i < 6; ++i) few.push_back(stream.normal());
  EXPECT_EQ(refusal(constant, 2), expected(2, 50));
  EXPECT_EQ(refusal(dependent, 2), expected(2, 50));
  EXPECT_EQ(refusal(few, 3), expected(3, 2));
}

}  // namespace
}  // namespace saltus::tests
