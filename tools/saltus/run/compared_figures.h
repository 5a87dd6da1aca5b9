#pragma once

#include <string>
#include <vector>

#include "io/report/comparison_data.h"
#include "tools/saltus/run/compared_trajectory.h"

namespace saltus::tools {

/// A trajectory and its name in figures.
struct NamedTrajectory {
  std::string name;
  const ComparedTrajectory* trajectory;
};

/// Fills the figures of a peptide: -ln p along every phi and psi, TIC 0 and TIC 1; Ramachandran
/// maps; points in the plane of the TICs. The reference comes first.
void set_figures(const std::vector<NamedTrajectory>& trajectories,
                 const ComparedCoordinates& coordinates, io::ComparisonData::Peptide& peptide);

}  // namespace saltus::tools
