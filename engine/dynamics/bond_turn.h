#pragma once

#include <cstddef>

#include "engine/core/random.h"
#include "engine/core/span.h"
#include "engine/dynamics/block_layout.h"

namespace saltus::engine {

/// A bond of one chain that is turned while everything moves.
struct BondTurn {
  std::size_t axis_from = 0, axis_to = 0;
  Span<const std::size_t> moving;  ///< atoms that turn, those beyond axis_to, without it
  double angle_rad = 0.0;          ///< in each step; every torsion about the bond grows by it
  /// A spring that is taken along, so that the torsion does not slide back: energy k/2 d^2, d the
  /// torsion of first, axis_from, axis_to, last, one of the moving atoms, less center, in [-pi,
  /// pi).
  std::size_t first = 0, last = 0;
  double center_rad = 0.0;  ///< at the start; grows by angle_rad in each step
  double stiffness = 0.0;   ///< k, kJ/mol/rad^2; 0: no spring
};

/// An angle d in [-pi, pi), a torsion less the center of a spring, with the density exp(-k d^2 / 2)
/// / Z, Z its integral over the circle: the same for every torsion, however weak the spring.
/// @param k  > 0, of the spring in units of kT, /rad^2
double draw_deviation(double k, RandomStream& stream);

/// The energy of the spring after n_steps.
/// @param x  [N, 3], nm
double spring_energy(const BondTurn& turn, std::size_t n_steps, Span<const double> x);
/// v_i += factor_i F_i, F the spring's forces after n_steps on its four atoms.
/// @param factors  [3 n_atoms], ps/dalton
/// @param place    of the chain in x and v
void kick_by_spring(const BondTurn& turn, std::size_t n_steps, const double* factors,
                    ChainPlace place, const double* x, double* v);

/// Turns positions and velocities of one chain, R being the rotation by the angle about the axis
/// and p the atom axis_to:
///   x_i <- x_p + R (x_i - x_p),  v_i <- v_p + R (v_i - v_p)  for the moving atoms i.
/// Distances among the moving atoms and p stay, and so do their rates of change.
/// For fixed other atoms it is a rotation of the x_i and one of the v_i, so that it keeps the
/// volume of phase space, and it undoes the turn by the opposite angle, also with all velocities
/// reversed.
/// @param place  of the chain in x and v
void turn_lane(const BondTurn& turn, ChainPlace place, double* x, double* v);

}  // namespace saltus::engine
