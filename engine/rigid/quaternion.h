#pragma once

#include <array>
#include <cmath>

#include "engine/core/vec3.h"

namespace saltus::engine {

/// w + x i + y j + z k. A unit quaternion q stands for the rotation v -> q v q*, an active rotation
/// of column vectors, and so does -q: every rotation has two. Hamilton's convention (i j = k), so
/// that the rotation of a b is that of b followed by that of a.
struct Quaternion {
  double w = 1.0, x = 0.0, y = 0.0, z = 0.0;
};

/// Hamilton's product.
inline Quaternion operator*(Quaternion a, Quaternion b) {
  return {
      a.w * b.w - a.x * b.x - a.y * b.y - a.z * b.z, a.w * b.x + a.x * b.w + a.y * b.z - a.z * b.y,
      a.w * b.y - a.x * b.z + a.y * b.w + a.z * b.x, a.w * b.z + a.x * b.y - a.y * b.x + a.z * b.w};
}

/// q*: of a unit quaternion, the rotation backwards.
inline Quaternion conjugate(Quaternion q) { return {q.w, -q.x, -q.y, -q.z}; }

/// q / |q|.
inline Quaternion normalised(Quaternion q) {
  const double length = std::sqrt(q.w * q.w + q.x * q.x + q.y * q.y + q.z * q.z);
  return {q.w / length, q.x / length, q.y / length, q.z / length};
}

/// R(q) v of a unit quaternion; q and -q give the same bits.
inline Vec3 rotate(Quaternion q, Vec3 v) {
  const Vec3 u = {q.x, q.y, q.z};
  const Vec3 twice = 2.0 * cross(u, v);
  return v + q.w * twice + cross(u, twice);
}

/// The rotation by |v| radians about v, counter-clockwise for who looks against v.
inline Quaternion from_rotation_vector(Vec3 v) {
  // sin(a) / a is 1 - a^2 / 6 to double precision below this angle.
  constexpr double kSmall_rad = 1e-4;
  const double angle = norm(v), half = 0.5 * angle;
  const double s = angle < kSmall_rad ? 0.5 * (1.0 - half * half / 6.0) : std::sin(half) / angle;
  return {std::cos(half), s * v.x, s * v.y, s * v.z};
}

/// The rotation vector of shortest length, of a unit quaternion: |v| in [0, pi].
Vec3 rotation_vector(Quaternion q);

/// R(q), row-major, of a unit quaternion.
std::array<double, 9> rotation_matrix(Quaternion q);

/// One of the two quaternions of a rotation matrix, row-major: from the largest of the four squares
/// that trace and diagonal give, so that nothing is divided by a small number. Source: Shepperd, J.
/// Guid. Control 1, 223 (1978), doi:10.2514/3.55767b.
Quaternion quaternion_of(const std::array<double, 9>& rotation);

}  // namespace saltus::engine
