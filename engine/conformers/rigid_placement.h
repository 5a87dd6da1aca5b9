#pragma once

#include <cstddef>
#include <vector>

#include "engine/core/span.h"
#include "engine/core/vec3.h"

namespace saltus::engine {

/// Three axes at right angles, and where they meet.
struct Frame {
  Vec3 origin, e1, e2, e3;

  /// e1 along `along`, `side` in the half plane of e1 and e2. Both in nm, not parallel.
  static Frame of(Vec3 origin, Vec3 along, Vec3 side) {
    const auto unit = [](Vec3 v) { return (1.0 / norm(v)) * v; };
    const Vec3 e1 = unit(along), e3 = unit(cross(along, side));
    return {origin, e1, cross(e3, e1), e3};
  }

  /// Where a point that has such a place in `old` has it in this frame.
  Vec3 place(const Frame& old, Vec3 point) const {
    const Vec3 v = point - old.origin;
    return origin + dot(v, old.e1) * e1 + dot(v, old.e2) * e2 + dot(v, old.e3) * e3;
  }
};

/// Moves atoms as one body from a frame to another.
/// @param x  in and out [N, 3], nm
inline void move_rigidly(const std::vector<std::size_t>& atoms, const Frame& from, const Frame& to,
                         Span<double> x) {
  for (const std::size_t atom : atoms) {
    const Vec3 placed = to.place(from, load_atom(x.data(), atom));
    x[3 * atom] = placed.x, x[3 * atom + 1] = placed.y, x[3 * atom + 2] = placed.z;
  }
}

}  // namespace saltus::engine
