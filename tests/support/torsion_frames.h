#pragma once

#include <cstddef>
#include <vector>

#include "engine/system/coordinates.h"
#include "engine/torsions/torsion_graph.h"

namespace saltus::tests {

/// torsion_angles() of all frames [F, R], rad.
std::vector<double> torsions_of_frames(const engine::TorsionGraph& graph,
                                       engine::ConstCoordinates frames);

/// quartet_angles() of all frames [F, R], rad.
std::vector<double> quartets_of_frames(const engine::TorsionGraph& graph,
                                       engine::ConstCoordinates frames);

/// Effective samples of each torsion [R] in an ensemble of several ladders: of the slower one of
/// cos(n tau) and sin(n tau), n the torsion's symmetry. Infinite autocorrelation (a torsion that
/// never moved) gives 0.
/// @param torsions  [F, R], rad, of either kind, of frames in time order
/// @param ladders   [F]
std::vector<double> effective_torsion_samples(const engine::TorsionGraph& graph,
                                              const std::vector<double>& torsions,
                                              const std::vector<std::size_t>& ladders);

}  // namespace saltus::tests
