#include "engine/rigid/pose_coordinates.h"

#include <cmath>
#include <string>
#include <utility>

#include "engine/core/error.h"

namespace saltus::engine {

namespace {

/// v of a turn r: of a line, that of the turn about an axis across it which moves the line alike, r
/// times the inverse of its part about x.
Vec3 gnomonic(Quaternion r, bool is_line) {
  if (!is_line) return {r.x / r.w, r.y / r.w, r.z / r.w};
  const double square = r.w * r.w + r.x * r.x;
  return {0.0, (r.y * r.w - r.z * r.x) / square, (r.y * r.x + r.z * r.w) / square};
}

bool is_finite(const RigidPose& pose) {
  const Vec3 p = pose.position;
  const Quaternion q = pose.orientation;
  return std::isfinite(p.x + p.y + p.z) && std::isfinite(q.w + q.x + q.y + q.z);
}

}  // namespace

PoseCoordinates::PoseCoordinates(std::shared_ptr<const RigidBodies> bodies,
                                 std::vector<RigidPose> sites, std::optional<Box> box)
    : bodies_(std::move(bodies)), sites_(std::move(sites)), box_(box), first_(1, 0) {
  if (!bodies_) throw InternalError("pose coordinates without bodies");
  if (sites_.size() != bodies_->size())
    throw InputError("sites of rigid bodies: there are " + std::to_string(sites_.size()) + " for " +
                     std::to_string(bodies_->size()) + " bodies, expected one for each");
  for (std::size_t body = 0; body < bodies_->size(); ++body) {
    if (!is_finite(sites_[body]))
      throw InputError("sites of rigid bodies: that of body " + std::to_string(body) +
                       " is not finite");
    const RigidShape& shape = bodies_->shape(body);
    const std::size_t n_turns = shape.is_atom() ? 0 : shape.is_line() ? 2 : 3;
    first_.push_back(first_.back() + 3 + n_turns);
  }
}

std::vector<double> PoseCoordinates::of(Span<const RigidPose> poses, std::size_t reference) const {
  std::vector<double> result;
  result.reserve(size());
  const Vec3 origin = poses[reference].position, site_origin = sites_[reference].position;
  for (std::size_t body = 0; body < bodies_->size(); ++body) {
    Vec3 d;
    if (body != reference)
      d = (poses[body].position - origin) - (sites_[body].position - site_origin);
    if (box_) d = box_->nearest_image(d);
    result.insert(result.end(), {d.x, d.y, d.z});
    if (n_turns(body) == 0) continue;
    const Quaternion numbered =
        poses[body].orientation * bodies_->images(body)[numbering(body, poses[body])];
    const Vec3 v =
        gnomonic(conjugate(sites_[body].orientation) * numbered, bodies_->shape(body).is_line());
    if (n_turns(body) == 3) result.push_back(v.x);
    result.insert(result.end(), {v.y, v.z});
  }
  return result;
}

Vec3 PoseCoordinates::displacement(std::size_t body, Span<const double> coordinates) const {
  return {coordinates[first(body)], coordinates[first(body) + 1], coordinates[first(body) + 2]};
}

Vec3 PoseCoordinates::turn(std::size_t body, Span<const double> coordinates) const {
  const double* const v = coordinates.data() + first(body) + 3;
  if (n_turns(body) == 0) return {};
  return n_turns(body) == 2 ? Vec3{0.0, v[0], v[1]} : Vec3{v[0], v[1], v[2]};
}

Quaternion PoseCoordinates::orientation(std::size_t body, Span<const double> coordinates) const {
  const Vec3 v = turn(body, coordinates);
  return normalised(sites_[body].orientation * Quaternion{1.0, v.x, v.y, v.z});
}

RigidPose PoseCoordinates::moved(std::size_t body, const RigidPose& pose, Span<const double> from,
                                 Span<const double> to) const {
  return {pose.position + (displacement(body, to) - displacement(body, from)),
          orientation(body, to) * conjugate(bodies_->images(body)[numbering(body, pose)])};
}

void PoseCoordinates::move(std::size_t body, const RigidPose& pose, Span<const double> from,
                           Span<const double> to, Span<double> x, Span<double> velocities) const {
  bodies_->place(body, moved(body, pose, from, to), x);
  // From coordinates both times: the turn of a line about itself, which a pose has at random, is
  // not among them.
  if (!velocities.empty() && n_turns(body) > 0)
    bodies_->turn(body, orientation(body, to) * conjugate(orientation(body, from)), velocities);
}

bool PoseCoordinates::is_own_image(std::size_t body, Span<const double> coordinates) const {
  if (bodies_->images(body).size() > 1 &&
      numbering(body, {{}, orientation(body, coordinates)}) != 0)
    return false;
  if (!box_) return true;
  const Vec3 d = displacement(body, coordinates), image = box_->nearest_image(d);
  return d.x == image.x && d.y == image.y && d.z == image.z;
}

double PoseCoordinates::log_area(std::size_t body, Span<const double> coordinates) const {
  const Vec3 v = turn(body, coordinates);
  return -2.0 * std::log1p(dot(v, v));
}

void PoseCoordinates::gradient(std::size_t body, Span<const double> coordinates,
                               const RigidPush& push, Span<double> out) const {
  out[0] = -push.force.x;
  out[1] = -push.force.y;
  out[2] = -push.force.z;
  if (n_turns(body) == 0) return;
  // A change dv turns the body by 2 (dv - v x dv) / (1 + |v|^2) about its own axes.
  const Vec3 v = turn(body, coordinates);
  const Vec3 slope = -2.0 / (1.0 + dot(v, v)) * (push.torque + cross(v, push.torque));
  std::size_t at = 3;
  if (n_turns(body) == 3) out[at++] = slope.x;
  out[at] = slope.y;
  out[at + 1] = slope.z;
}

}  // namespace saltus::engine
