#pragma once

#include <cstddef>
#include <vector>

#include "engine/core/random.h"
#include "engine/core/span.h"
#include "engine/potential/energy_function.h"
#include "engine/system/coordinates.h"
#include "engine/torsions/torsion_graph.h"

namespace saltus::engine {

/// Whether one side of the bond has no other atoms than hydrogen (hydroxy, amino, methyl).
bool turns_hydrogen_only(const TorsionGraph& graph, const TorsionBond& torsion);

/// Puts hydrogen atoms where the energy is lowest while all others stay: those of bonds that turn
/// nothing else (unless that only exchanges three of them) to the best of six places a turn, those
/// of nitrogens that can invert and have one to the better side, one bond or nitrogen after the
/// other, twice if there are several. Never raises an energy. Shapes that are told apart by their
/// heavy atoms have the lowest energy of their shape that way.
/// @param held  atoms that stay
/// @param x     in and out [C, N, 3], nm
void settle_hydrogens(const EnergyFunction& energy, const TorsionGraph& graph,
                      const std::vector<std::size_t>& held, CoordinateBatch& x);

/// The conformer with its hydrogens in other places of those: in all combinations if there are at
/// most `max_variants`, else in as many random ones, each settled. None if there is nothing to
/// decide about.
/// @param x    [N, 3], nm
/// @param key  of a step that no pool has
CoordinateBatch hydrogen_variants(const EnergyFunction& energy, const TorsionGraph& graph,
                                  const std::vector<std::size_t>& held, Span<const double> x,
                                  std::size_t max_variants, StepKey key);

}  // namespace saltus::engine
