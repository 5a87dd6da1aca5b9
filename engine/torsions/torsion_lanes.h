#pragma once

#include <cstddef>

#include "engine/torsions/torsion_graph.h"

namespace saltus::engine {

/// Coordinates of all torsions of the chains of a block: the angles of torsion_angles(), NaN where
/// a reference atom lies on the axis.
/// @param x    [N][3][lane], nm
/// @param tau  out [R][lane], rad, in [-pi, pi)
void measure_torsions(const TorsionGraph& graph, std::size_t n_lanes, const double* x, double* tau);

/// Signs of the invertible centres, as inversion_signs() has them.
/// @param x      [N][3][lane], nm
/// @param signs  out [I][lane], +1 or -1
void measure_inversions(const TorsionGraph& graph, std::size_t n_lanes, const double* x,
                        int* signs);

}  // namespace saltus::engine
