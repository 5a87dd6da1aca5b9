#pragma once

#include <array>
#include <cstddef>
#include <string>

#include "engine/core/span.h"
#include "engine/core/vec3.h"

namespace saltus::engine {

/// Periodic box of one chain, nm: edge vectors a = (ax, 0, 0), b = (bx, by, 0), c = (cx, cy, cz).
/// Every lattice has such a box in OpenMM's reduced form: ax, by, cz > 0, |bx| <= ax/2,
/// |cx| <= ax/2, |cy| <= by/2. Plain data; `problem` says whether it is one.
struct Box {
  double ax = 0.0, bx = 0.0, by = 0.0, cx = 0.0, cy = 0.0, cz = 0.0;

  Box() = default;
  /// A rectangular box.
  explicit Box(const std::array<double, 3>& edges_nm)
      : ax(edges_nm[0]), by(edges_nm[1]), cz(edges_nm[2]) {}
  /// @param rows  [3, 3], nm: a, b, c
  /// @throws InputError  when a number above the diagonal is not 0
  static Box from_vectors(Span<const double> rows);
  /// The reduced form of the lattice with edges of these lengths and angles, a along x and b in the
  /// x-y plane, as OpenMM's computePeriodicBoxVectors makes it: components below 1e-6 nm are 0, as
  /// those of right angles that are rounded.
  /// @param edges_nm    lengths of a, b, c
  /// @param angles_rad  alpha between b and c, beta between a and c, gamma between a and b
  /// @throws InputError  for an edge that is not positive, an angle outside of (0, pi), and angles
  ///                     that no three edges in space have
  static Box from_lengths_and_angles(const std::array<double, 3>& edges_nm,
                                     const std::array<double, 3>& angles_rad);

  /// [3, 3], nm: rows a, b, c.
  std::array<double, 9> vectors() const { return {ax, 0.0, 0.0, bx, by, 0.0, cx, cy, cz}; }
  /// Everything stretched by these factors along x, y and z; equal factors keep the reduced form.
  Box stretched(const std::array<double, 3>& factors) const;
  /// nm^3
  double volume() const { return ax * by * cz; }
  bool is_rectangular() const { return bx == 0.0 && cx == 0.0 && cy == 0.0; }
  /// The smallest of ax, by, cz, nm: a cutoff must be at most half of it.
  double shortest_width() const;
  /// d less whole edge vectors, by rounding along c, then b, then a. In reduced form this is the
  /// shortest image whenever that is shorter than shortest_width() / 2; else it may be a longer
  /// one.
  Vec3 nearest_image(Vec3 d) const;
  /// The image of r in the brick [0, ax) x [0, by) x [0, cz), which holds each place of the lattice
  /// once.
  Vec3 wrapped(Vec3 r) const;
  /// Lengths of a, b and c.
  std::array<double, 3> edges_nm() const;
  /// Angles, rad: alpha between b and c, beta between a and c, gamma between a and b.
  std::array<double, 3> angles_rad() const;
  /// a*, b*, c*, 1/nm: a* a = 1, a* b = a* c = 0 and so on.
  std::array<Vec3, 3> reciprocal_vectors() const;
  /// Why this is no box in reduced form, such as "ax is not a finite number"; empty when it is one.
  std::string problem() const;
  /// Why pairs cannot be cut off there, saying both lengths and the longest cutoff; empty when
  /// nothing is wrong: the cutoff is at most half the shortest width.
  std::string problem_of_cutoff(double cutoff_nm) const;
};

/// Whether all numbers are equal.
inline bool operator==(const Box& a, const Box& b) { return a.vectors() == b.vectors(); }
inline bool operator!=(const Box& a, const Box& b) { return !(a == b); }

/// What a function of positions asks of the boxes they live in. All that is needed is looked at
/// before each evaluation, as boxes may change from one to the next.
struct BoxNeeds {
  bool needed = false;     ///< without boxes it has no meaning
  double cutoff_nm = 0.0;  ///< at most half the shortest width

  /// Whether the box is as wide as the cutoff asks for.
  bool wide_enough(const Box& box) const { return cutoff_nm <= 0.5 * box.shortest_width(); }
  /// @param boxes     [n_chains], or empty: none; looked at only when they are needed
  /// @throws InternalError  when boxes are needed and there are none, or their number is wrong
  /// @throws InputError     naming the first chain whose box does not fit
  void require(Span<const Box> boxes, std::size_t n_chains) const;
};

}  // namespace saltus::engine
