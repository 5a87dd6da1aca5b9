#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "engine/core/span.h"
#include "engine/torsions/torsion_graph.h"

namespace saltus::engine {

/// Four atoms of a torsion.
using Quartet = std::array<std::size_t, 4>;

/// Torsions of all single bonds of rings of at least four atoms, each within the smallest ring the
/// bond is in, in the order of the graph's bonds.
std::vector<Quartet> ring_torsions(const TorsionGraph& graph);

/// An atom bonded to an atom of a ring by a bond that is in no ring.
struct RingSubstituent {
  std::size_t atom = 0;
  std::size_t centre = 0;              ///< the atom of the ring
  std::array<std::size_t, 2> sides{};  ///< two neighbours of it in the ring
  std::vector<std::size_t> branch;     ///< all atoms beyond `atom`, ascending
};

/// Rings that have atoms in common, and all that hangs on them.
struct RingSystem {
  std::vector<std::size_t> atoms;  ///< of the rings, ascending
  std::vector<RingSubstituent> substituents;
  std::vector<Quartet> torsions;        ///< ring_torsions() within it; at least one
  std::vector<std::size_t> inversions;  ///< of its nitrogens, into TorsionGraph::inversions

  /// Three of each ring atom and substituent, less six.
  std::size_t n_coordinates() const { return 3 * (atoms.size() + substituents.size()) - 6; }
};

/// All with a single bond in a ring of at least four atoms, by their first atoms.
std::vector<RingSystem> movable_ring_systems(const TorsionGraph& graph);

/// torsion_angle() of the four, rad in [-pi, pi).
double quartet_angle(Span<const double> x, const Quartet& atoms);

}  // namespace saltus::engine
