#include "engine/rigid/quaternion.h"

#include <algorithm>

namespace saltus::engine {

Vec3 rotation_vector(Quaternion q) {
  const Vec3 u = {q.x, q.y, q.z};
  const double sine = norm(u);
  if (sine == 0.0) return {};
  const double sign = q.w < 0.0 ? -1.0 : 1.0;
  return sign * 2.0 * std::atan2(sine, std::abs(q.w)) / sine * u;
}

std::array<double, 9> rotation_matrix(Quaternion q) {
  const Vec3 a = rotate(q, {1.0, 0.0, 0.0}), b = rotate(q, {0.0, 1.0, 0.0}),
             c = rotate(q, {0.0, 0.0, 1.0});
  return {a.x, b.x, c.x, a.y, b.y, c.y, a.z, b.z, c.z};
}

Quaternion quaternion_of(const std::array<double, 9>& r) {
  const double trace = r[0] + r[4] + r[8];
  // 4 w^2 - 1, 4 x^2 - 1, ...
  const std::array<double, 4> squares = {trace, 2.0 * r[0] - trace, 2.0 * r[4] - trace,
                                         2.0 * r[8] - trace};
  const auto largest = std::max_element(squares.begin(), squares.end()) - squares.begin();
  // The largest component is 1 + square to the root and by 2, the others follow from products.
  const double own = 1.0 + squares[static_cast<std::size_t>(largest)];
  const double wx = r[7] - r[5], wy = r[2] - r[6], wz = r[3] - r[1];
  const double xy = r[1] + r[3], zx = r[2] + r[6], yz = r[5] + r[7];
  if (largest == 0) return normalised({own, wx, wy, wz});
  if (largest == 1) return normalised({wx, own, xy, zx});
  if (largest == 2) return normalised({wy, xy, own, yz});
  return normalised({wz, zx, yz, own});
}

}  // namespace saltus::engine
