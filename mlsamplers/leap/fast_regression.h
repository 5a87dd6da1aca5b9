#pragma once

#include <cstddef>

#include "engine/core/span.h"
#include "mlsamplers/leap/leap_model.h"

namespace saltus::mlsamplers {

/// Ridge regression of fast coordinates on a basis, and the Cholesky factor of the residuals'
/// covariance. Closed form.
/// @param basis  [n, n_basis]
/// @param fast   [n, n_fast]
/// @param ridge  relative to the mean diagonal element of the normal matrix, > 0
/// @throws NumericalError  when the covariance is not positive definite (fewer frames than
///                         coordinates, or a frozen coordinate)
FastRegression fit_fast_regression(engine::Span<const double> basis,
                                   engine::Span<const double> fast, std::size_t n_basis,
                                   std::size_t n_fast, double ridge);

/// Mean Gaussian log-density of rows under a regression.
double mean_log_density(const FastRegression& regression, engine::Span<const double> basis,
                        engine::Span<const double> fast);

}  // namespace saltus::mlsamplers
