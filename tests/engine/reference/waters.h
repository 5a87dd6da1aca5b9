#pragma once

#include <vector>

#include "engine/system/system.h"

namespace saltus::tests {

/// Waters with one or two virtual sites; kMidpoint beside the line of two atoms only.
enum class Water { kFourSite, kMidpoint, kFiveSite, kLocalCoordinates };

/// Three of them in a box of 1.2 x 1.3 x 1.4 nm, each without interactions inside; cutoff 0.55 nm,
/// Ewald tolerance 1e-4.
engine::System waters(Water water, engine::NonbondedMethod method);

/// [N, 3], nm. One water is near a corner of the box. All sites are at the origin, where they do
/// not belong.
std::vector<double> water_positions(Water water);

}  // namespace saltus::tests
