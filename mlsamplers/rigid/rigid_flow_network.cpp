#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "mlsamplers/rigid/convex_gradient_detail.h"
#include "mlsamplers/rigid/rigid_flow_network_detail.h"

namespace saltus::mlsamplers {

using torch::Tensor;

namespace {

/// Numbers that a conditioner reads of a body besides kOrientationFeatures: cosines and sines.
constexpr std::int64_t kPositionFeatures = 6;
/// Numbers it says of a body: w for each coordinate; or three logarithms of the diagonal of L, six
/// numbers below it and three of r, before those of convex terms.
constexpr std::int64_t kPositionOutputs = 6, kLinearOutputs = 12;
/// |w| stays below this, so that no map of a circle is steeper than 9.
constexpr double kLongestVector = 0.8;
/// Elements of L below the diagonal, and logarithms of those on it, stay within this: a coupling
/// may stretch small turns by e at most, and inverses lose few digits.
constexpr double kLargestElement = 1.0;
/// Added to widths, so that features that are constant stay so.
constexpr double kLeastWidth = 1e-3;

torch::TensorOptions numbers() { return torch::TensorOptions(torch::kFloat64); }

Tensor last(const Tensor& t, std::int64_t index) { return t.select(-1, index); }

Tensor product(const Tensor& a, const Tensor& b) {
  const Tensor aw = last(a, 0), ax = last(a, 1), ay = last(a, 2), az = last(a, 3);
  const Tensor bw = last(b, 0), bx = last(b, 1), by = last(b, 2), bz = last(b, 3);
  return torch::stack(
      {aw * bw - ax * bx - ay * by - az * bz, aw * bx + ax * bw + ay * bz - az * by,
       aw * by - ax * bz + ay * bw + az * bx, aw * bz + ax * by - ay * bx + az * bw},
      -1);
}

Tensor conjugated(const Tensor& q) { return q * torch::tensor({1.0, -1.0, -1.0, -1.0}, numbers()); }

/// q_a q_b, a <= b: [B, M, 10].
Tensor orientation_products(const Tensor& q) {
  std::vector<Tensor> products;
  for (std::int64_t a = 0; a < 4; ++a)
    for (std::int64_t b = a; b < 4; ++b) products.push_back(last(q, a) * last(q, b));
  return torch::stack(products, -1);
}

/// Of all bodies, [B, M * 10].
Tensor orientation_features(const Tensor& q) { return orientation_products(q).flatten(1); }

/// Of all bodies but body 0, [B, (M - 1) * 6]; of body 0, constants, when it is the only one.
Tensor position_features(const Tensor& circles) {
  return circles.slice(1, circles.size(1) > 1 ? 1 : 0).flatten(1);
}

/// Moebius' transformation of circles, all bodies; log |det| by circle.
std::pair<Tensor, Tensor> moebius(const Tensor& p, const Tensor& w) {
  const Tensor difference = p - w;
  const Tensor factor =
      (1.0 - w.square().sum(-1, true)) / difference.square().sum(-1, true);  // [..., 1]
  return {factor * difference - w, factor.squeeze(-1).log()};
}

Tensor angles_of(const Tensor& circles) { return torch::atan2(last(circles, 1), last(circles, 0)); }

/// Angles of bodies that all were displaced.
void set_angles(const DisplacedAngles& to, FlowState& state) {
  state.circles = torch::stack({to.angles.cos(), to.angles.sin()}, -1);
  state.log_det = state.log_det + to.log_det;
}

/// What a conditioner says of orientations.
struct Turns {
  Tensor log_diagonal;  ///< [B, M, 4], the first is 0
  Tensor below;         ///< [B, M, 6]: L_10, L_20, L_21, L_30, L_31, L_32
  Tensor rotation;      ///< [B, M, 4], of length 1

  explicit Turns(const Tensor& output) {
    const auto like = torch::zeros_like(output.slice(-1, 0, 1));
    const Tensor elements = kLargestElement * torch::tanh(output.slice(-1, 0, 9) / kLargestElement);
    log_diagonal = torch::cat({like, elements.slice(-1, 0, 3)}, -1);
    below = elements.slice(-1, 3, 9);
    const Tensor r = torch::cat({like + 1.0, output.slice(-1, 9, 12)}, -1);
    rotation = r / r.norm(2, -1, true);
  }
};

constexpr std::int64_t below_index(std::int64_t row, std::int64_t column) {
  return row * (row - 1) / 2 + column;
}

std::pair<Tensor, Tensor> turn(const Tensor& q, const Turns& turns) {
  const Tensor diagonal = turns.log_diagonal.exp();
  std::vector<Tensor> rows;
  for (std::int64_t row = 0; row < 4; ++row) {
    Tensor sum = last(diagonal, row) * last(q, row);
    for (std::int64_t column = 0; column < row; ++column)
      sum = sum + last(turns.below, below_index(row, column)) * last(q, column);
    rows.push_back(sum);
  }
  const Tensor y = torch::stack(rows, -1), length = y.norm(2, -1, true);
  return {product(turns.rotation, y / length),
          turns.log_diagonal.sum(-1) - 4.0 * length.squeeze(-1).log()};
}

std::pair<Tensor, Tensor> turn_back(const Tensor& image, const Turns& turns) {
  const Tensor y = product(conjugated(turns.rotation), image);
  const Tensor diagonal = turns.log_diagonal.exp();
  std::vector<Tensor> solved;
  for (std::int64_t row = 0; row < 4; ++row) {
    Tensor rest = last(y, row);
    for (std::int64_t column = 0; column < row; ++column)
      rest = rest -
             last(turns.below, below_index(row, column)) * solved[static_cast<std::size_t>(column)];
    solved.push_back(rest / last(diagonal, row));
  }
  const Tensor q = torch::stack(solved, -1), length = q.norm(2, -1, true);
  return {q / length, -turns.log_diagonal.sum(-1) - 4.0 * length.squeeze(-1).log()};
}

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

}  // namespace

ConditionerImpl::ConditionerImpl(std::int64_t n_in, std::int64_t hidden, std::int64_t n_out) {
  mean_ = register_parameter("mean", torch::zeros({n_in}, numbers()), false);
  width_ = register_parameter("width", torch::ones({n_in}, numbers()), false);
  first_ = register_module("first", torch::nn::Linear(n_in, hidden));
  second_ = register_module("second", torch::nn::Linear(hidden, hidden));
  out_ = register_module("out", torch::nn::Linear(hidden, n_out));
  skip_ =
      register_module("skip", torch::nn::Linear(torch::nn::LinearOptions(n_in, n_out).bias(false)));
  to(torch::kFloat64);
}

Tensor ConditionerImpl::forward(const Tensor& features) {
  const Tensor f = (features - mean_) / width_;
  return kOutputScale * (out_(torch::silu(second_(torch::silu(first_(f))))) + skip_(f));
}

void ConditionerImpl::standardise(const Tensor& features) {
  torch::NoGradGuard no_grad;
  mean_.copy_(features.mean(0));
  width_.copy_(features.std(0, false) + kLeastWidth);
}

std::int64_t numbers_of_turn(const RigidFlowShape& shape) {
  const bool convex = shape.orientation_map == OrientationMap::kConvexGradient;
  return kLinearOutputs +
         (convex ? kConvexTermNumbers * static_cast<std::int64_t>(shape.n_terms) : 0);
}

ConditionerSizes::ConditionerSizes(const RigidFlowShape& shape) {
  const auto n_bodies = static_cast<std::int64_t>(shape.n_bodies);
  n_orientations = n_bodies * kOrientationFeatures;
  n_w = (n_bodies - 1) * kPositionOutputs;
  n_circles = std::max<std::int64_t>(n_bodies - 1, 1) * kPositionFeatures;
  n_turning = n_bodies * numbers_of_turn(shape);
}

RigidFlowImpl::RigidFlowImpl(const RigidFlowShape& shape, double contraction)
    : shape_(shape),
      n_bodies_(static_cast<std::int64_t>(shape.n_bodies)),
      contraction_(contraction) {
  const ConditionerSizes sizes(shape);
  const auto hidden = static_cast<std::int64_t>(shape.hidden);
  for (std::size_t layer = 0; layer < shape.n_couplings; ++layer) {
    const std::string number = std::to_string(layer);
    if (is_liquid()) {
      displacements_.push_back(register_module("positions_" + number, PairDisplacement(hidden)));
      attentions_.push_back(
          register_module("orientations_" + number, PairAttention(hidden, numbers_of_turn(shape))));
      continue;
    }
    if (sizes.n_w > 0)
      position_conditioners_.push_back(register_module(
          "positions_" + number, Conditioner(sizes.n_orientations, hidden, sizes.n_w)));
    orientation_conditioners_.push_back(register_module(
        "orientations_" + number, Conditioner(sizes.n_circles, hidden, sizes.n_turning)));
  }
}

void RigidFlowImpl::initialise(const engine::StepKey& key, double output_scale) {
  torch::NoGradGuard no_grad;
  std::uint32_t index = 0;
  for (auto& item : named_parameters()) {
    Tensor& parameter = item.value();
    engine::RandomStream stream(key, engine::StreamName::kTraining, index++);
    if (!parameter.requires_grad()) continue;
    double bound = 0.0;
    if (parameter.dim() == 2) bound = 1.0 / std::sqrt(static_cast<double>(parameter.size(1)));
    if (ends_with(item.key(), "out.weight") || ends_with(item.key(), "skip.weight"))
      bound *= output_scale;
    auto* values = parameter.data_ptr<double>();
    for (std::int64_t i = 0; i < parameter.numel(); ++i)
      values[i] = bound * (2.0 * stream.uniform() - 1.0);
  }
}

void RigidFlowImpl::standardise(const FlowState& base) {
  if (is_liquid()) return;
  const FlowState state = contract(base, contraction_);
  for (Conditioner& conditioner : position_conditioners_)
    conditioner->standardise(orientation_features(state.orientations));
  for (Conditioner& conditioner : orientation_conditioners_)
    conditioner->standardise(position_features(state.circles));
}

FlowState RigidFlowImpl::contract(const FlowState& state, double factor) const {
  if (is_liquid()) return state;
  const Tensor w = torch::tensor({(factor - 1.0) / (factor + 1.0), 0.0}, numbers());
  // Body 0 is at its own site: nothing happens to its circles, and they do not count.
  const auto [circles, volumes] = moebius(state.circles.slice(1, 1), w);
  FlowState result{torch::cat({state.circles.slice(1, 0, 1), circles}, 1), state.orientations,
                   state.log_det + volumes.sum({1, 2})};
  if (shape_.orientation_map == OrientationMap::kLinear) {
    const Tensor y = state.orientations * torch::tensor({1.0, factor, factor, factor}, numbers());
    const Tensor length = y.norm(2, -1, true);
    const Tensor turned =
        3.0 * std::log(factor) * static_cast<double>(n_bodies_) - 4.0 * length.log().sum({1, 2});
    result.orientations = y / length;
    result.log_det = result.log_det + turned;
  }
  return result;
}

Tensor RigidFlowImpl::moebius_vectors(std::size_t layer, const Tensor& orientations) {
  const Tensor raw = position_conditioners_[layer]
                         ->forward(orientation_features(orientations))
                         .view({-1, n_bodies_ - 1, 3, 2});
  // The square root has no derivative at 0, where training begins.
  const Tensor length = (raw.square().sum(-1, true) + 1e-12).sqrt();
  return kLongestVector * raw / (1.0 + length);
}

void RigidFlowImpl::displace(std::size_t layer, FlowState& state) {
  if (is_liquid()) {
    set_angles(displacements_[layer]->forward(angles_of(state.circles),
                                              orientation_products(state.orientations)),
               state);
  } else if (n_bodies_ > 1) {
    const auto [circles, volumes] =
        moebius(state.circles.slice(1, 1), moebius_vectors(layer, state.orientations));
    state.circles = torch::cat({state.circles.slice(1, 0, 1), circles}, 1);
    state.log_det = state.log_det + volumes.sum({1, 2});
  }
}

void RigidFlowImpl::displace_back(std::size_t layer, FlowState& state) {
  if (is_liquid()) {
    set_angles(displacements_[layer]->inverse(angles_of(state.circles),
                                              orientation_products(state.orientations)),
               state);
  } else if (n_bodies_ > 1) {
    const auto [circles, volumes] =
        moebius(state.circles.slice(1, 1), -moebius_vectors(layer, state.orientations));
    state.circles = torch::cat({state.circles.slice(1, 0, 1), circles}, 1);
    state.log_det = state.log_det + volumes.sum({1, 2});
  }
}

Tensor RigidFlowImpl::turning_numbers(std::size_t layer, const Tensor& circles) {
  if (is_liquid()) return attentions_[layer]->forward(angles_of(circles));
  const Tensor said = orientation_conditioners_[layer]->forward(position_features(circles));
  return said.view({said.size(0), n_bodies_, -1});
}

FlowState RigidFlowImpl::forward(const FlowState& state) {
  FlowState now = contract(state, contraction_);
  for (std::size_t layer = 0; layer < shape_.n_couplings; ++layer) {
    displace(layer, now);
    const Tensor said = turning_numbers(layer, now.circles);
    if (shape_.orientation_map == OrientationMap::kConvexGradient) {
      const Climbed climbed = climb(now.orientations, ConvexTerms(said.slice(-1, kLinearOutputs)));
      now.orientations = climbed.direction;
      now.log_det = now.log_det + climbed.log_det().sum(1);
    }
    const auto [orientations, turned] = turn(now.orientations, Turns(said));
    now.orientations = orientations;
    now.log_det = now.log_det + turned.sum(1);
  }
  return now;
}

FlowState RigidFlowImpl::inverse(const FlowState& state) {
  FlowState now = state;
  for (std::size_t layer = shape_.n_couplings; layer-- > 0;) {
    const Tensor said = turning_numbers(layer, now.circles);
    const auto [orientations, turned] = turn_back(now.orientations, Turns(said));
    now.orientations = orientations;
    now.log_det = now.log_det + turned.sum(1);
    if (shape_.orientation_map == OrientationMap::kConvexGradient) {
      const auto [climbed, volumes] =
          climb_back(now.orientations, ConvexTerms(said.slice(-1, kLinearOutputs)));
      now.orientations = climbed;
      now.log_det = now.log_det + volumes.sum(1);
    }
    displace_back(layer, now);
  }
  return contract(now, 1.0 / contraction_);
}

namespace {

/// Positions [M, 3] and orientations [M, 4] of the sites, and 2 pi / edge [3]. Without sites all
/// positions are 0, and orientations 1.
struct Sites {
  Tensor positions, orientations, per_edge;

  explicit Sites(const RigidFlowModel& model) {
    std::vector<double> p, q;
    for (const engine::RigidPose& site : model.sites) {
      p.insert(p.end(), {site.position.x, site.position.y, site.position.z});
      q.insert(q.end(),
               {site.orientation.w, site.orientation.x, site.orientation.y, site.orientation.z});
    }
    if (model.sites.empty()) {
      p = {0.0, 0.0, 0.0};
      q = {1.0, 0.0, 0.0, 0.0};
    }
    positions = torch::tensor(p, numbers()).view({-1, 3});
    orientations = torch::tensor(q, numbers()).view({-1, 4});
    per_edge = turns_per_length(model.ends);
  }
};

}  // namespace

Tensor turns_per_length(const RigidFlowEnds& ends) {
  const auto& edges = ends.edges_nm;
  return ends.has_box() ? engine::kTwoPi / torch::tensor({edges[0], edges[1], edges[2]}, numbers())
                        : torch::ones({3}, numbers());
}

FlowState encode(const RigidFlowModel& model, const Tensor& positions, const Tensor& orientations) {
  const Sites sites(model);
  const Tensor angles = (positions - positions.slice(1, 0, 1) - sites.positions) * sites.per_edge;
  return {torch::stack({angles.cos(), angles.sin()}, -1),
          product(conjugated(sites.orientations).unsqueeze(0), orientations),
          torch::zeros({positions.size(0)}, numbers())};
}

PoseTensors decode(const RigidFlowModel& model, const Tensor& positions_before,
                   const FlowState& before, const FlowState& after) {
  const Sites sites(model);
  // The angle between the two points of each circle: sine and cosine of the difference.
  const Tensor c = last(before.circles, 0), s = last(before.circles, 1);
  const Tensor c2 = last(after.circles, 0), s2 = last(after.circles, 1);
  const Tensor turned = torch::atan2(s2 * c - c2 * s, c2 * c + s2 * s);
  return {positions_before + turned / sites.per_edge,
          product(sites.orientations.unsqueeze(0), after.orientations)};
}

Tensor tensor_of(const std::vector<double>& values, std::size_t n_chains, std::size_t n_bodies) {
  return torch::tensor(values, numbers())
      .view({static_cast<std::int64_t>(n_chains), static_cast<std::int64_t>(n_bodies), -1});
}

}  // namespace saltus::mlsamplers
