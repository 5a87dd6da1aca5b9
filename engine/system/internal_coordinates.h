#pragma once

#include <cstddef>
#include <vector>

#include "engine/system/coordinates.h"
#include "engine/system/topology.h"

namespace saltus::engine {

/// How one atom is placed: at a distance from `bond_to`, an angle (atom, bond_to, angle_to) and a
/// torsion (atom, bond_to, angle_to, torsion_to). References are placed earlier.
struct ZMatrixRow {
  std::size_t atom = 0;
  std::size_t bond_to = 0;     ///< rows 1..
  std::size_t angle_to = 0;    ///< rows 2..
  std::size_t torsion_to = 0;  ///< rows 3..
  /// True when torsion_to is an earlier neighbour of bond_to rather than of angle_to: the torsion
  /// then is an offset to that neighbour's and stays put when the bond turns.
  bool is_offset = false;
};

/// Order of placement and references for a whole molecule of N atoms: N rows. The molecule may be
/// one of several in a system; rows then name some of the system's atoms.
struct ZMatrix {
  std::vector<ZMatrixRow> rows;

  /// Of the molecule.
  std::size_t n_atoms() const { return rows.size(); }
  /// Atoms that positions have at the least: 1 more than the last one that rows place.
  std::size_t n_positions() const;
  /// Lengths of the three blocks of internal coordinates: N-1 bonds, N-2 angles, N-3 torsions.
  std::size_t n_internal() const { return 3 * rows.size() - 6; }
};

/// A Z-matrix for any connected molecule of at least 4 atoms, rings included (a ring closes by its
/// coordinates; no row stands for the closing bond). Starts in the middle of the molecule; heavy
/// atoms precede hydrogens among siblings; the first atom placed beyond a bond carries its torsion,
/// its siblings carry offsets to it. Depends only on bonds, elements and atom order.
/// @throws InputError  when fewer than 4 atoms, or not connected (names two unconnected atoms)
ZMatrix build_z_matrix(const Topology& topology);

/// Internal coordinates [B, 3N-6]: bonds (nm, rows 1..), angles (rad, rows 2..), torsions (rad,
/// rows 3.., in [-pi, pi), IUPAC sign: positive is clockwise looking from bond_to to angle_to).
/// @param x        [B, M, 3], nm, M at least N: atoms that z does not place are not looked at
/// @param q        out [B, 3N-6]
/// @param log_jac  out [B], log |dx / (dq dR)|, dR the volume of rigid motions: the sum over
/// rows 1..
///                 of 2 log b and over rows 2.. of log sin(theta); -inf where an angle is 0 or pi
///                 or two bonded atoms coincide: the caller treats it as density zero
void cartesian_to_internal(const ZMatrix& z, ConstCoordinates x, Span<double> q,
                           Span<double> log_jac);

/// The inverse, of a z that places all atoms; first atom at the origin, second on +z, third in the
/// xz half plane x > 0. Natural extension reference frame: Parsons et al., J. Comput. Chem. 26,
/// 1063 (2005), doi:10.1002/jcc.20237.
/// @param q        [B, 3N-6]
/// @param x        out [B, N, 3], nm
/// @param log_jac  out [B], as above, of the same q; -inf where a bond is not positive, an angle
///                 within 1e-6 of 0 or pi or outside, or a number not finite (x is then unspecified
///                 but finite or NaN)
void internal_to_cartesian(const ZMatrix& z, Span<const double> q, Span<double> x,
                           Span<double> log_jac);

/// Moves every chain of x rigidly so that its first three placed atoms take up the frame of the
/// reference's: the same first atom, the same direction of the first bond, the same plane. Of a z
/// that places all atoms.
/// @param x  in and out [B, 3N], nm, as internal_to_cartesian leaves it
void move_to_frame_of(const ZMatrix& z, ConstCoordinates reference, Span<double> x);

/// Torsion i-j-k-l in [-pi, pi) and angle i-j-k in [0, pi] of one configuration [N, 3].
double torsion_angle(Span<const double> x, std::size_t i, std::size_t j, std::size_t k,
                     std::size_t l);
double bond_angle(Span<const double> x, std::size_t i, std::size_t j, std::size_t k);

}  // namespace saltus::engine
