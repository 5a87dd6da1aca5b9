#pragma once

#include <cmath>

#include "engine/core/vec3.h"

namespace saltus::engine {

/// Turns vectors about an axis through the origin by an angle, counter-clockwise for somebody whom
/// the axis points at (Rodrigues' formula).
class AxisTurn {
 public:
  /// @param along  direction of the axis, of any length but 0
  AxisTurn(Vec3 along, double angle_rad)
      : axis_((1.0 / norm(along)) * along),
        cosine_(std::cos(angle_rad)),
        sine_(std::sin(angle_rad)) {}

  Vec3 operator()(Vec3 r) const {
    return cosine_ * r + sine_ * cross(axis_, r) + (1.0 - cosine_) * dot(axis_, r) * axis_;
  }

 private:
  Vec3 axis_;
  double cosine_, sine_;
};

}  // namespace saltus::engine
