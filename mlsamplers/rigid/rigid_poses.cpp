#include <cmath>
#include <string>

#include "engine/core/error.h"
#include "mlsamplers/rigid/rigid_flow_model.h"

namespace saltus::mlsamplers {

namespace {

constexpr std::size_t kMostCouplings = 64, kWidest = 4096;

}  // namespace

void RigidFlowShape::validate() const {
  const auto refuse = [](const std::string& what) {
    throw engine::InputError("rigid-body flow: " + what);
  };
  if (n_bodies < 2)
    refuse("needs at least 2 bodies, got " + std::to_string(n_bodies) +
           "; the first one is not displaced");
  if (n_couplings > kMostCouplings)
    refuse("couplings must be at most " + std::to_string(kMostCouplings) + ", got " +
           std::to_string(n_couplings));
  if (hidden == 0 || hidden > kWidest)
    refuse("hidden must be 1 to " + std::to_string(kWidest) + ", got " + std::to_string(hidden));
}

double RigidFlowEnds::contraction() const {
  return std::sqrt(target_temperature_K / base_temperature_K);
}

void RigidFlowEnds::validate() const {
  const auto require = [](const char* name, double value, const char* unit) {
    if (!(value > 0.0) || !std::isfinite(value))
      throw engine::InputError(std::string("rigid-body flow: ") + name + " must be positive, got " +
                               std::to_string(value) + unit);
  };
  require("the temperature of the base", base_temperature_K, " K");
  require("the temperature of the target", target_temperature_K, " K");
  for (const double edge : edges_nm) require("edges of the box", edge, " nm");
}

PoseBatch poses_of(const engine::RigidBodies& bodies, engine::ConstCoordinates x) {
  PoseBatch result{x.n_chains, bodies.size(), {}, {}};
  result.positions.reserve(3 * x.n_chains * bodies.size());
  result.orientations.reserve(4 * x.n_chains * bodies.size());
  for (std::size_t c = 0; c < x.n_chains; ++c)
    for (const auto& [p, q] : bodies.poses(x, c)) {
      result.positions.insert(result.positions.end(), {p.x, p.y, p.z});
      result.orientations.insert(result.orientations.end(), {q.w, q.x, q.y, q.z});
    }
  return result;
}

void place_bodies(const engine::RigidBodies& bodies, const PoseBatch& poses, std::size_t c,
                  engine::Span<double> x) {
  for (std::size_t body = 0; body < bodies.size(); ++body) {
    const double* p = poses.positions.data() + 3 * (c * bodies.size() + body);
    const double* q = poses.orientations.data() + 4 * (c * bodies.size() + body);
    bodies.place(body, {{p[0], p[1], p[2]}, engine::normalised({q[0], q[1], q[2], q[3]})}, x);
  }
}

}  // namespace saltus::mlsamplers
