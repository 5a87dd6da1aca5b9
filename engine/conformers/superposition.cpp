#include "engine/conformers/superposition.h"

#include <Eigen/Core>
#include <cmath>
#include <cstddef>

#include "engine/core/closest_rotation_detail.h"
#include "engine/core/error.h"

namespace saltus::engine {

namespace {

Eigen::Vector3d point(Span<const double> x, std::size_t i) {
  return {x[3 * i], x[3 * i + 1], x[3 * i + 2]};
}

Eigen::Vector3d mean_of(Span<const double> x) {
  Eigen::Vector3d sum = Eigen::Vector3d::Zero();
  const std::size_t n = x.size() / 3;
  for (std::size_t i = 0; i < n; ++i) sum += point(x, i);
  return sum / static_cast<double>(n);
}

void require_pairs(Span<const double> a, Span<const double> b) {
  if (a.size() != b.size() || a.empty() || a.size() % 3 != 0)
    throw InternalError("superposition: the numbers of points differ, or there are none");
}

}  // namespace

Vec3 RigidMotion::of(Vec3 point) const {
  const std::array<double, 9>& r = rotation;
  return {r[0] * point.x + r[1] * point.y + r[2] * point.z + shift.x,
          r[3] * point.x + r[4] * point.y + r[5] * point.z + shift.y,
          r[6] * point.x + r[7] * point.y + r[8] * point.z + shift.z};
}

void RigidMotion::apply(Span<double> x) const {
  for (std::size_t i = 0; i < x.size() / 3; ++i) {
    const Vec3 moved = of(load_atom(x.data(), i));
    x[3 * i] = moved.x, x[3 * i + 1] = moved.y, x[3 * i + 2] = moved.z;
  }
}

RigidMotion superpose(Span<const double> a, Span<const double> b) {
  require_pairs(a, b);
  const Eigen::Vector3d mean_a = mean_of(a), mean_b = mean_of(b);
  Eigen::Matrix3d s = Eigen::Matrix3d::Zero();
  for (std::size_t i = 0; i < a.size() / 3; ++i)
    s += (point(a, i) - mean_a) * (point(b, i) - mean_b).transpose();
  const Eigen::Matrix3d rotation = detail::closest_rotation(s);
  const Eigen::Vector3d shift = mean_b - rotation * mean_a;
  RigidMotion motion;
  for (Eigen::Index i = 0; i < 3; ++i)
    for (Eigen::Index k = 0; k < 3; ++k)
      motion.rotation[static_cast<std::size_t>(3 * i + k)] = rotation(i, k);
  motion.shift = {shift[0], shift[1], shift[2]};
  return motion;
}

double rms_distance(Span<const double> a, Span<const double> b) {
  require_pairs(a, b);
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return std::sqrt(sum / (static_cast<double>(a.size()) / 3.0));
}

}  // namespace saltus::engine
