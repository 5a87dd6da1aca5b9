#pragma once

#include <cstddef>
#include <vector>

#include "engine/core/span.h"
#include "engine/system/topology.h"

namespace saltus::engine {

/// A bond that can be turned, and the atoms that turn with it (those on the side of `axis_to`).
struct RotatableBond {
  std::size_t axis_from = 0, axis_to = 0;
  std::vector<std::size_t> moving;  ///< ascending, without axis_to
};

/// Every acyclic bond with neighbours on both ends; the smaller side moves.
std::vector<RotatableBond> rotatable_bonds(const Topology& topology);

/// Those of them that are peptide bonds before proline, or any other amino acid whose nitrogen has
/// no hydrogen: both cis and trans are common there, behind a barrier of some 80 kJ/mol.
std::vector<RotatableBond> bonds_before_proline(const Topology& topology);

/// Turns the moving atoms about the axis by an angle, rad: clockwise looking from axis_from to
/// axis_to, so that every torsion about the bond grows by the angle (Rodrigues' formula).
/// @param x  [N, 3], nm, changed in place
void rotate_about_bond(const RotatableBond& bond, double angle_rad, Span<double> x);

}  // namespace saltus::engine
