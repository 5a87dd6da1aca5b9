#pragma once

#include <string>
#include <vector>

#include "io/report/comparison_data.h"
#include "tools/saltus/decks/compare_deck.h"
#include "tools/saltus/run/compared_trajectory.h"

namespace saltus::tools {

/// The worst split R-hat of the observables that a run recorded and of TIC 0.
struct WorstRHat {
  double value = io::ComparisonData::kUnknown;
  std::string of;
};
WorstRHat worst_r_hat(const ComparedTrajectory& trajectory);

/// Sets effective samples of TIC 0 and of the slowest of TIC 0 and the states, and what they cost.
/// A state that was never entered or never left counts as no samples.
/// @param names, indicators  of the states
void set_samples(const ComparedTrajectory& trajectory, const std::vector<std::string>& names,
                 const std::vector<std::vector<double>>& indicators, io::ComparisonData::Run& run);

/// Sets costs, exactness and what is to be said of them.
void set_costs(const ComparedTrajectory& trajectory, const ComparedRunDeck& deck,
               io::ComparisonData::Run& run);

/// Sets how often learned leaps were accepted: all together, and the median over their blocks. Ways
/// to move one block ("residue_2/carry_0.5") are counted together; a leap of the whole molecule is
/// one block.
void set_acceptance(const ComparedTrajectory& trajectory, io::ComparisonData::Run& run);

/// Sets the speed-ups of every run that is judged, from runs of plain dynamics or, without one of
/// OpenMM, from what the run's own [comparison] has measured. What is missing is a remark.
/// @param runs, trajectories, decks  of one peptide, in the same order
void set_speed_ups(const std::vector<ComparedTrajectory>& trajectories,
                   const std::vector<ComparedRunDeck>& decks,
                   std::vector<io::ComparisonData::Run>& runs);

}  // namespace saltus::tools
