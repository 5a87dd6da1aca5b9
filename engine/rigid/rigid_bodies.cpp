#include "engine/rigid/rigid_bodies.h"

#include <Eigen/Eigenvalues>
#include <Eigen/Geometry>
#include <algorithm>
#include <string>
#include <utility>

#include "engine/core/closest_rotation_detail.h"
#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/dynamics/integrator.h"
#include "engine/rigid/rigid_groups.h"
#include "engine/rigid/rigid_symmetry.h"

namespace saltus::engine {

namespace {

Vec3 of_eigen(const Eigen::Vector3d& v) { return {v[0], v[1], v[2]}; }
Eigen::Vector3d to_eigen(Vec3 v) { return {v.x, v.y, v.z}; }

Vec3 centre_of_mass(const std::vector<double>& masses, const std::vector<Vec3>& points) {
  double mass = 0.0;
  Vec3 sum;
  for (std::size_t i = 0; i < points.size(); ++i) {
    mass += masses[i];
    sum = sum + masses[i] * points[i];
  }
  return 1.0 / mass * sum;
}

/// The rotation R that makes sum m |a - R b|^2 least, a being taken from their centre of mass.
Quaternion closest_orientation(const RigidShape& shape, const std::vector<Vec3>& a, Vec3 centre) {
  Eigen::Matrix3d s = Eigen::Matrix3d::Zero();
  for (std::size_t i = 0; i < a.size(); ++i)
    s += shape.masses[i] * to_eigen(shape.places[i]) * to_eigen(a[i] - centre).transpose();
  const Eigen::Matrix<double, 3, 3, Eigen::RowMajor> rotation = detail::closest_rotation(s);
  std::array<double, 9> rows;
  std::copy_n(rotation.data(), 9, rows.begin());
  return quaternion_of(rows);
}

/// Axes of inertia as columns, right-handed.
Eigen::Matrix3d principal_axes(const RigidShape& shape, const std::vector<Vec3>& from_centre) {
  Eigen::Matrix3d inertia = Eigen::Matrix3d::Zero();
  for (std::size_t i = 0; i < from_centre.size(); ++i) {
    const Eigen::Vector3d r = to_eigen(from_centre[i]);
    inertia +=
        shape.masses[i] * (r.squaredNorm() * Eigen::Matrix3d::Identity() - r * r.transpose());
  }
  Eigen::Matrix3d axes =
      Eigen::SelfAdjointEigenSolver<Eigen::Matrix3d>(inertia).eigenvectors();  // ascending
  // Nearer to 0 than this a component's sign is rounding.
  constexpr double kOnTheAxis_nm = 1e-6;
  for (int axis = 0; axis < 2; ++axis)
    for (const Vec3 point : from_centre) {
      const double component = axes.col(axis).dot(to_eigen(point));
      if (std::abs(component) < kOnTheAxis_nm) continue;
      if (component < 0.0) axes.col(axis) = -axes.col(axis);
      break;
    }
  axes.col(2) = axes.col(0).cross(axes.col(1));
  return axes;
}

RigidShape shape_of(const std::vector<double>& masses, const std::vector<Vec3>& points) {
  RigidShape shape;
  shape.masses = masses;
  if (points.size() == 1) {
    shape.mass = masses.front();
    shape.places.resize(1);
    return shape;
  }
  const Vec3 centre = centre_of_mass(masses, points);
  std::vector<Vec3> from_centre;
  from_centre.reserve(points.size());
  for (const Vec3 point : points) from_centre.push_back(point - centre);
  const Eigen::Matrix3d axes = principal_axes(shape, from_centre);
  const bool line =
      std::count_if(masses.begin(), masses.end(), [](double m) { return m > 0.0; }) < 3;
  for (std::size_t i = 0; i < points.size(); ++i) {
    Vec3 place = of_eigen(axes.transpose() * to_eigen(from_centre[i]));
    if (line) place.y = place.z = 0.0;  // rounding; a site that is not on the line is refused
    shape.places.push_back(place);
    shape.mass += masses[i];
    shape.moments.x += masses[i] * (place.y * place.y + place.z * place.z);
    shape.moments.y += masses[i] * (place.z * place.z + place.x * place.x);
    shape.moments.z += masses[i] * (place.x * place.x + place.y * place.y);
  }
  return shape;
}

std::vector<Vec3> points_of(const std::vector<std::size_t>& atoms, Span<const double> x) {
  std::vector<Vec3> points;
  points.reserve(atoms.size());
  for (const std::size_t atom : atoms) points.push_back(load_atom(x.data(), atom));
  return points;
}

/// Largest distance of a point from its place at a pose; of virtual sites, too, if asked for.
double largest_deviation(const RigidShape& shape, const std::vector<Vec3>& points,
                         const RigidPose& pose, bool with_sites) {
  double largest = 0.0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (shape.masses[i] == 0.0 && !with_sites) continue;
    const double deviation =
        norm(points[i] - pose.position - rotate(pose.orientation, shape.places[i]));
    if (!(deviation <= largest)) largest = deviation;  // NaN stays
  }
  return largest;
}

RigidPose closest_pose(const RigidShape& shape, const std::vector<Vec3>& points) {
  RigidPose pose;
  pose.position = shape.is_atom() ? points.front() : centre_of_mass(shape.masses, points);
  if (!shape.is_atom()) pose.orientation = closest_orientation(shape, points, pose.position);
  return pose;
}

/// Whether points are those of a shape, sites included.
bool is_of_shape(const RigidShape& shape, const std::vector<double>& masses,
                 const std::vector<Vec3>& points) {
  // Constraints are solved to 1e-11 nm.
  constexpr double kSame_nm = 1e-9;
  return shape.masses == masses &&
         largest_deviation(shape, points, closest_pose(shape, points), true) < kSame_nm;
}

/// [N, 3]: on the constraints, with virtual sites in their places.
std::vector<double> reference_positions(const System& system, Span<const double> positions) {
  CoordinateBatch batch(1, system.n_atoms());
  batch.values().assign(positions.begin(), positions.end());
  Integrator("rigid bodies", moving_particles(system)).project_positions(batch);
  return std::move(batch.values());
}

}  // namespace

RigidBodies::RigidBodies(const System& system, Span<const double> positions,
                         const Topology* topology)
    : n_atoms_(system.n_atoms()) {
  if (positions.size() != 3 * n_atoms_)
    throw InternalError("rigid bodies: system and positions are of different sizes");
  const std::vector<double> reference = reference_positions(system, positions);
  const std::vector<std::size_t> kinds = kinds_of_atoms(system);
  for (std::vector<std::size_t>& atoms : rigid_groups(system, reference, topology)) {
    std::vector<double> masses;
    masses.reserve(atoms.size());
    for (const std::size_t atom : atoms) masses.push_back(system.masses[atom]);
    const std::vector<Vec3> points = points_of(atoms, reference);
    const auto same = std::find_if(shapes_.begin(), shapes_.end(), [&](const RigidShape& shape) {
      return is_of_shape(shape, masses, points);
    });
    const auto number = static_cast<std::size_t>(same - shapes_.begin());
    if (same == shapes_.end()) {
      shapes_.push_back(shape_of(masses, points));
      if (!is_of_shape(shapes_.back(), masses, points))
        throw InputError("rigid bodies: a virtual site of the body of atom " +
                         std::to_string(atoms.front()) +
                         " is not on the line of its two atoms, so that it does not move with "
                         "them; give it three parents");
    }
    std::vector<std::size_t> own_kinds;
    own_kinds.reserve(atoms.size());
    for (const std::size_t atom : atoms) own_kinds.push_back(kinds[atom]);
    bodies_.push_back({std::move(atoms), number, equal_images(shapes_[number], own_kinds)});
  }
}

std::size_t RigidBodies::nearest_image(std::size_t body, Quaternion site,
                                       Quaternion orientation) const {
  const std::vector<Quaternion>& all = images(body);
  std::size_t nearest = 0;
  for (std::size_t i = 1; i < all.size(); ++i)
    if (nearness(shape(body), site, orientation * all[i]) >
        nearness(shape(body), site, orientation * all[nearest]))
      nearest = i;
  return nearest;
}

ReferenceMeasure RigidBodies::measure() const {
  const bool atoms = std::all_of(shapes_.begin(), shapes_.end(),
                                 [](const RigidShape& shape) { return shape.is_atom(); });
  return atoms ? ReferenceMeasure::kCartesian : ReferenceMeasure::kConstraintSurface;
}

RigidPose RigidBodies::pose(std::size_t body, ConstCoordinates x, std::size_t chain) const {
  const std::vector<Vec3> points = points_of(atoms(body), x.chain(chain));
  const RigidPose pose = closest_pose(shape(body), points);
  const double deviation = largest_deviation(shape(body), points, pose, false);
  if (!(deviation <= kFarthest_nm))
    throw NumericalError("rigid bodies: in chain " + std::to_string(chain) +
                         " an atom of the body that begins with atom " +
                         std::to_string(atoms(body).front()) + " is " +
                         significant_text(deviation, 3) +
                         " nm from its place; positions must be on the constraints, molecules "
                         "whole, and of the handedness of the start");
  return pose;
}

std::vector<RigidPose> RigidBodies::poses(ConstCoordinates x, std::size_t chain) const {
  std::vector<RigidPose> result;
  result.reserve(size());
  for (std::size_t body = 0; body < size(); ++body) result.push_back(pose(body, x, chain));
  return result;
}

void RigidBodies::place(std::size_t body, const RigidPose& pose, Span<double> x) const {
  const RigidShape& shape = this->shape(body);
  for (std::size_t i = 0; i < shape.places.size(); ++i) {
    const Vec3 at = pose.position + rotate(pose.orientation, shape.places[i]);
    const std::size_t first = 3 * atoms(body)[i];
    x[first] = at.x;
    x[first + 1] = at.y;
    x[first + 2] = at.z;
  }
}

RigidPush RigidBodies::push(std::size_t body, const RigidPose& pose, Span<const double> x,
                            Span<const double> forces) const {
  RigidPush result;
  Vec3 torque;
  for (const std::size_t atom : atoms(body)) {
    const Vec3 f = load_atom(forces.data(), atom);
    result.force = result.force + f;
    torque = torque + cross(load_atom(x.data(), atom) - pose.position, f);
  }
  if (shape(body).is_atom()) return result;
  result.torque = rotate(conjugate(pose.orientation), torque);
  if (shape(body).is_line()) result.torque.x = 0.0;  // rounding
  return result;
}

void RigidBodies::turn(std::size_t body, Quaternion turn, Span<double> vectors) const {
  for (const std::size_t atom : atoms(body)) {
    const Vec3 turned = rotate(turn, load_atom(vectors.data(), atom));
    vectors[3 * atom] = turned.x;
    vectors[3 * atom + 1] = turned.y;
    vectors[3 * atom + 2] = turned.z;
  }
}

}  // namespace saltus::engine
