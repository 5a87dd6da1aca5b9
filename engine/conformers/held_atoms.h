#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/conformers/stereo_check.h"
#include "engine/core/span.h"
#include "engine/torsions/torsion_graph.h"

namespace saltus::engine {

/// Atoms of a molecule that are at the same given places in every conformer: its core.
struct HeldAtoms {
  std::vector<std::size_t> atoms;
  std::vector<double> positions;  ///< [K, 3], nm

  bool empty() const { return atoms.empty(); }
};

/// Moves a conformer as a whole, mirrored where that fits better, to where its held atoms come
/// closest to their places, and then puts these exactly there.
/// @param x  in and out [N, 3], nm
/// @returns  how far they still were from their places, root mean square, nm
double put_in_place(const HeldAtoms& held, Span<double> x);

/// Puts the held atoms there and leaves the others where they are.
/// @param x  in and out [N, 3], nm
void set_in_place(const HeldAtoms& held, Span<double> x);

/// Whether all of them are there, to the last bit.
bool are_in_place(const HeldAtoms& held, Span<const double> x);

/// Atoms around which the given places contradict a configuration: centres all of whose neighbours
/// are held but one at most, and double bonds whose ends are held. Ascending; empty: none.
/// @param n_atoms  of the molecule
std::vector<std::size_t> contradictions(const HeldAtoms& held, const Configuration& configuration,
                                        std::size_t n_atoms);

/// For each torsion of a graph 1 where turning it would move held atoms, whichever side turns.
std::vector<std::uint8_t> held_torsions(const TorsionGraph& graph,
                                        const std::vector<std::size_t>& held);

/// The same graph, of whose torsions the side turns that has no held atoms, where there is one.
TorsionGraph turning_free_sides(const TorsionGraph& graph, const std::vector<std::size_t>& held);

}  // namespace saltus::engine
