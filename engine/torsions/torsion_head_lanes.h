#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "engine/lanes/lane_term.h"
#include "engine/torsions/mixture_lanes.h"
#include "engine/torsions/torsion_head.h"

namespace saltus::engine {

/// What the head reads for the chains of a block: rows [width] of a network's embeddings, each lane
/// its own.
struct TorsionHeadBlock {
  /// Of one known neighbour of each lane; lanes without one have no row.
  struct Message {
    std::array<const float*, kLaneWidth> rows{};
    alignas(64) std::array<double, kLaneWidth> angles{};  ///< folded, rad
  };

  std::size_t n_lanes = 0;
  std::array<const float*, kLaneWidth> bases{};  ///< null where nothing is asked
  std::vector<Message> messages;                 ///< added up in this order
};

/// Runs the head of a torsion network (formulas: mlsamplers::NetworkTorsionModel) for each lane and
/// leaves weights, means and concentrations. The network itself is in float and rounds products and
/// sums apart, so that every instruction set gives the bits of scalar code; what is made of its
/// outputs is in double.
/// @return  whether all outputs that were asked for are finite
bool evaluate_torsion_head(const TorsionHead& head, const TorsionHeadBlock& block,
                           MixtureBlock& out);

}  // namespace saltus::engine
