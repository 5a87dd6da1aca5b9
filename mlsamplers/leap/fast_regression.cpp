#include "mlsamplers/leap/fast_regression.h"

#include <Eigen/Dense>
#include <cmath>

#include "engine/core/error.h"
#include "engine/core/units.h"

namespace saltus::mlsamplers {

namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using ConstMap = Eigen::Map<const Matrix>;

/// Widths below which a coordinate counts as constant (nm or rad), or, in units of its spread, as a
/// function of those before it.
constexpr double kFrozenWidth = 1e-9, kDependentWidth = 1e-6;

ConstMap as_matrix(engine::Span<const double> values, std::size_t columns) {
  return {values.data(), static_cast<Eigen::Index>(values.size() / columns),
          static_cast<Eigen::Index>(columns)};
}

}  // namespace

FastRegression fit_fast_regression(engine::Span<const double> basis,
                                   engine::Span<const double> fast,
                                   engine::Span<const double> roughness, std::size_t n_fast,
                                   double smoothness) {
  const std::size_t n_basis = roughness.size();
  const ConstMap b = as_matrix(basis, n_basis), f = as_matrix(fast, n_fast);
  Matrix normal = b.transpose() * b;
  for (std::size_t k = 0; k < n_basis; ++k)
    normal(static_cast<Eigen::Index>(k), static_cast<Eigen::Index>(k)) +=
        smoothness * static_cast<double>(b.rows()) * roughness[k] * roughness[k];
  const Matrix weights = normal.ldlt().solve(b.transpose() * f).transpose();

  const Matrix residual = f - b * weights.transpose();
  const Matrix covariance = residual.transpose() * residual / static_cast<double>(residual.rows());
  const Eigen::LLT<Matrix> factor(covariance);
  const Matrix lower = factor.matrixL();
  // Rounding turns a coordinate that never moves, or follows from others, into one of tiny width.
  const Eigen::ArrayXd smallest =
      (kDependentWidth * covariance.diagonal().array().sqrt()).max(kFrozenWidth);
  if (factor.info() != Eigen::Success || !lower.allFinite() ||
      residual.rows() <= static_cast<Eigen::Index>(n_fast) ||
      (lower.diagonal().array() < smallest).any())
    throw engine::NumericalError(
        "the covariance of " + std::to_string(n_fast) + " fast coordinates over " +
        std::to_string(residual.rows()) +
        " frames is not positive definite: use a longer pilot, and no constraints");

  FastRegression result;
  result.n_fast = n_fast;
  result.n_basis = n_basis;
  result.weights.assign(weights.data(), weights.data() + weights.size());
  result.cholesky.assign(lower.data(), lower.data() + lower.size());
  return result;
}

double mean_log_density(const FastRegression& regression, engine::Span<const double> basis,
                        engine::Span<const double> fast) {
  const ConstMap b = as_matrix(basis, regression.n_basis), f = as_matrix(fast, regression.n_fast);
  const ConstMap weights = as_matrix(regression.weights, regression.n_basis),
                 lower = as_matrix(regression.cholesky, regression.n_fast);
  Eigen::MatrixXd z = (f - b * weights.transpose()).transpose();
  lower.triangularView<Eigen::Lower>().solveInPlace(z);
  return -0.5 * z.squaredNorm() / static_cast<double>(f.rows()) -
         lower.diagonal().array().log().sum() -
         0.5 * static_cast<double>(regression.n_fast) * std::log(engine::kTwoPi);
}

}  // namespace saltus::mlsamplers
