#include <cmath>
#include <string>

#include "engine/core/error.h"
#include "engine/rigid/rigid_step.h"
#include "mlsamplers/rigid/rigid_flow_model.h"

namespace saltus::mlsamplers {

namespace {

constexpr std::size_t kMostCouplings = 64, kWidest = 4096, kMostTerms = 12;

}  // namespace

void RigidFlowShape::validate() const {
  const auto refuse = [](const std::string& what) {
    throw engine::InputError("rigid-body flow: " + what);
  };
  if (n_bodies == 0) refuse("there are no bodies");
  if (n_bodies == 1 && conditioner == FlowConditioner::kAttention)
    refuse("attention needs two bodies at least, there is one; use the conditioner of sites");
  if (n_couplings > kMostCouplings)
    refuse("couplings must be at most " + std::to_string(kMostCouplings) + ", got " +
           std::to_string(n_couplings));
  if (hidden == 0 || hidden > kWidest)
    refuse("hidden must be 1 to " + std::to_string(kWidest) + ", got " + std::to_string(hidden));
  if (n_terms == 0 || n_terms > kMostTerms)
    refuse("terms must be 1 to " + std::to_string(kMostTerms) + ", got " + std::to_string(n_terms));
}

double RigidFlowEnds::contraction() const {
  return std::sqrt(target_temperature_K / base_temperature_K);
}

void RigidFlowEnds::validate(std::size_t n_bodies) const {
  const auto require = [](const char* name, double value, const char* unit) {
    if (!(value > 0.0) || !std::isfinite(value))
      throw engine::InputError(std::string("rigid-body flow: ") + name + " must be positive, got " +
                               std::to_string(value) + unit);
  };
  require("the temperature of the base", base_temperature_K, " K");
  require("the temperature of the target", target_temperature_K, " K");
  if (n_bodies == 1 && !has_box()) return;
  for (const double edge : edges_nm) require("edges of the box", edge, " nm");
}

const std::vector<engine::RigidPose>& RigidFlowModel::numbering_sites() const {
  static const std::vector<engine::RigidPose> kNone;
  return shape.orientation_map == OrientationMap::kLinear ? sites : kNone;
}

engine::RigidPose PoseBatch::pose(std::size_t row) const {
  const double* p = positions.data() + 3 * row;
  const double* q = orientations.data() + 4 * row;
  return {{p[0], p[1], p[2]}, engine::normalised({q[0], q[1], q[2], q[3]})};
}

void PoseBatch::set(std::size_t row, const engine::RigidPose& pose) {
  const auto& [p, q] = pose;
  double* to_p = positions.data() + 3 * row;
  double* to_q = orientations.data() + 4 * row;
  to_p[0] = p.x, to_p[1] = p.y, to_p[2] = p.z;
  to_q[0] = q.w, to_q[1] = q.x, to_q[2] = q.y, to_q[3] = q.z;
}

PoseBatch poses_of(const engine::RigidBodies& bodies, engine::ConstCoordinates x) {
  const std::size_t n = x.n_chains * bodies.size();
  PoseBatch result{x.n_chains, bodies.size(), std::vector<double>(3 * n),
                   std::vector<double>(4 * n)};
  std::size_t row = 0;
  for (std::size_t c = 0; c < x.n_chains; ++c)
    for (const engine::RigidPose& pose : bodies.poses(x, c)) result.set(row++, pose);
  return result;
}

NumberedPoses nearest_numbering(const engine::RigidBodies& bodies, const PoseBatch& poses,
                                const std::vector<engine::RigidPose>& sites) {
  NumberedPoses result{poses, std::vector<std::size_t>(poses.n_chains * poses.n_bodies, 0)};
  if (sites.empty()) return result;
  for (std::size_t row = 0; row < result.images.size(); ++row) {
    const std::size_t body = row % poses.n_bodies;
    engine::RigidPose pose = poses.pose(row);
    const std::size_t image = bodies.nearest_image(body, sites[body].orientation, pose.orientation);
    if (image == 0) continue;
    pose.orientation = pose.orientation * bodies.images(body)[image];
    result.poses.set(row, pose);
    result.images[row] = image;
  }
  return result;
}

void place_bodies(const engine::RigidBodies& bodies, const PoseBatch& poses, std::size_t c,
                  engine::Span<double> x) {
  for (std::size_t body = 0; body < bodies.size(); ++body)
    bodies.place(body, poses.pose(c * bodies.size() + body), x);
}

void turn_velocities(const engine::RigidBodies& bodies, const PoseBatch& from, const PoseBatch& to,
                     std::size_t c, engine::Span<double> v) {
  for (std::size_t body = 0; body < bodies.size(); ++body) {
    const std::size_t row = c * bodies.size() + body;
    bodies.turn(
        body, engine::normalised(to.pose(row).orientation * conjugate(from.pose(row).orientation)),
        v);
  }
}

}  // namespace saltus::mlsamplers
