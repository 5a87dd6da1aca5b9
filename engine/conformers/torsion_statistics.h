#pragma once

#include <cstddef>
#include <vector>

#include "engine/conformers/ensemble_sampler.h"
#include "engine/torsions/torsion_graph.h"

namespace saltus::engine {

/// torsion_angles() of all frames [F, R], rad.
std::vector<double> torsions_of_frames(const TorsionGraph& graph, ConstCoordinates frames);

/// quartet_angles() of all frames [F, R], rad.
std::vector<double> quartets_of_frames(const TorsionGraph& graph, ConstCoordinates frames);

/// Effective samples of each torsion [R] in an ensemble of several ladders: of the slower one of
/// cos(n tau) and sin(n tau), n the torsion's symmetry. Infinite autocorrelation (a torsion that
/// never moved) gives 0.
/// @param torsions  [F, R], rad, of either kind, of frames in time order
/// @param ladders   [F]
std::vector<double> effective_torsion_samples(const TorsionGraph& graph,
                                              const std::vector<double>& torsions,
                                              const std::vector<std::size_t>& ladders);

/// Frames of each ladder, as many of each.
/// @param ladders  [F], the ladder of each frame
std::vector<std::vector<std::size_t>> frames_of_ladders(const std::vector<std::size_t>& ladders);

/// Effective samples of a series of several ladders of one length, one ladder behind the other; 0
/// for fewer than four steps and when the autocorrelation time is infinite.
double effective_samples(const std::vector<double>& series, std::size_t n_ladders);

}  // namespace saltus::engine
