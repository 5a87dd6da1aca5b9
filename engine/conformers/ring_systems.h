#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "engine/core/span.h"
#include "engine/torsions/torsion_graph.h"

namespace saltus::engine {

/// Atoms of rings that hang together (fused, bridged, spiro), rising, of those systems that can
/// change shape: three tetrahedral atoms in rings of at least four, or one in a ring of more than
/// six.
std::vector<std::vector<std::size_t>> flexible_ring_systems(const TorsionGraph& graph);

/// For each atom [N] whether it is one of these.
std::vector<bool> marked(std::size_t n_atoms, const std::vector<std::size_t>& atoms);

/// All atoms that are reached from `start` without passing `barred`, start included.
std::vector<std::size_t> reached_from(const std::vector<std::vector<std::size_t>>& neighbours,
                                      std::size_t start, const std::vector<bool>& barred);

/// About how many torsions of a ring system can change independently: its single bonds with a
/// tetrahedral end, less three for each ring; at least one.
std::size_t ring_freedom(const TorsionGraph& graph, const std::vector<std::size_t>& system);

/// How many secondary amides (C(=O)-NH) of rings of more than eight atoms stand cis.
/// @param x  [N, 3], nm
std::size_t number_of_cis_amides(const TorsionGraph& graph, Span<const double> x);

}  // namespace saltus::engine
