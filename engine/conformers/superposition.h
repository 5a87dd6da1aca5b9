#pragma once

#include <array>

#include "engine/core/span.h"
#include "engine/core/vec3.h"

namespace saltus::engine {

/// A rotation, then a shift: x -> R x + t. Not a mirror image.
struct RigidMotion {
  std::array<double, 9> rotation = {1, 0, 0, 0, 1, 0, 0, 0, 1};  ///< R, by rows
  Vec3 shift;                                                    ///< t, nm

  Vec3 of(Vec3 point) const;
  /// @param x  in and out [n, 3], nm
  void apply(Span<double> x) const;
};

/// The motion that brings points closest to others:
///   min over R, t of sqrt(1/n sum_i |b_i - R a_i - t|^2).
/// R is the largest eigenvector of the quaternion matrix; where several are as good (points on a
/// line), one of them.
/// @param a, b  [n, 3], nm, n >= 1
/// @throws InternalError  when their numbers differ or there are none
/// Source: Horn, J. Opt. Soc. Am. A 4, 629 (1987), doi:10.1364/JOSAA.4.000629.
RigidMotion superpose(Span<const double> a, Span<const double> b);

/// Root-mean-square distance of points as they are.
/// @param a, b  [n, 3], nm
double rms_distance(Span<const double> a, Span<const double> b);

}  // namespace saltus::engine
