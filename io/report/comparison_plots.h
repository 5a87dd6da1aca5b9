#pragma once

#include <string>
#include <vector>

#include "io/report/comparison_data.h"

/// Gnuplot scripts of a comparison's figures, as those of io/report/plots.h.
namespace saltus::io {

/// Speed-ups on a log scale, in their order, with the line of no gain; "" for none.
std::string speed_up_script(const std::vector<NamedSpeedUp>& speed_ups);

/// Free energies of several runs with bands of one standard error.
std::string profile_script(const ComparisonData::Profile& profile);

/// Points of all runs in the plane of TIC 0 and TIC 1, the reference (the first) in grey below.
std::string tic_points_script(const std::vector<ComparisonData::Points>& runs);

/// One of the distances of a sample.
using DistanceOf = const ComparisonData::Distance& (*)(const ComparisonData::Distances&);

/// A distance against energy evaluations for all runs that know them, each with its floor; "" when
/// none does.
/// @param quantity  with its unit, "Energy distance / kT"
std::string distance_curve_script(const std::vector<ComparisonData::Run>& runs,
                                  const std::string& quantity, DistanceOf distance_of);

}  // namespace saltus::io
