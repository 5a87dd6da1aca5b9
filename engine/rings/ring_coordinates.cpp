#include "engine/rings/ring_coordinates.h"

#include <Eigen/Dense>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "engine/core/closest_rotation_detail.h"
#include "engine/core/error.h"
#include "engine/core/units.h"

namespace saltus::engine {

namespace {

using Eigen::Matrix3d;
using Eigen::Vector3d;
using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Points = Eigen::Matrix<double, Eigen::Dynamic, 3, Eigen::RowMajor>;
using PointMap = Eigen::Map<const Points>;

constexpr double kUndefined = -std::numeric_limits<double>::infinity();

PointMap points_of(const std::vector<double>& values) {
  return {values.data(), static_cast<Eigen::Index>(values.size() / 3), 3};
}

/// Of translations and rotations of points: orthonormal, [3 n, 6].
Rows rigid_basis(const PointMap& points) {
  Rows rigid = Rows::Zero(3 * points.rows(), 6);
  for (Eigen::Index a = 0; a < points.rows(); ++a)
    for (Eigen::Index k = 0; k < 3; ++k) {
      rigid(3 * a + k, k) = 1.0;
      rigid.block<3, 1>(3 * a, 3 + k) = Vector3d::Unit(k).cross(points.row(a).transpose());
    }
  const Eigen::HouseholderQR<Rows> qr(rigid);
  return qr.householderQ() * Rows::Identity(rigid.rows(), 6);
}

/// Any orthonormal basis of all that is orthogonal to `rigid`.
Rows complement_of(const Rows& rigid) {
  const Eigen::HouseholderQR<Rows> qr(rigid);
  const Rows all = qr.householderQ() * Rows::Identity(rigid.rows(), rigid.rows());
  return all.rightCols(rigid.rows() - 6);
}

Vec3 unit(Vec3 v) { return (1.0 / norm(v)) * v; }

struct Axes {
  Vec3 e1, e2, e3;
};

/// Of a ring atom, see RingCoordinates.
Axes axes_of_centre(const RingSubstituent& substituent, const double* x) {
  const Vec3 centre = load_atom(x, substituent.centre);
  const Vec3 u = unit(load_atom(x, substituent.sides[0]) - centre),
             v = unit(load_atom(x, substituent.sides[1]) - centre);
  const Vec3 e1 = unit(-1.0 * (u + v)), e2 = unit(cross(u, v));
  return {e1, e2, cross(e1, e2)};
}

/// Of the bond to a substituent: along it, and away from the first neighbour in the ring.
Axes axes_of_bond(const RingSubstituent& substituent, const double* x) {
  const Vec3 centre = load_atom(x, substituent.centre);
  const Vec3 along = unit(load_atom(x, substituent.atom) - centre);
  const Vec3 side = load_atom(x, substituent.sides[0]) - centre;
  const Vec3 across = unit(side - dot(side, along) * along);
  return {along, across, cross(along, across)};
}

Vec3 in_axes(const Axes& axes, Vec3 v) {
  return {dot(axes.e1, v), dot(axes.e2, v), dot(axes.e3, v)};
}

Vec3 from_axes(const Axes& axes, Vec3 v) { return v.x * axes.e1 + v.y * axes.e2 + v.z * axes.e3; }

void store_atom(double* x, std::size_t i, Vec3 v) {
  x[3 * i] = v.x, x[3 * i + 1] = v.y, x[3 * i + 2] = v.z;
}

/// log of d^2 cos(lambda) / l^2.
double polar_volume(double distance, double lambda) {
  return 2.0 * std::log(distance / RingCoordinates::kArc_nm) + std::log(std::cos(lambda));
}

double measure_substituent(const RingSubstituent& substituent, const double* x, double* q) {
  const Vec3 v = in_axes(axes_of_centre(substituent, x),
                         load_atom(x, substituent.atom) - load_atom(x, substituent.centre));
  const double distance = norm(v), lambda = std::asin(v.z / distance);
  q[0] = distance;
  q[1] = RingCoordinates::kArc_nm * lambda;
  q[2] = RingCoordinates::kArc_nm * std::atan2(v.y, v.x);
  return polar_volume(distance, lambda);
}

bool is_within(const double* q) {
  return q[0] > 0.0 && std::abs(q[1]) < 0.25 * kTwoPi * RingCoordinates::kArc_nm &&
         std::abs(q[2]) < 0.5 * kTwoPi * RingCoordinates::kArc_nm;
}

double build_substituent(const RingSubstituent& substituent, const double* q, double* x) {
  const double lambda = q[1] / RingCoordinates::kArc_nm, phi = q[2] / RingCoordinates::kArc_nm;
  const Vec3 v = {q[0] * std::cos(lambda) * std::cos(phi), q[0] * std::cos(lambda) * std::sin(phi),
                  q[0] * std::sin(lambda)};
  const Vec3 centre = load_atom(x, substituent.centre);
  store_atom(x, substituent.atom, centre + from_axes(axes_of_centre(substituent, x), v));
  return polar_volume(q[0], lambda);
}

void carry_branch(const RingSubstituent& substituent, const double* from, double* to) {
  if (substituent.branch.empty()) return;
  const Axes before = axes_of_bond(substituent, from), after = axes_of_bond(substituent, to);
  const Vec3 old_root = load_atom(from, substituent.atom), root = load_atom(to, substituent.atom);
  for (const std::size_t atom : substituent.branch)
    store_atom(to, atom,
               root + from_axes(after, in_axes(before, load_atom(from, atom) - old_root)));
}

}  // namespace

RingCoordinates::RingCoordinates(std::shared_ptr<const RingSystem> system,
                                 std::vector<double> reference, const RingCoordinates* basis)
    : system_(std::move(system)), reference_(std::move(reference)) {
  if (!system_ || reference_.size() != 3 * system_->atoms.size())
    throw InternalError("a reference geometry needs each atom of its ring system");
  const auto n = static_cast<Eigen::Index>(system_->atoms.size());
  Eigen::Map<Points> points(reference_.data(), n, 3);
  points.rowwise() -= points.colwise().mean().eval();
  const Matrix3d second = points.transpose() * points;
  const double det = (second.trace() * Matrix3d::Identity() - second).determinant();
  constexpr double kMinInertia = 1e-6;  // of that of a sphere of equal size
  if (!(det > kMinInertia * std::pow(second.trace(), 3)))
    throw InputError("the atoms of a reference geometry of a ring lie on a line");
  log_inertia_ = 0.5 * std::log(det);

  const Rows own = complement_of(rigid_basis(points_of(reference_)));
  basis_.resize(static_cast<std::size_t>(own.size()));
  Eigen::Map<Rows> result(basis_.data(), own.rows(), own.cols());
  result = own;
  if (!basis) return;
  // Of all orthonormal bases the one closest to the other's: the polar factor of their overlap.
  const Eigen::Map<const Rows> other(basis->basis_.data(), own.rows(), own.cols());
  const Eigen::JacobiSVD<Eigen::MatrixXd> svd(own.transpose() * other,
                                              Eigen::ComputeFullU | Eigen::ComputeFullV);
  result = own * (svd.matrixU() * svd.matrixV().transpose());
}

double RingCoordinates::ring_volume(const std::vector<double>& points) const {
  const Matrix3d m = points_of(points).transpose() * points_of(reference_);
  const Matrix3d inertia = m.trace() * Matrix3d::Identity() - m;
  // Positive definite: the rotation is the one of the closest fit, and there is no other.
  const Eigen::LLT<Matrix3d> factor(inertia);
  if (factor.info() != Eigen::Success) return kUndefined;
  return 2.0 * factor.matrixLLT().diagonal().array().log().sum() - log_inertia_;
}

double RingCoordinates::measure(Span<const double> x, Span<double> q, RingPose& pose) const {
  const auto n = static_cast<Eigen::Index>(system_->atoms.size());
  Points points(n, 3);
  for (Eigen::Index a = 0; a < n; ++a)
    points.row(a) =
        Eigen::Map<const Vector3d>(x.data() + 3 * system_->atoms[static_cast<std::size_t>(a)]);
  const Vector3d centre = points.colwise().mean();
  points.rowwise() -= centre.transpose();
  const Matrix3d rotation = detail::closest_rotation(points_of(reference_).transpose() * points);
  pose.centre = {centre.x(), centre.y(), centre.z()};
  Eigen::Map<Eigen::Matrix<double, 3, 3, Eigen::RowMajor>>(pose.rotation.data()) = rotation;

  std::vector<double> body(reference_.size());
  Eigen::Map<Points> in_body(body.data(), n, 3);
  in_body = points * rotation;
  double log_volume = ring_volume(body);
  in_body -= points_of(reference_);
  const auto n_ring = static_cast<Eigen::Index>(n_ring_coordinates());
  Eigen::Map<Eigen::VectorXd>(q.data(), n_ring) =
      Eigen::Map<const Rows>(basis_.data(), 3 * n, n_ring).transpose() *
      Eigen::Map<const Eigen::VectorXd>(body.data(), 3 * n);
  double* at = q.data() + n_ring;
  for (const RingSubstituent& substituent : system_->substituents) {
    log_volume += measure_substituent(substituent, x.data(), at);
    at += 3;
  }
  return std::isfinite(log_volume) ? log_volume : kUndefined;
}

double RingCoordinates::build(Span<const double> q, const RingPose& pose, Span<const double> from,
                              Span<double> to) const {
  const auto n = static_cast<Eigen::Index>(system_->atoms.size());
  const auto n_ring = static_cast<Eigen::Index>(n_ring_coordinates());
  std::vector<double> body(reference_.size());
  Eigen::Map<Eigen::VectorXd>(body.data(), 3 * n) =
      Eigen::Map<const Rows>(basis_.data(), 3 * n, n_ring) *
      Eigen::Map<const Eigen::VectorXd>(q.data(), n_ring);
  Eigen::Map<Points> in_body(body.data(), n, 3);
  in_body += points_of(reference_);
  double log_volume = ring_volume(body);
  for (std::size_t i = n_ring_coordinates(); i < size(); i += 3)
    if (!is_within(q.data() + i)) return kUndefined;
  if (!std::isfinite(log_volume)) return kUndefined;

  const Eigen::Map<const Eigen::Matrix<double, 3, 3, Eigen::RowMajor>> rotation(
      pose.rotation.data());
  const Points turned = in_body * rotation.transpose();
  for (Eigen::Index a = 0; a < n; ++a)
    store_atom(to.data(), system_->atoms[static_cast<std::size_t>(a)],
               pose.centre + Vec3{turned(a, 0), turned(a, 1), turned(a, 2)});
  const double* at = q.data() + n_ring;
  for (const RingSubstituent& substituent : system_->substituents) {
    log_volume += build_substituent(substituent, at, to.data());
    carry_branch(substituent, from.data(), to.data());
    at += 3;
  }
  return log_volume;
}

}  // namespace saltus::engine
