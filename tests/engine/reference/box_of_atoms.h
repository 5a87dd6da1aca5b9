#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "engine/system/system.h"

namespace saltus::tests {

constexpr std::size_t kBoxAtoms = 20;
constexpr std::array<double, 3> kBoxEdges = {1.25, 1.3, 1.5};  // nm

/// A box with tilted b and c and the same diagonal.
engine::Box tilted_box();

/// Two kinds of atoms with charges +-0.3 e, two scaled pairs and an excluded one; periodic with a
/// cutoff of 0.6 nm.
engine::System box_of_atoms(const engine::Box& box);

/// A disturbed lattice, stretched to the box; some atoms are whole vectors a or b away. Among these
/// is atom 0, whose exception with atom 1 takes positions as they are.
std::vector<double> positions_in(const engine::Box& box);

}  // namespace saltus::tests
