#pragma once

#include <cstddef>
#include <vector>

#include "engine/core/random.h"
#include "engine/core/span.h"

namespace saltus::engine {

/// log((1/n) sum_i exp(v_i)), stable; -inf when all are.
double log_mean_exp(Span<const double> values);

/// Systematic resampling: n indices, each i on average n w_i / sum w times and never more than one
/// off (floor or ceiling), ascending. One uniform number from (key, kResampling, stream).
/// Source: Kitagawa, J. Comput. Graph. Stat. 5, 1 (1996), doi:10.1080/10618600.1996.10474692.
/// @param log_weights  [n], any common offset
/// @throws NumericalError  when no weight is positive or one is NaN or +inf
std::vector<std::size_t> systematic_resampling(Span<const double> log_weights, const StepKey& key,
                                               std::uint32_t stream);

}  // namespace saltus::engine
