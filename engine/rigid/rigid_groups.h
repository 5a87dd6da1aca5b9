#pragma once

#include <cstddef>
#include <vector>

#include "engine/core/span.h"
#include "engine/system/system.h"
#include "engine/system/topology.h"

namespace saltus::engine {

/// The rigid bodies of a system, each by its atoms in ascending order, bodies in the order of their
/// first atoms: atoms that constraints hold together, with the virtual sites whose parents they
/// are; and single atoms. A body of n > 1 atoms with mass is rigid when its constraints leave no
/// internal motion: the rank of their Jacobian at the given geometry is 3 n - 6, or 1 for two
/// atoms. To first order, that is: distances alone do not hold three atoms on a line nor four in a
/// plane (there the density of constrained sampling would have no finite metric factor either).
///
/// Everything must be part of one: then the density of constrained sampling is one with respect to
/// the positions and orientations of the bodies, its metric factor sqrt(det M) being constant.
/// Rigid parts that share a joint are refused, as there it is not.
/// @param positions  [N, 3], nm, on the constraints, sites in their places
/// @param topology   names atoms in messages, its bonds hold molecules together; may be null
/// @throws InputError  at a bond between bodies, a body that is not rigid, an atom without mass
/// that
///                     is no virtual site, and a site whose parents are of different bodies
std::vector<std::vector<std::size_t>> rigid_groups(const System& system,
                                                   Span<const double> positions,
                                                   const Topology* topology);

}  // namespace saltus::engine
