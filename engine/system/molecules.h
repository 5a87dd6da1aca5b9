#pragma once

#include <cstddef>
#include <vector>

#include "engine/core/span.h"
#include "engine/system/system.h"
#include "engine/system/topology.h"

namespace saltus::engine {

/// Which molecule each atom is in.
struct Molecules {
  std::vector<std::size_t> of_atom;  ///< [N]; numbered from 0 in the order of their first atoms
  std::size_t count = 0;
};

/// Groups of atoms that bonds connect.
Molecules connected_molecules(std::size_t n_atoms, Span<const Bond> bonds);

/// The same by all that holds atoms together: the bonds of the topology, bonds and constraints of
/// the system, and virtual sites with their parents.
Molecules molecules_of(const Topology& topology, const System& system);

}  // namespace saltus::engine
