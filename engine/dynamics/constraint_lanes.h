#pragma once

#include <cstddef>

#include "engine/dynamics/block_layout.h"
#include "engine/dynamics/moving_particles.h"

namespace saltus::engine {

/// Constraints on chains in the layout of x and v. Rigid triangles, such as waters, are solved in
/// closed form: positions by SETTLE (Miyamoto, Kollman, J. Comput. Chem. 13, 952 (1992),
/// doi:10.1002/jcc.540130805), velocities by three linear equations. Other clusters take
/// Gauss-Seidel sweeps: SHAKE (Ryckaert, Ciccotti, Berendsen, J. Comput. Phys. 23, 327 (1977),
/// doi:10.1016/0021-9991(77)90098-5) and RATTLE (Andersen, J. Comput. Phys. 52, 24 (1983),
/// doi:10.1016/0021-9991(83)90014-1). A lane is left alone where its constraints hold, so that its
/// bits do not depend on the other lanes. A row has clusters that are alike, such as waters, in
/// the lanes in place of chains, with the same bits.

/// Distances hold to this fraction: 1e-11 nm for a bond to hydrogen. That is far below what is
/// asked of a trajectory (1e-6 nm), because a step back must retrace a step: hybrid Monte Carlo is
/// exact up to how well it does.
constexpr double kConstraintTolerance = 1e-10;
/// Relative velocities along constraints, nm/ps: 1e-10 of a thermal one.
constexpr double kConstraintVelocityTolerance = 1e-10;

/// What moves onto constraints.
struct PositionCorrection {
  const double* reference;  ///< positions at which the constraints' directions are taken
  double inverse_dt;        ///< 1/ps; 0 with v null: positions alone
  double* x;
  double* v;
};

/// Moves x along the constraints' directions at the reference until they hold, and v by what that
/// means in a time dt: v += (x_constrained - x) / dt.
/// @param failed  in and out [lane], 0 or 1: set where there is no solution or a constraint turns
///                by a right angle in one step; what such lanes hold means nothing
void constrain_positions(const ConstraintTable& table, const PositionCorrection& positions,
                         BlockLayout layout, double* failed);

/// Takes from v what would change the constrained distances: the projection of v, orthogonal in
/// the metric of the masses, onto the tangent space at x.
void constrain_velocities(const ConstraintTable& table, const double* x, BlockLayout layout,
                          double* v, double* failed);

}  // namespace saltus::engine
