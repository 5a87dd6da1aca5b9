#pragma once

#include <vector>

#include "engine/core/span.h"
#include "engine/torsions/torsion_graph.h"

namespace saltus::engine {

/// Torsions [R], rad, in [-pi, pi), of one configuration [N, 3]; NaN where three atoms in a row lie
/// on a line.
void torsion_angles(const TorsionGraph& graph, Span<const double> x, Span<double> out);

/// Signs [I] of the invertible centres: +1 or -1 (+1 where the four atoms lie in a plane).
void inversion_signs(const TorsionGraph& graph, Span<const double> x, Span<int> out);

/// Turns one torsion to `tau`, leaving all other torsions of the graph, all bond lengths, angles
/// and signs of centres as they are: the smaller side rotates rigidly about the axis. As a map of x
/// to the new positions at a fixed change of angle its Jacobian is 1.
void set_torsion(const TorsionBond& torsion, double tau, Span<double> x);

}  // namespace saltus::engine
