#pragma once

#include <cstddef>
#include <vector>

#include "engine/core/random.h"
#include "engine/core/span.h"

namespace saltus::engine {

/// Normal distributions around 0 whose precision, the inverse of the covariance, is a multiple s of
/// one positive definite matrix H = L L^T (Cholesky):
///   log density = n/2 log(s / 2 pi) + log det(H) / 2 - s |L^T x|^2 / 2,  x = L^-T z / sqrt(s).
class PrecisionNormal {
 public:
  PrecisionNormal() = default;
  /// @param matrix  H [n, n], row-major, symmetric
  /// @throws NumericalError  when it is not positive definite
  PrecisionNormal(Span<const double> matrix, std::size_t n);

  std::size_t size() const { return n_; }
  /// log det(H) / 2
  double half_log_det() const { return half_log_det_; }
  /// [n]
  std::vector<double> sample(double s, RandomStream& stream) const;
  /// -inf where a number is not finite.
  double log_density(Span<const double> x, double s) const;
  /// H^-1 x
  std::vector<double> solve(std::vector<double> x) const;

 private:
  std::size_t n_ = 0;
  std::vector<double> factor_;  ///< [n, n], row-major: L
  double half_log_det_ = 0.0;
};

}  // namespace saltus::engine
