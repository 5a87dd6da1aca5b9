#pragma once

#include "engine/core/span.h"

namespace saltus::engine {

/// log(sum exp(v)), stable; -inf for an empty or all -inf input.
double log_sum_exp(Span<const double> values);

/// log(exp(a) + exp(b)), stable; either may be -inf.
double log_add_exp(double a, double b);

/// Angle moved into [-pi, pi).
double wrap_angle(double radian);

}  // namespace saltus::engine
