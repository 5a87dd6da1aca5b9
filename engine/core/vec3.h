#pragma once

#include <cmath>
#include <cstddef>

namespace saltus::engine {

/// A point or direction in space.
struct Vec3 {
  double x = 0.0, y = 0.0, z = 0.0;
};

/// Componentwise arithmetic, scalar and cross product, length.
inline Vec3 operator-(Vec3 a, Vec3 b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
inline Vec3 operator+(Vec3 a, Vec3 b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
inline Vec3 operator*(double s, Vec3 a) { return {s * a.x, s * a.y, s * a.z}; }
inline double dot(Vec3 a, Vec3 b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
inline Vec3 cross(Vec3 a, Vec3 b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
inline double norm(Vec3 a) { return std::sqrt(dot(a, a)); }

/// Atom `i` of positions [N, 3].
inline Vec3 load_atom(const double* positions, std::size_t i) {
  return {positions[3 * i], positions[3 * i + 1], positions[3 * i + 2]};
}

/// Distance of atoms `i` and `j` of positions [N, 3], without overflow on the way.
inline double atom_distance(const double* positions, std::size_t i, std::size_t j) {
  const double* x = positions;
  return std::hypot(x[3 * i] - x[3 * j], x[3 * i + 1] - x[3 * j + 1], x[3 * i + 2] - x[3 * j + 2]);
}

/// Adds `v` to row `i` of an array [N, 3].
inline void add_to_atom(double* array, std::size_t i, Vec3 v) {
  array[3 * i] += v.x;
  array[3 * i + 1] += v.y;
  array[3 * i + 2] += v.z;
}

}  // namespace saltus::engine
