#pragma once

#include <cstddef>

#include "engine/core/span.h"
#include "engine/dynamics/constraint_lanes.h"

namespace saltus::engine {

/// The part of constraint_lanes.h that rigid triangles are, on a block [3 n_atoms][lane]: SETTLE
/// for positions, three linear equations for velocities. Both solve the equations of SHAKE and
/// RATTLE; lanes in which all three constraints hold to their tolerance are left alone.
/// @param failed  in and out [lane], 0 or 1: set where there is no solution, or a side turns by
///                a right angle or more
void place_triangles(Span<const ConstraintTable::Triangle> triangles,
                     const PositionCorrection& positions, std::size_t n_lanes, double* failed);
void project_triangles(Span<const ConstraintTable::Triangle> triangles, const double* x,
                       std::size_t n_lanes, double* v, double* failed);

}  // namespace saltus::engine
