#pragma once

#include <cstddef>
#include <vector>

#include "engine/core/span.h"
#include "engine/system/box.h"
#include "engine/system/molecules.h"
#include "engine/system/system.h"
#include "engine/system/topology.h"

namespace saltus::engine {

/// Atoms that hold each atom where it is: by a bond of the topology, by a bond or constraint of the
/// system of at most 0.3 nm (others tie molecules together as springs do), or as a virtual site and
/// its parents; [N], ascending.
std::vector<std::vector<std::size_t>> held_neighbours(const Topology& topology,
                                                      const System& system);

/// Puts molecules together that are broken across a periodic box: files often have every atom
/// inside of the box, and bonded terms use positions as they are. Walks along bonds from the first
/// atom of each molecule, which stays, and moves the others by whole edge vectors to the nearest
/// images of those they are bonded to. Molecules that are whole keep their bits.
///
/// @param neighbours  as from held_neighbours: [N], each pair at both of its atoms
/// @param topology    the atoms' names, for messages
/// @param x           [N, 3], nm, in and out
/// @returns           how many molecules were moved in part
/// @throws InputError  naming the atoms: two that hold each other are more than 0.3 nm apart at
///                     their nearest images, longer than any covalent bond; a molecule is bonded to
///                     its own image, as in a crystal or a polymer without ends, so that no image
///                     of it is whole. Positions are unchanged then
std::size_t make_molecules_whole(const std::vector<std::vector<std::size_t>>& neighbours,
                                 const Topology& topology, const Box& box, Span<double> x);

/// Moves each molecule as a whole, by edge vectors, to where the mean place of its atoms is in the
/// brick of Box::wrapped. Molecules that are there stay as they are. For files: in a liquid,
/// molecules wander off without end, and numbers of single precision with them.
/// @param x  [N, 3], nm, in and out, of whole molecules
void move_molecules_into_box(const Molecules& molecules, const Box& box, Span<double> x);

}  // namespace saltus::engine
