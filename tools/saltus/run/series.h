#pragma once

#include <set>
#include <string>
#include <vector>

#include "engine/diagnostics/autocorrelation.h"
#include "engine/run/run_summary.h"

namespace saltus::tools {

/// Owns a time series of several chains, values[chain * n_steps + step], and where their weights
/// differ the log-weights, as values.
struct OwnedSeries {
  std::string name, unit;
  std::vector<double> values;
  std::size_t n_chains = 0, n_steps = 0;
  std::vector<double> log_weights = {};

  engine::ChainSeries view() const { return {values, n_chains, n_steps, log_weights}; }
};

/// Series of torsion angles -> what is reported about them: the cosine of each, and for each phi
/// that is not held by a ring the fraction of time in the left-handed region, 0 to 160 degrees.
/// Weights stay.
/// @param torsions  named as NamedTorsion, rad
/// @param held      names, see held_by_rings
std::vector<OwnedSeries> torsion_observables(const std::vector<OwnedSeries>& torsions,
                                             const std::set<std::string>& held);

/// Statistics of all series, weighted where they have weights.
std::vector<engine::ObservableSummary> summarise(const std::vector<OwnedSeries>& series);

}  // namespace saltus::tools
