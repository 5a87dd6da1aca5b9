#pragma once

#include <cstddef>

#include "engine/core/span.h"
#include "mlsamplers/leap/leap_model.h"

namespace saltus::mlsamplers {

/// Regression of fast coordinates on a basis, each coefficient w_k penalised by
/// smoothness n roughness_k^2 w_k^2, and the Cholesky factor of the residuals' covariance. Closed
/// form.
/// @param basis      [n, n_basis]
/// @param fast       [n, n_fast]
/// @param roughness  [n_basis], as FourierBasis::roughness
/// @param smoothness > 0
/// @throws NumericalError  when the covariance is not positive definite (fewer frames than
///                         coordinates, or a frozen coordinate)
FastRegression fit_fast_regression(engine::Span<const double> basis,
                                   engine::Span<const double> fast,
                                   engine::Span<const double> roughness, std::size_t n_fast,
                                   double smoothness);

/// Mean Gaussian log-density of rows under a regression.
double mean_log_density(const FastRegression& regression, engine::Span<const double> basis,
                        engine::Span<const double> fast);

}  // namespace saltus::mlsamplers
