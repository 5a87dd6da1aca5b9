#include "engine/diagnostics/tica.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "engine/core/error.h"

namespace saltus::engine {
namespace {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;
using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using ConstRows = Eigen::Map<const Rows>;

/// Directions of less than this part of the largest variance are rounding or exact relations.
constexpr double kSmallestDirection = 1e-6;

/// w(x) = constant + slope . x; both relative to the shift.
struct LinearWeights {
  double constant = 1.0;
  Vector slope;  ///< empty: none
};

/// Weighted sums over pairs (x, y) of rows, each minus a shift near their mean.
struct PairSums {
  double weight = 0.0;
  Vector shift, x, y;
  Matrix xx, yy, xy;
};

void check(const FeatureChains& features, const TicaOptions& options) {
  if (features.n_features == 0 || features.n_chains == 0)
    throw InputError("TICA of nothing: expected at least one chain and one feature");
  if (options.lag_steps == 0 || options.n_components == 0)
    throw InputError("TICA: expected a lag of at least one step and at least one component");
  if (features.n_steps <= options.lag_steps)
    throw InputError("TICA at a lag of " + std::to_string(options.lag_steps) +
                     " steps of chains of " + std::to_string(features.n_steps) +
                     " steps: expected longer chains or a shorter lag");
}

std::vector<double> rows_of(const FeatureChains& features, std::size_t chain) {
  std::vector<double> rows = features.rows(chain);
  if (rows.size() != features.n_steps * features.n_features)
    throw InternalError("features of a chain have the wrong number of values");
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (!std::isfinite(rows[i]))
      throw InputError("feature " + std::to_string(i % features.n_features) +
                       " is not finite at chain " + std::to_string(chain) + ", step " +
                       std::to_string(i / features.n_features));
  return rows;
}

PairSums sum_pairs(const FeatureChains& features, std::size_t lag, const LinearWeights& weights) {
  const auto n = static_cast<Eigen::Index>(features.n_features);
  const auto pairs = static_cast<Eigen::Index>(features.n_steps - lag);
  PairSums sums;
  sums.x = sums.y = Vector::Zero(n);
  sums.xx = sums.yy = sums.xy = Matrix::Zero(n, n);
  for (std::size_t chain = 0; chain < features.n_chains; ++chain) {
    const std::vector<double> values = rows_of(features, chain);
    const ConstRows all(values.data(), static_cast<Eigen::Index>(features.n_steps), n);
    // Sums about a value near the mean lose no digits.
    if (chain == 0) sums.shift = all.colwise().mean().transpose();
    const Rows rows = all.rowwise() - sums.shift.transpose();
    const auto x = rows.topRows(pairs);
    const auto y = rows.bottomRows(pairs);
    Vector w = Vector::Constant(pairs, weights.constant);
    if (weights.slope.size() > 0) w += x * weights.slope;
    const Rows wx = w.asDiagonal() * x;
    const Rows wy = w.asDiagonal() * y;
    sums.weight += w.sum();
    sums.x += wx.colwise().sum().transpose();
    sums.y += wy.colwise().sum().transpose();
    sums.xx.noalias() += wx.transpose() * x;
    sums.yy.noalias() += wy.transpose() * y;
    sums.xy.noalias() += wx.transpose() * y;
  }
  return sums;
}

/// Linear weights may be negative, and so a variance.
void require_variance(const Matrix& covariance) {
  for (Eigen::Index i = 0; i < covariance.rows(); ++i)
    if (covariance(i, i) < 0.0)
      throw NumericalError("TICA: with Koopman weights the variance of feature " +
                           std::to_string(i) +
                           " is not positive: chains begin too far from equilibrium; use longer "
                           "chains or koopman = false");
}

/// Columns b with b' C b = 1, spanning all directions in which the features vary.
Matrix whitening(const Matrix& covariance) {
  const Vector variance = covariance.diagonal().cwiseMax(0.0);
  const double largest = variance.maxCoeff();
  if (!(largest > 0.0)) throw NumericalError("TICA: no feature varies: expected chains that move");
  Vector scale(variance.size());
  for (Eigen::Index i = 0; i < scale.size(); ++i) {
    // What varies by rounding only is a constant.
    constexpr double kConstant = 1e-20;
    scale[i] = variance[i] > kConstant * largest ? 1.0 / std::sqrt(variance[i]) : 0.0;
  }
  const Matrix scaled = scale.asDiagonal() * covariance * scale.asDiagonal();
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(scaled);
  const Vector& values = solver.eigenvalues();
  const double cut = kSmallestDirection * values[values.size() - 1];
  Eigen::Index first = 0;
  while (values[first] <= cut) ++first;
  const Eigen::Index kept = values.size() - first;
  const Matrix directions = solver.eigenvectors().rightCols(kept) *
                            values.tail(kept).cwiseSqrt().cwiseInverse().asDiagonal();
  return scale.asDiagonal() * directions;
}

/// Weights for which every feature has the same mean at both ends of the pairs: in the whitened
/// basis f of x with constant 1 added, u = K' u with K = E[f(x) f(y)'].
LinearWeights koopman_weights(const PairSums& sums) {
  const Vector mean = sums.x / sums.weight;
  const Vector later = sums.y / sums.weight - mean;
  const Matrix basis = whitening(sums.xx / sums.weight - mean * mean.transpose());
  // E[(x - mean) (y - mean)']: the mean of x - mean is zero.
  const Matrix lagged = sums.xy / sums.weight - mean * (sums.y / sums.weight).transpose();
  const Matrix k = basis.transpose() * lagged * basis;
  const Matrix left = Matrix::Identity(k.rows(), k.cols()) - k.transpose();
  const Eigen::FullPivLU<Matrix> solver(left);
  if (!solver.isInvertible())
    throw NumericalError(
        "TICA: Koopman weights are not defined, some feature never changes within a chain; use "
        "more chains or koopman = false");
  const Vector v = solver.solve(basis.transpose() * later);
  LinearWeights weights;
  weights.slope = basis * v;
  weights.constant = 1.0 - weights.slope.dot(mean);
  return weights;
}

}  // namespace

double TicaModel::timescale_steps(std::size_t component) const {
  const double value = eigenvalues.at(component);
  if (!(value > 0.0) || value >= 1.0) return std::numeric_limits<double>::quiet_NaN();
  return -static_cast<double>(lag_steps) / std::log(value);
}

std::vector<double> TicaModel::project(Span<const double> rows) const {
  if (n_features == 0 || rows.size() % n_features != 0)
    throw InputError("TICA of " + std::to_string(n_features) + " features cannot project " +
                     std::to_string(rows.size()) + " values: expected whole rows");
  const auto n = static_cast<Eigen::Index>(n_features);
  const auto n_rows = static_cast<Eigen::Index>(rows.size() / n_features);
  const auto n_out = static_cast<Eigen::Index>(n_components());
  std::vector<double> out(static_cast<std::size_t>(n_rows * n_out));
  const ConstRows values(rows.data(), n_rows, n);
  const ConstRows directions(components.data(), n_out, n);
  const Eigen::Map<const Vector> offset(mean.data(), n);
  Eigen::Map<Rows> result(out.data(), n_rows, n_out);
  result.noalias() = (values.rowwise() - offset.transpose()) * directions.transpose();
  return out;
}

TicaModel fit_tica(const FeatureChains& features, const TicaOptions& options) {
  check(features, options);
  PairSums sums = sum_pairs(features, options.lag_steps, {});
  if (options.koopman) {
    // The weights refer to the same shift, which is the first chain's mean both times.
    sums = sum_pairs(features, options.lag_steps, koopman_weights(sums));
    if (!(sums.weight > 0.0))
      throw NumericalError("TICA: the Koopman weights add up to nothing; use koopman = false");
  }
  const Vector mean = 0.5 * (sums.x + sums.y) / sums.weight;
  const Matrix squares = mean * mean.transpose();
  const Matrix now = 0.5 * (sums.xx + sums.yy) / sums.weight - squares;
  if (options.koopman) require_variance(now);
  const Vector mean_x = sums.x / sums.weight, mean_y = sums.y / sums.weight;
  const Matrix cross =
      sums.xy / sums.weight - mean_x * mean.transpose() - mean * mean_y.transpose() + squares;
  const Matrix basis = whitening(now);
  const Matrix lagged = basis.transpose() * (0.5 * (cross + cross.transpose())) * basis;
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(lagged);

  TicaModel model;
  model.n_features = features.n_features;
  model.lag_steps = options.lag_steps;
  const Vector centre = mean + sums.shift;
  model.mean.assign(centre.data(), centre.data() + centre.size());
  const Eigen::Index n = solver.eigenvalues().size();
  const auto wanted = std::min(static_cast<Eigen::Index>(options.n_components), n);
  const Vector deviation = now.diagonal().cwiseMax(0.0).cwiseSqrt();
  for (Eigen::Index i = 0; i < wanted; ++i) {
    Vector component = basis * solver.eigenvectors().col(n - 1 - i);
    Eigen::Index largest = 0;
    component.cwiseProduct(deviation).cwiseAbs().maxCoeff(&largest);
    if (component[largest] < 0.0) component = -component;
    model.components.insert(model.components.end(), component.data(),
                            component.data() + component.size());
    model.eigenvalues.push_back(solver.eigenvalues()[n - 1 - i]);
  }
  return model;
}

}  // namespace saltus::engine
