#pragma once

#include <string>
#include <vector>

#include "engine/system/system.h"

namespace saltus::tests {

/// A small made-up system with one kind of energy term, or all of them.
struct LaneCase {
  std::string name;
  engine::System system;
  std::vector<double> positions;  ///< [N, 3], nm
  double spread_nm = 0.005;       ///< of the displacements that make chains of it
};

/// Every kind of term in every variant; some where atoms lie exactly on a line or in a plane.
const std::vector<LaneCase>& lane_cases();

/// The same case, every position and reference of a restraint moved along (1, 1, 1).
LaneCase shifted(LaneCase original, double distance_nm);

}  // namespace saltus::tests
