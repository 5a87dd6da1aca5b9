#pragma once

#include "engine/core/span.h"

namespace saltus::engine {

/// Kish effective sample size of importance weights: (sum w)^2 / sum w^2, in [1, n].
/// @param log_weights  [n], dimensionless, any common offset; -inf allowed, NaN and +inf not
/// @throws NumericalError  when no weight is positive or one is NaN or +inf
double kish_effective_sample_size(Span<const double> log_weights);

}  // namespace saltus::engine
