#pragma once

#include <cstddef>

#include "engine/core/span.h"
#include "engine/diagnostics/autocorrelation.h"

namespace saltus::engine {

/// Split R-hat: each chain is cut in two (the middle value of an odd number is left out), then
/// sqrt(total variance / within variance), total = (n-1)/n within + variance of the halves' means.
/// Of a weighted series that of its weighted deviations. Near 1 when chains agree; 1 for a constant
/// series; infinite when halves differ but never move. Source: Gelman et al., Bayesian Data
/// Analysis 3, sec. 11.4; Vehtari et al., Bayesian Anal. 16, 667 (2021), doi:10.1214/20-BA1221.
/// @throws InputError  as check_series for 4 steps
double split_r_hat(ChainSeries series);

/// Round trips between two named basins: visits to `first` that were followed by `second` and by
/// `first` again, over all chains. A value v is in `first` when v < first_below, in `second` when
/// v > second_above.
/// @throws InputError  as check_series for 1 step, or when first_below > second_above
std::size_t round_trips(ChainSeries series, double first_below, double second_above);

}  // namespace saltus::engine
