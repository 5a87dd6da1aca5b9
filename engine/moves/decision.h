#pragma once

#include <string>
#include <vector>

#include "engine/ensemble/target_density.h"
#include "engine/moves/move.h"

namespace saltus::engine {

/// Log of the Metropolis-Hastings ratio:
/// (log pi(x') + log q(x|x')) - (log pi(x) + log q(x'|x)).
/// -inf (certain rejection) when the proposed density is zero or undefined, or when log_forward is
/// not finite. Source: Hastings, Biometrika 57, 97 (1970), doi:10.1093/biomet/57.1.97.
double metropolis_log_ratio(double log_target_current, double log_target_proposed,
                            double log_forward, double log_reverse);

/// min(1, exp(log_ratio)); 0 for -inf and NaN.
double acceptance_probability(double log_ratio);

/// Whether chain c accepts: a uniform number of (key, name, c) is below the acceptance probability.
bool accepts(double log_ratio, const StepKey& key, StreamName name, std::size_t c);

/// Where all chains might go: one candidate each.
struct Candidates {
  CoordinateBatch positions;       ///< [B, N, 3], in the boxes that chains would then have
  TargetTerms terms;               ///< of these positions
  std::vector<double> log_ratios;  ///< [B], log acceptance ratio; not finite: invalid
  /// [B, N, 3], taken along when accepted; empty: chains keep their velocities.
  CoordinateBatch velocities;
};

/// The one place where chains accept or reject: chain c takes its candidate, with its terms, if it
/// accepts log_ratios[c] (stream kAccept), else it keeps its bits. A ratio that is not finite is
/// rejected and counted as invalid. Evaluations and CPU time are the caller's to add.
MoveRecord accept_or_reject(const std::string& name, const Candidates& candidates,
                            const StepKey& key, ChainBatch& chains);

/// @throws InputError  naming `who` when its densities are with respect to a measure that does not
///                     agree with the target's
void require_measure(const TargetDensity& target, ReferenceMeasure measure, const std::string& who);

}  // namespace saltus::engine
