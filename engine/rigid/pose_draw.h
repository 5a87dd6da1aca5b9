#pragma once

#include <cstddef>
#include <vector>

#include "engine/moves/proposal.h"
#include "engine/rigid/pose_coordinates.h"

namespace saltus::engine {

/// Poses of the bodies of a chain, and coordinates drawn for some of them in the place of others.
struct PoseDraw {
  std::vector<RigidPose> poses;  ///< [M], before the draw
  std::vector<double> from, to;  ///< [PoseCoordinates::size()], of one body of reference
};

/// Puts bodies of chain c where a draw says, their velocities turned along. A draw that is not its
/// own image, and so is no pose's, is impossible: log_forward = -inf, whatever it was.
/// @param result  in and out; with positions, and velocities or none, of the chain before the draw
void place_draw(const PoseCoordinates& chart, const std::vector<std::size_t>& bodies,
                const PoseDraw& draw, std::size_t c, ProposalBatch& result);

}  // namespace saltus::engine
