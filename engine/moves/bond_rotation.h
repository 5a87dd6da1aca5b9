#pragma once

#include <array>
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

/// A bond that can be turned and one torsion about it: of first, bond.axis_from, bond.axis_to and
/// last, which is one of the moving atoms.
struct RotatableTorsion {
  std::size_t first = 0;
  RotatableBond bond;
  std::size_t last = 0;
};

/// The torsion of four atoms, bonded in a row, or of the same atoms in reverse: the smaller side
/// moves.
/// @throws InputError  naming the atoms, when they are not bonded in a row, or their middle bond is
///                     in a ring
RotatableTorsion rotatable_torsion(const Topology& topology,
                                   const std::array<std::size_t, 4>& atoms);

/// Those rotatable bonds that are peptide bonds before proline, or any other amino acid whose
/// nitrogen has no hydrogen: both cis and trans are common there, behind a barrier of some 80
/// kJ/mol.
std::vector<RotatableBond> bonds_before_proline(const Topology& topology);

/// Turns the moving atoms about the axis by an angle, rad: clockwise looking from axis_from to
/// axis_to, so that every torsion about the bond grows by the angle (Rodrigues' formula).
/// @param x  [N, 3], nm, changed in place
void rotate_about_bond(const RotatableBond& bond, double angle_rad, Span<double> x);

}  // namespace saltus::engine
