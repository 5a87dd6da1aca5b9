#include "mlsamplers/rigid/rigid_flow_model.h"

#include <cmath>
#include <filesystem>
#include <string>
#include <utility>

#include "engine/core/error.h"
#include "engine/core/finite.h"
#include "mlsamplers/model/module_parameters_detail.h"
#include "mlsamplers/model/torch_threads.h"
#include "mlsamplers/rigid/rigid_flow_network_detail.h"

namespace saltus::mlsamplers {

using torch::Tensor;

namespace {

constexpr std::int64_t kMostBodies = 4096, kLargestSize = 4096;
constexpr std::uint64_t kSiteColumns = 7, kCurveColumns = 4;
constexpr const char* kFlow = "flow";
/// Only models of convex functions have it.
constexpr const char* kConvexTerms = "convex_terms";
/// Only models without sites have it; it is 1.
constexpr const char* kAttention = "attention";
/// Quaternions of sites in files are of length 1 to this, which rounding does not exceed.
constexpr double kUnitTolerance = 1e-9;

std::shared_ptr<RigidFlowNetwork> new_network(const RigidFlowModel& model) {
  use_one_torch_thread();
  auto network = std::make_shared<RigidFlowNetwork>();
  network->flow = RigidFlow(model.shape, model.ends.contraction());
  return network;
}

/// Circular mean, in (-pi, pi], of each angle of [B, M, 3].
Tensor mean_angles(const Tensor& angles) {
  return torch::atan2(angles.sin().mean(0), angles.cos().mean(0));
}

/// Sites of base samples.
std::vector<engine::RigidPose> sites_of(const Tensor& positions, const Tensor& orientations,
                                        const RigidFlowEnds& ends) {
  std::vector<engine::RigidPose> sites;
  const Tensor per_edge = turns_per_length(ends);
  const Tensor means =
      (mean_angles((positions - positions.slice(1, 0, 1)) * per_edge) / per_edge).contiguous();
  const Tensor moments = torch::einsum("bmi,bmj->mij", {orientations, orientations});
  // Eigenvalues ascend.
  const Tensor axes = std::get<1>(torch::linalg_eigh(moments)).select(2, 3).contiguous();
  for (std::int64_t m = 0; m < means.size(0); ++m) {
    const double* p = means.data_ptr<double>() + 3 * m;
    const double* q = axes.data_ptr<double>() + 4 * m;
    sites.push_back({{p[0], p[1], p[2]}, engine::normalised({q[0], q[1], q[2], q[3]})});
  }
  return sites;
}

std::vector<double> values_of(const Tensor& tensor) {
  const Tensor values = tensor.detach().contiguous();
  return {values.data_ptr<double>(), values.data_ptr<double>() + values.numel()};
}

/// Unlike other sizes it may be 0.
std::size_t read_couplings(ModelReader& reader) {
  const std::vector<std::int64_t> values = reader.integers("couplings", 0);
  if (values.size() != 1) reader.damaged("'couplings' is not one number");
  return static_cast<std::size_t>(values[0]);
}

void read_ends(ModelReader& reader, RigidFlowEnds& ends) {
  const std::vector<double> values = reader.doubles("ends");
  if (values.size() != 5) reader.damaged("'ends' is not two temperatures and three edges");
  ends = {values[0], values[1], {values[2], values[3], values[4]}};
}

void read_sites(ModelReader& reader, RigidFlowModel& model) {
  const std::vector<double> v = reader.doubles("sites");
  const bool has_sites = model.shape.conditioner == FlowConditioner::kSites;
  if (v.size() != (has_sites ? kSiteColumns * model.shape.n_bodies : 0) || !engine::all_finite(v))
    reader.damaged("'sites' is not a position and a quaternion for each body");
  for (std::size_t i = 0; i < v.size(); i += kSiteColumns) {
    const double square =
        v[i + 3] * v[i + 3] + v[i + 4] * v[i + 4] + v[i + 5] * v[i + 5] + v[i + 6] * v[i + 6];
    if (!(std::abs(square - 1.0) < kUnitTolerance))
      reader.damaged("'sites' has a quaternion that is not of length 1");
    model.sites.push_back({{v[i], v[i + 1], v[i + 2]}, {v[i + 3], v[i + 4], v[i + 5], v[i + 6]}});
  }
}

void read_curve(ModelReader& reader, RigidFlowModel& model) {
  const std::vector<double> curve = reader.doubles("curve");
  if (curve.size() % kCurveColumns != 0 || !engine::all_finite(curve))
    reader.damaged("'curve' is not a table of four columns");
  for (std::size_t i = 0; i < curve.size(); i += kCurveColumns) {
    if (curve[i] < 0.0 || curve[i] > 1e15) reader.damaged("'curve' has an impossible step");
    model.curve.push_back(
        {static_cast<std::size_t>(curve[i]), curve[i + 1], curve[i + 2], curve[i + 3]});
  }
}

}  // namespace

std::uint64_t RigidFlowShape::n_parameters() const {
  const auto perceptron = [&](std::uint64_t n_in, std::uint64_t n_out) {
    const std::uint64_t h = hidden;
    return 2 * n_in + n_in * h + h + h * h + h + h * n_out + n_out + n_in * n_out;
  };
  if (conditioner == FlowConditioner::kAttention)
    return n_couplings *
           liquid_coupling_parameters(hidden, static_cast<std::uint64_t>(numbers_of_turn(*this)));
  const ConditionerSizes sizes(*this);
  const auto count = [&](std::int64_t n_in, std::int64_t n_out) {
    return perceptron(static_cast<std::uint64_t>(n_in), static_cast<std::uint64_t>(n_out));
  };
  return n_couplings * ((sizes.n_w > 0 ? count(sizes.n_orientations, sizes.n_w) : 0) +
                        count(sizes.n_circles, sizes.n_turning));
}

namespace {

/// @param shape  its number of bodies is that of the sites, where there are any
RigidFlowModel untrained_flow(std::vector<engine::RigidPose> sites, const RigidFlowEnds& ends,
                              const RigidFlowShape& shape, ModelCard card) {
  ends.validate(shape.n_bodies);
  shape.validate();
  RigidFlowModel model;
  model.card = std::move(card);
  model.card.kind = kRigidFlowKind;
  model.card.temperature_K = ends.base_temperature_K;
  model.shape = shape;
  model.ends = ends;
  model.sites = std::move(sites);
  model.network = new_network(model);
  return model;
}

}  // namespace

RigidFlowModel rigid_flow_about(std::vector<engine::RigidPose> sites, const RigidFlowEnds& ends,
                                RigidFlowShape shape, ModelCard card) {
  if (shape.conditioner != FlowConditioner::kSites)
    throw engine::InternalError("a rigid-body flow about sites that is not for sites");
  shape.n_bodies = sites.size();
  return untrained_flow(std::move(sites), ends, shape, std::move(card));
}

RigidFlowModel rigid_flow_for(const PoseBatch& base, const RigidFlowEnds& ends,
                              RigidFlowShape shape, ModelCard card, const engine::StepKey& key) {
  ends.validate(base.n_bodies);
  if (base.n_chains < 2)
    throw engine::InputError("rigid-body flow: needs at least 2 samples of the base, got " +
                             std::to_string(base.n_chains));
  const Tensor positions = tensor_of(base.positions, base.n_chains, base.n_bodies);
  const Tensor orientations = tensor_of(base.orientations, base.n_chains, base.n_bodies);
  shape.n_bodies = base.n_bodies;
  std::vector<engine::RigidPose> sites;
  if (shape.conditioner == FlowConditioner::kSites) sites = sites_of(positions, orientations, ends);
  RigidFlowModel model = untrained_flow(std::move(sites), ends, shape, std::move(card));
  auto network = new_network(model);
  network->flow->initialise(key, 0.0);
  network->flow->standardise(encode(model, positions, orientations));
  model.network = std::move(network);
  return model;
}

void randomise(RigidFlowModel& model, const engine::StepKey& key, double output_scale) {
  // A network of its own: copies of the model share the old one.
  auto network = new_network(model);
  {
    torch::NoGradGuard no_grad;
    const auto old = model.network->flow->parameters();
    auto parameters = network->flow->parameters();
    for (std::size_t i = 0; i < old.size(); ++i) parameters[i].copy_(old[i]);
  }
  network->flow->initialise(key, output_scale);
  model.network = std::move(network);
}

RigidFlowImage apply_flow(const RigidFlowModel& model, const PoseBatch& poses,
                          FlowDirection direction) {
  if (poses.n_bodies != model.shape.n_bodies)
    throw engine::InputError("rigid-body flow: made for " + std::to_string(model.shape.n_bodies) +
                             " bodies, not for " + std::to_string(poses.n_bodies));
  RigidFlowImage result{poses, std::vector<double>(poses.n_chains, 0.0)};
  if (poses.n_chains == 0) return result;
  use_one_torch_thread();
  torch::NoGradGuard no_grad;
  const Tensor positions = tensor_of(poses.positions, poses.n_chains, poses.n_bodies);
  const FlowState before =
      encode(model, positions, tensor_of(poses.orientations, poses.n_chains, poses.n_bodies));
  const FlowState after = direction == FlowDirection::kToTarget
                              ? model.network->flow->forward(before)
                              : model.network->flow->inverse(before);
  const PoseTensors image = decode(model, positions, before, after);
  result.poses.positions = values_of(image.positions);
  result.poses.orientations = values_of(image.orientations);
  result.log_dets = values_of(after.log_det);
  return result;
}

void save_rigid_flow(const RigidFlowModel& model, const std::string& path) {
  if (!model.network) throw engine::InternalError("a rigid-body flow without a network");
  ModelWriter writer;
  writer.add_size("bodies", static_cast<std::int64_t>(model.shape.n_bodies));
  writer.add_size("couplings", static_cast<std::int64_t>(model.shape.n_couplings));
  writer.add_size("hidden", static_cast<std::int64_t>(model.shape.hidden));
  if (model.shape.orientation_map == OrientationMap::kConvexGradient)
    writer.add_size(kConvexTerms, static_cast<std::int64_t>(model.shape.n_terms));
  const auto& edges = model.ends.edges_nm;
  writer.add("ends",
             std::vector<double>{model.ends.base_temperature_K, model.ends.target_temperature_K,
                                 edges[0], edges[1], edges[2]},
             1);
  if (model.shape.conditioner == FlowConditioner::kAttention) writer.add_size(kAttention, 1);
  std::vector<double> sites, curve;
  for (const auto& [p, q] : model.sites)
    sites.insert(sites.end(), {p.x, p.y, p.z, q.w, q.x, q.y, q.z});
  writer.add("sites", sites, kSiteColumns);
  for (const RigidFlowScore& score : model.curve)
    curve.insert(curve.end(), {static_cast<double>(score.step), score.training, score.held_out,
                               score.held_out_samples});
  writer.add("curve", curve, kCurveColumns);
  write_parameters(kFlow, *model.network->flow, writer);
  writer.write(model.card, path);
}

RigidFlowModel load_rigid_flow(const std::string& path) {
  ModelReader reader(path);
  reader.require_kind(kRigidFlowKind);
  RigidFlowModel model;
  model.card = reader.card();
  model.shape.n_bodies = static_cast<std::size_t>(reader.size("bodies", kMostBodies));
  model.shape.n_couplings = read_couplings(reader);
  model.shape.hidden = static_cast<std::size_t>(reader.size("hidden", kLargestSize));
  if (reader.has(kConvexTerms)) {
    model.shape.orientation_map = OrientationMap::kConvexGradient;
    model.shape.n_terms = static_cast<std::size_t>(reader.size(kConvexTerms, kLargestSize));
  }
  if (reader.has(kAttention)) {
    reader.size(kAttention, 1);
    model.shape.conditioner = FlowConditioner::kAttention;
  }
  read_ends(reader, model.ends);
  read_sites(reader, model);
  read_curve(reader, model);
  try {
    model.shape.validate();
    model.ends.validate(model.shape.n_bodies);
  } catch (const engine::InputError& error) {
    reader.damaged(error.what());
  }
  // So that a small file cannot ask for much memory.
  if (model.shape.n_parameters() > std::filesystem::file_size(path) / sizeof(double))
    reader.damaged("it is too small for " + std::to_string(model.shape.n_parameters()) +
                   " parameters");
  auto network = new_network(model);
  read_parameters(reader, kFlow, *network->flow);
  for (const auto& item : network->flow->named_parameters())
    if (item.key().find(".width") != std::string::npos && item.value().min().item<double>() <= 0.0)
      reader.damaged("'" + std::string(kFlow) + "." + item.key() +
                     "' holds a width that is not positive");
  reader.require_all_used();
  model.network = std::move(network);
  return model;
}

}  // namespace saltus::mlsamplers
