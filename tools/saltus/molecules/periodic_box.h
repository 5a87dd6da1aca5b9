#pragma once

#include <array>
#include <string>
#include <vector>

#include "engine/core/span.h"
#include "engine/system/topology.h"

namespace saltus::tools {

/// A periodic box as an input gives it.
struct InputBox {
  std::array<double, 3> edges_nm{}, angles_rad{};
  std::string source;  ///< "x.pdb:2: the CRYST1 record"
};

/// True for what programs write when they know no box: an edge of at most 0.1 nm, less volume than
/// any matter has (0.005 nm^3 for each atom), or all edges shorter than the largest molecule, along
/// the axis where that is longest.
/// @param positions  [N, 3], nm
bool is_placeholder(const InputBox& box, const engine::Topology& topology,
                    engine::Span<const double> positions);

/// Decides what happens to a box while there are no periodic boxes.
/// @param why_not_used  what says how atoms interact instead, e.g. "nonbonded = \"no_cutoff\"
/// leaves
///                      it out"; empty when nothing does
/// @return a sentence for the user
/// @throws InputError  when the box is none of the placeholders and nothing is said
std::string judge_box(const InputBox& box, const engine::Topology& topology,
                      engine::Span<const double> positions, const std::string& why_not_used);

}  // namespace saltus::tools
