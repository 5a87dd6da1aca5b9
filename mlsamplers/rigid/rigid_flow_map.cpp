#include "mlsamplers/rigid/rigid_flow_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "engine/core/error.h"
#include "engine/core/finite.h"
#include "engine/ensemble/thermodynamic_state.h"

namespace saltus::mlsamplers {

using engine::InputError;

namespace {

/// Temperatures of decks and of model files are the same numbers; edges of boxes may have gone
/// through text of a few digits.
constexpr double kSameTemperature_K = 1e-9, kSameEdge_nm = 1e-6;

/// As masses and constraints of equal molecules give them.
constexpr double kSamePlace_nm = 1e-6;

bool same_shape(const engine::RigidShape& a, const engine::RigidShape& b) {
  return std::equal(
      a.places.begin(), a.places.end(), b.places.begin(), b.places.end(),
      [](const engine::Vec3& p, const engine::Vec3& q) { return norm(p - q) < kSamePlace_nm; });
}

bool same_temperature(double a_K, double b_K) { return std::abs(a_K - b_K) < kSameTemperature_K; }

}  // namespace

void require_fit(const RigidFlowModel& flow, const engine::RigidBodies& bodies) {
  if (bodies.size() != flow.shape.n_bodies)
    throw InputError(fmt::format("rigid-body flow: made for {} bodies; the system has {}",
                                 flow.shape.n_bodies, bodies.size()));
  for (std::size_t body = 0; body < bodies.size(); ++body)
    if (bodies.shape(body).is_atom() || bodies.shape(body).is_line())
      throw InputError(fmt::format(
          "rigid-body flow: body {} is {}, whose orientation is no point of S^3; only bodies that "
          "turn about three axes can be mapped",
          body, bodies.shape(body).is_atom() ? "a single atom" : "a line"));
  if (flow.shape.conditioner != FlowConditioner::kAttention) return;
  for (std::size_t body = 1; body < bodies.size(); ++body)
    if (!same_shape(bodies.shape(body), bodies.shape(0)))
      throw InputError(fmt::format(
          "rigid-body flow: body {} is another molecule than body 0; with attention all have the "
          "same weights and must be alike. Use the conditioner of sites",
          body));
}

void require_box(const RigidFlowModel& flow, engine::ConstCoordinates x) {
  const auto& edges = flow.ends.edges_nm;
  if (!flow.ends.has_box()) {
    for (std::size_t c = 0; c < x.n_chains; ++c)
      if (x.box(c))
        throw InputError(
            fmt::format("rigid-body flow: made for a molecule without a box; chain {} has one", c));
    return;
  }
  const auto own = fmt::format("{:.6f} x {:.6f} x {:.6f} nm", edges[0], edges[1], edges[2]);
  for (std::size_t c = 0; c < x.n_chains; ++c) {
    const engine::Box* box = x.box(c);
    if (!box) throw InputError("rigid-body flow: made for a box of " + own + "; there is no box");
    if (!box->is_rectangular() || std::abs(box->ax - edges[0]) > kSameEdge_nm ||
        std::abs(box->by - edges[1]) > kSameEdge_nm || std::abs(box->cz - edges[2]) > kSameEdge_nm)
      throw InputError(fmt::format(
          "rigid-body flow: made for a rectangular box of {}; that of chain {} has edges of "
          "{:.6f}, {:.6f} and {:.6f} nm{}",
          own, c, box->edges_nm()[0], box->edges_nm()[1], box->edges_nm()[2],
          box->is_rectangular() ? "" : " and is not rectangular"));
  }
}

void require_target_temperature(const RigidFlowModel& flow, const engine::ChainView& chains,
                                const std::string& move) {
  for (std::size_t c = 0; c < chains.positions.n_chains; ++c)
    if (!same_temperature(chains.states[c].temperature_K, flow.ends.target_temperature_K))
      throw InputError(fmt::format("{}: the flow leads to {} K; chain {} is at {} K", move,
                                   flow.ends.target_temperature_K, chains.first_chain + c,
                                   chains.states[c].temperature_K));
}

RigidFlowImage apply_to_bodies(const RigidFlowModel& flow, const engine::RigidBodies& bodies,
                               const PoseBatch& poses, FlowDirection direction) {
  const NumberedPoses numbered = nearest_numbering(bodies, poses, flow.numbering_sites());
  RigidFlowImage result = apply_flow(flow, numbered.poses, direction);
  const NumberedPoses own = nearest_numbering(bodies, result.poses, flow.numbering_sites());
  for (std::size_t row = 0; row < own.images.size(); ++row) {
    const std::size_t body = row % poses.n_bodies, image = numbered.images[row];
    if (own.images[row] != 0)
      result.log_dets[row / poses.n_bodies] = -std::numeric_limits<double>::infinity();
    if (image == 0) continue;
    engine::RigidPose pose = result.poses.pose(row);
    pose.orientation = pose.orientation * conjugate(bodies.images(body)[image]);
    result.poses.set(row, pose);
  }
  return result;
}

RigidFlowMap::RigidFlowMap(std::vector<std::shared_ptr<const RigidFlowModel>> flows,
                           std::shared_ptr<const engine::RigidBodies> bodies)
    : flows_(std::move(flows)), bodies_(std::move(bodies)) {
  if (flows_.empty()) throw InputError("rigid-body flow: there is no flow");
  for (std::size_t i = 0; i < flows_.size(); ++i) {
    require_fit(*flows_[i], *bodies_);
    for (std::size_t j = 0; j < i; ++j) {
      const RigidFlowEnds &a = flows_[i]->ends, &b = flows_[j]->ends;
      const bool same = same_temperature(a.base_temperature_K, b.base_temperature_K) &&
                        same_temperature(a.target_temperature_K, b.target_temperature_K);
      const bool reverse = same_temperature(a.base_temperature_K, b.target_temperature_K) &&
                           same_temperature(a.target_temperature_K, b.base_temperature_K);
      if (same || reverse)
        throw InputError(fmt::format("rigid-body flow: two flows lead between {} K and {} K",
                                     a.base_temperature_K, a.target_temperature_K));
    }
  }
}

engine::MoveRequirements RigidFlowMap::requirements() const {
  engine::MoveRequirements result;
  result.rigid_molecules = true;
  return result;
}

RigidFlowMap::Way RigidFlowMap::way_between(double from_K, double to_K) const {
  for (std::size_t i = 0; i < flows_.size(); ++i) {
    const RigidFlowEnds& ends = flows_[i]->ends;
    if (same_temperature(ends.base_temperature_K, from_K) &&
        same_temperature(ends.target_temperature_K, to_K))
      return {i, FlowDirection::kToTarget};
    if (same_temperature(ends.target_temperature_K, from_K) &&
        same_temperature(ends.base_temperature_K, to_K))
      return {i, FlowDirection::kToBase};
  }
  throw InputError(fmt::format("rigid-body flow: no flow leads from {} K to {} K", from_K, to_K));
}

engine::MappedConfigurations RigidFlowMap::map(const engine::ChainView& from,
                                               engine::Span<const double> temperatures_K) const {
  const engine::ConstCoordinates x = from.positions;
  engine::MappedConfigurations result{engine::CoordinateBatch::repeated(x, 1),
                                      std::vector<double>(x.n_chains, 0.0),
                                      engine::CoordinateBatch::repeated(from.velocities, 1)};
  std::map<std::pair<std::size_t, FlowDirection>, std::vector<std::size_t>> groups;
  for (std::size_t c = 0; c < x.n_chains; ++c) {
    const Way way = way_between(from.states[c].temperature_K, temperatures_K[c]);
    groups[{way.flow, way.direction}].push_back(c);
  }
  for (const auto& [way, chains] : groups) {
    const RigidFlowModel& flow = *flows_[way.first];
    const engine::CoordinateBatch rows = engine::CoordinateBatch::rows(x, chains);
    require_box(flow, rows.view());
    const PoseBatch before = poses_of(*bodies_, rows.view());
    const RigidFlowImage image = apply_to_bodies(flow, *bodies_, before, way.second);
    for (std::size_t i = 0; i < chains.size(); ++i) {
      const auto placed = result.positions.chain(chains[i]);
      place_bodies(*bodies_, image.poses, i, placed);
      if (result.velocities.n_chains() > 0)
        turn_velocities(*bodies_, before, image.poses, i, result.velocities.chain(chains[i]));
      const bool finite =
          std::isfinite(image.log_dets[i]) &&
          engine::all_finite(engine::Span<const double>(placed.data(), placed.size()));
      result.log_volumes[chains[i]] =
          finite ? image.log_dets[i] : -std::numeric_limits<double>::infinity();
    }
  }
  return result;
}

std::vector<double> flow_work(const RigidFlowModel& flow, const engine::RigidBodies& bodies,
                              const engine::EnergyFunction& energy, engine::ConstCoordinates x,
                              FlowDirection direction) {
  require_fit(flow, bodies);
  require_box(flow, x);
  const engine::ThermodynamicState base{flow.ends.base_temperature_K},
      target{flow.ends.target_temperature_K};
  const bool forward = direction == FlowDirection::kToTarget;
  const double beta = (forward ? base : target).beta(),
               image_beta = (forward ? target : base).beta();
  const RigidFlowImage image =
      apply_flow(flow, nearest_numbering(bodies, poses_of(bodies, x), flow.numbering_sites()).poses,
                 direction);
  engine::CoordinateBatch placed = engine::CoordinateBatch::repeated(x, 1);
  for (std::size_t c = 0; c < x.n_chains; ++c)
    place_bodies(bodies, image.poses, c, placed.chain(c));
  std::vector<double> before(x.n_chains), after(x.n_chains), work(x.n_chains);
  energy.evaluate(x, {before.data(), before.size()}, {});
  energy.evaluate(placed.view(), {after.data(), after.size()}, {});
  for (std::size_t c = 0; c < x.n_chains; ++c)
    work[c] = image_beta * after[c] - beta * before[c] - image.log_dets[c];
  return work;
}

}  // namespace saltus::mlsamplers
