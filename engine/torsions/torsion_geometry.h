#pragma once

#include <vector>

#include "engine/core/span.h"
#include "engine/torsions/torsion_graph.h"

namespace saltus::engine {

/// Coordinates [R] of the torsions, rad, in [-pi, pi), of one configuration [N, 3]: the angle
/// between the directions of the two ends, seen along the axis, IUPAC sign. The direction of an end
/// is
///   d = e^(i s a_m) sum_k e^(i (phi_k - s a_k)) / n,
/// over its reference atom (a = 0) and others, phi_k their azimuths about the axis, a_k where they
/// are expected (120, 180 or 240 degrees), s = +1 or -1 for the far and near end: what all of them
/// say of the reference atom, so that a bending substituent changes tau less than the angle of a
/// single quartet. At ranked ends, m is the atom whose bond makes the largest angle with the axis
/// (a leaning phenyl ring or methyl group is not symmetric); at other ends a_m = 0. Turning any
/// bond of the graph changes neither the azimuths of an end relative to each other nor those
/// angles: tau grows by the angle by which its own bond turns, whatever the others do. NaN where a
/// reference atom lies on the axis.
void torsion_angles(const TorsionGraph& graph, Span<const double> x, Span<double> out);

/// Torsion angles [R] of the quartets of atoms, rad, in [-pi, pi), IUPAC sign: what is shown to
/// users. NaN where three atoms in a row lie on a line.
void quartet_angles(const TorsionGraph& graph, Span<const double> x, Span<double> out);

/// Signs [I] of the invertible centres: +1 or -1 (+1 where the four atoms lie in a plane).
void inversion_signs(const TorsionGraph& graph, Span<const double> x, Span<int> out);

/// Turns one torsion to `tau`, leaving all other torsions of the graph, all bond lengths, angles
/// and signs of centres as they are: the smaller side rotates rigidly about the axis. As a map of x
/// to the new positions at a fixed change of angle its Jacobian is 1.
void set_torsion(const TorsionBond& torsion, double tau, Span<double> x);

}  // namespace saltus::engine
