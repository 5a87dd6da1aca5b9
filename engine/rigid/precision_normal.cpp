#include "engine/rigid/precision_normal.h"

#include <Eigen/Cholesky>
#include <cmath>
#include <limits>

#include "engine/core/error.h"
#include "engine/core/finite.h"
#include "engine/core/units.h"

namespace saltus::engine {

namespace {

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Eigen::Map<const RowMajor> square(Span<const double> values, std::size_t n) {
  const auto size = static_cast<Eigen::Index>(n);
  return {values.data(), size, size};
}

Eigen::Map<Eigen::VectorXd> column(std::vector<double>& values) {
  return {values.data(), static_cast<Eigen::Index>(values.size())};
}

}  // namespace

PrecisionNormal::PrecisionNormal(Span<const double> matrix, std::size_t n) : n_(n) {
  if (matrix.size() != n * n) throw InternalError("normal distribution: no square matrix");
  const Eigen::LLT<RowMajor> cholesky(square(matrix, n));
  if (cholesky.info() != Eigen::Success)
    throw NumericalError("normal distribution: the precision is not positive definite");
  const RowMajor factor = cholesky.matrixL();
  factor_.assign(factor.data(), factor.data() + factor.size());
  half_log_det_ = factor.diagonal().array().log().sum();
}

std::vector<double> PrecisionNormal::sample(double s, RandomStream& stream) const {
  std::vector<double> result(n_);
  for (double& value : result) value = stream.normal() / std::sqrt(s);
  Eigen::Map<Eigen::VectorXd> x = column(result);
  square(factor_, n_).transpose().triangularView<Eigen::Upper>().solveInPlace(x);
  return result;
}

double PrecisionNormal::log_density(Span<const double> x, double s) const {
  if (!all_finite(x)) return -std::numeric_limits<double>::infinity();
  const Eigen::Map<const Eigen::VectorXd> values(x.data(), static_cast<Eigen::Index>(n_));
  const Eigen::VectorXd whitened =
      square(factor_, n_).transpose().triangularView<Eigen::Upper>() * values;
  return 0.5 * static_cast<double>(n_) * std::log(s / kTwoPi) + half_log_det_ -
         0.5 * s * whitened.squaredNorm();
}

std::vector<double> PrecisionNormal::solve(std::vector<double> x) const {
  Eigen::Map<Eigen::VectorXd> values = column(x);
  square(factor_, n_).triangularView<Eigen::Lower>().solveInPlace(values);
  square(factor_, n_).transpose().triangularView<Eigen::Upper>().solveInPlace(values);
  return x;
}

}  // namespace saltus::engine
