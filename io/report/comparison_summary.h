#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "io/report/comparison_data.h"

namespace saltus::io {

/// One number of a run over all peptides that know it.
struct OverPeptides {
  std::size_t n = 0;  ///< peptides that know it
  double median = ComparisonData::kUnknown;
  double lowest = ComparisonData::kUnknown, highest = ComparisonData::kUnknown;
  std::string lowest_of, highest_of;  ///< names of peptides
};

/// A number that is told of every run.
struct SummaryQuantity {
  std::string key;    ///< in JSON: "median_block_acceptance"
  std::string title;  ///< on the page
  bool high_is_bad = false;
  OverPeptides values;
  std::size_t n_lower_bounds = 0;  ///< of speed-ups: how many of the values
};

/// What one run, by its name, came to over all peptides.
struct RunOverPeptides {
  std::string name, role;
  std::size_t n_peptides = 0;
  std::size_t n_missed = 0;           ///< states, all peptides together
  std::size_t n_peptides_missed = 0;  ///< peptides of which a state is missed
  /// Speed-ups of the slowest observable: key is what it is compared with.
  std::vector<SummaryQuantity> speed_ups;
  /// Acceptance, deviations of populations, R-hat, distances in their floors.
  std::vector<SummaryQuantity> quantities;
};

/// All runs, in the order they come.
std::vector<RunOverPeptides> runs_over_peptides(const ComparisonData& data);

/// Median, extremes and whose they are.
/// @param values  (peptide, number); NaN is left out
OverPeptides over_peptides(const std::vector<std::pair<std::string, double>>& values);

}  // namespace saltus::io
