#pragma once

#include <cstddef>
#include <vector>

#include "engine/core/span.h"
#include "engine/rigid/rigid_bodies.h"
#include "engine/system/system.h"

namespace saltus::engine {

/// One number for each atom, [N], equal for atoms that energies do not tell apart: of equal mass,
/// charge, Lennard-Jones and implicit-solvent parameters and charge in a field. Atoms that a
/// restraint holds, and all atoms of an MMFF molecule, are alone. What bodies feel inside
/// themselves is constant and does not count.
std::vector<std::size_t> kinds_of_atoms(const System& system);

/// Proper rotations s of the frame of a body that put each of its atoms, virtual sites included, in
/// the place of one of its kind, within RigidBodies::kFarthest_nm; none first. With x the positions
/// at an orientation q, those at q s are x with numbers of equal atoms exchanged. Water has two,
/// ammonia three, methane twelve, a line of two equal atoms two: a turn about a line is no rotation
/// of it.
/// @param kinds  [n], of the atoms of the body
std::vector<Quaternion> equal_images(const RigidShape& shape, Span<const std::size_t> kinds);

/// How near orientation q is to a site r: the square of cos(angle / 2), angle being that of the
/// rotation between the two; of a line, of the turn of the line.
double nearness(const RigidShape& shape, Quaternion site, Quaternion orientation);

}  // namespace saltus::engine
