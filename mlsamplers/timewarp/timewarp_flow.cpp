#include <cmath>
#include <string>
#include <utility>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "mlsamplers/timewarp/timewarp_flow_detail.h"

namespace saltus::mlsamplers {

using torch::Tensor;

namespace {

/// Positions enter in this unit, which makes them numbers of order one.
constexpr double kInputUnit_nm = 0.1;
/// Keeps the weights of an atom without neighbours defined.
constexpr double kKernelFloor = 1e-5;

std::int64_t number(std::size_t value) { return static_cast<std::int64_t>(value); }

torch::nn::Linear linear(std::size_t from, std::size_t to, bool bias = true) {
  return torch::nn::Linear(torch::nn::LinearOptions(number(from), number(to)).bias(bias));
}

torch::nn::LayerNorm layer_norm(std::size_t width) {
  return torch::nn::LayerNorm(torch::nn::LayerNormOptions({number(width)}).eps(1e-5));
}

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

/// Sum over atoms and axes.
Tensor per_state(const Tensor& values) { return values.flatten(1).sum(1); }

}  // namespace

FlowCondition FlowCondition::repeated(std::int64_t n) const {
  if (n == 1) return *this;
  return {features.repeat_interleave(n, 0), attention.repeat_interleave(n, 0)};
}

KernelEncoderImpl::KernelEncoderImpl(const TimewarpShape& shape)
    : n_heads_(number(shape.lengths_nm.size())), width_(number(shape.width)) {
  const std::size_t all_heads = shape.lengths_nm.size() * shape.width;
  values_ = register_module("values", linear(shape.width, all_heads, false));
  mix_ = register_module("mix", linear(all_heads, shape.width, false));
  first_ = register_module("first", linear(shape.width, shape.feed_forward));
  second_ = register_module("second", linear(shape.feed_forward, shape.width));
  attention_norm_ = register_module("attention_norm", layer_norm(shape.width));
  norm_ = register_module("norm", layer_norm(shape.width));
}

Tensor KernelEncoderImpl::forward(const Tensor& features, const Tensor& attention) {
  const std::int64_t n_states = features.size(0), n_atoms = features.size(1);
  const Tensor values = values_->forward(features)
                            .view({n_states, n_atoms, n_heads_, width_})
                            .transpose(1, 2);  // [B, H, N, d]
  const Tensor seen = torch::matmul(attention, values)
                          .transpose(1, 2)
                          .reshape({n_states, n_atoms, n_heads_ * width_});
  const Tensor attended = attention_norm_->forward(features + mix_->forward(seen));
  return norm_->forward(attended + second_->forward(torch::relu(first_->forward(attended))));
}

AtomTransformerImpl::AtomTransformerImpl(const TimewarpShape& shape) {
  // Beside the embedding: the position at time t and the half that stays.
  constexpr std::size_t kCoordinates = 6;
  in_hidden_ =
      register_module("in_hidden", linear(shape.element_width + kCoordinates, shape.hidden));
  in_ = register_module("in", linear(shape.hidden, shape.width));
  for (std::size_t i = 0; i < shape.n_encoders; ++i)
    encoders_.push_back(register_module("encoder" + std::to_string(i), KernelEncoder(shape)));
  out_hidden_ = register_module("out_hidden", linear(shape.width, shape.hidden));
  out_ = register_module("out", linear(shape.hidden, 3));
}

Tensor AtomTransformerImpl::forward(const Tensor& input, const Tensor& attention) {
  Tensor features = in_->forward(torch::silu(in_hidden_->forward(input)));
  for (KernelEncoder& encoder : encoders_) features = encoder->forward(features, attention);
  return out_->forward(torch::silu(out_hidden_->forward(features)));
}

TimewarpFlowImpl::TimewarpFlowImpl(const TimewarpShape& shape, double displacement_scale_nm)
    : shape_(shape), displacement_scale_nm_(displacement_scale_nm) {
  shape_.validate();
  embedding_ = register_module("embedding", torch::nn::Embedding(number(shape.n_element_kinds),
                                                                 number(shape.element_width)));
  for (std::size_t i = 0; i < shape.n_couplings; ++i) {
    scales_.push_back(register_module("scale" + std::to_string(i), AtomTransformer(shape)));
    shifts_.push_back(register_module("shift" + std::to_string(i), AtomTransformer(shape)));
  }
  log_position_width_ = register_parameter("log_position_width", torch::zeros({1}));
  log_auxiliary_width_ = register_parameter("log_auxiliary_width", torch::zeros({1}));
}

void TimewarpFlowImpl::initialise(const engine::StepKey& key, double output_scale) {
  torch::NoGradGuard no_grad;
  std::uint32_t index = 0;
  for (auto& item : named_parameters()) {
    const std::string& name = item.key();
    Tensor& parameter = item.value();
    engine::RandomStream stream(key, engine::StreamName::kTraining, index++);
    const bool norm = name.find("norm.") != std::string::npos;
    if (parameter.dim() < 2) {  // biases and widths; the weights of norms are 1
      parameter.fill_(norm && ends_with(name, "weight") ? 1.0 : 0.0);
      continue;
    }
    const bool embedding = name == "embedding.weight";
    double bound = 1.0 / std::sqrt(static_cast<double>(parameter.size(1)));
    if (ends_with(name, ".out.weight")) bound *= output_scale;
    auto* values = parameter.data_ptr<float>();
    for (std::int64_t i = 0; i < parameter.numel(); ++i)
      values[i] =
          static_cast<float>(embedding ? stream.normal() : bound * (2.0 * stream.uniform() - 1.0));
  }
}

FlowCondition TimewarpFlowImpl::condition(const Tensor& positions, const Tensor& elements) {
  const std::int64_t n_states = positions.size(0), n_atoms = positions.size(1);
  const Tensor distances_squared =
      (positions.unsqueeze(2) - positions.unsqueeze(1)).pow(2).sum(3);  // [B, N, N]
  const Tensor lengths =
      torch::tensor(shape_.lengths_nm, torch::kFloat64).to(positions.scalar_type());
  const Tensor kernels =
      torch::exp(-distances_squared.unsqueeze(1) / (lengths * lengths).view({1, -1, 1, 1}));
  const Tensor embedded =
      embedding_->forward(elements).unsqueeze(0).expand({n_states, n_atoms, -1});
  return {torch::cat({embedded, positions / kInputUnit_nm}, 2),
          kernels / (kernels.sum(3, true) + kKernelFloor)};
}

Tensor TimewarpFlowImpl::input_of(const FlowCondition& condition, const Tensor& other) const {
  return torch::cat({condition.features, other}, 2);
}

Tensor TimewarpFlowImpl::log_scale(std::size_t coupling, const FlowCondition& condition,
                                   const Tensor& input) {
  const Tensor raw = scales_[coupling]->forward(input, condition.attention);
  if (shape_.scale_bound == 0.0) return raw;
  return shape_.scale_bound * torch::tanh(raw / shape_.scale_bound);
}

FlowPoint TimewarpFlowImpl::to_latent(const FlowCondition& condition, const Tensor& displacements,
                                      const Tensor& auxiliaries) {
  FlowPoint point{displacements / displacement_scale_nm_, auxiliaries, {}};
  const auto n_coordinates = static_cast<double>(displacements[0].numel());
  point.log_det =
      torch::full({displacements.size(0)}, -n_coordinates * std::log(displacement_scale_nm_),
                  displacements.options().requires_grad(false));
  for (std::size_t i = 0; i < scales_.size(); ++i) {
    Tensor& moved = i % 2 == 0 ? point.positions : point.auxiliaries;
    const Tensor input = input_of(condition, i % 2 == 0 ? point.auxiliaries : point.positions);
    const Tensor log_s = log_scale(i, condition, input);
    moved = moved * torch::exp(log_s) + shifts_[i]->forward(input, condition.attention);
    point.log_det = point.log_det + per_state(log_s);
  }
  return point;
}

FlowPoint TimewarpFlowImpl::to_data(const FlowCondition& condition, const Tensor& positions,
                                    const Tensor& auxiliaries) {
  FlowPoint point{positions, auxiliaries, {}};
  const auto n_coordinates = static_cast<double>(positions[0].numel());
  point.log_det = torch::full({positions.size(0)}, n_coordinates * std::log(displacement_scale_nm_),
                              positions.options().requires_grad(false));
  for (std::size_t i = scales_.size(); i-- > 0;) {
    Tensor& moved = i % 2 == 0 ? point.positions : point.auxiliaries;
    const Tensor input = input_of(condition, i % 2 == 0 ? point.auxiliaries : point.positions);
    const Tensor log_s = log_scale(i, condition, input);
    moved = (moved - shifts_[i]->forward(input, condition.attention)) * torch::exp(-log_s);
    point.log_det = point.log_det - per_state(log_s);
  }
  point.positions = point.positions * displacement_scale_nm_;
  return point;
}

Tensor TimewarpFlowImpl::base_log_density(const Tensor& positions, const Tensor& auxiliaries) {
  const auto n_coordinates = static_cast<double>(positions[0].numel());
  return standard_normal_log_density(positions * torch::exp(-log_position_width_)) +
         standard_normal_log_density(auxiliaries * torch::exp(-log_auxiliary_width_)) -
         n_coordinates * (log_position_width_ + log_auxiliary_width_);
}

Tensor TimewarpFlowImpl::log_density(const FlowCondition& condition, const Tensor& displacements,
                                     const Tensor& auxiliaries) {
  const FlowPoint latent = to_latent(condition, displacements, auxiliaries);
  return base_log_density(latent.positions, latent.auxiliaries) + latent.log_det;
}

FlowPoint TimewarpFlowImpl::sample(const FlowCondition& condition, const Tensor& position_noise,
                                   const Tensor& auxiliary_noise) {
  const Tensor positions = position_noise * torch::exp(log_position_width_);
  const Tensor auxiliaries = auxiliary_noise * torch::exp(log_auxiliary_width_);
  FlowPoint point = to_data(condition, positions, auxiliaries);
  point.log_det = base_log_density(positions, auxiliaries) - point.log_det;
  return point;
}

TimewarpFlow copy_of_flow(const TimewarpModel& model) {
  TimewarpFlow flow(model.shape, model.displacement_scale_nm);
  if (model.network) set_parameters(*flow, copied_parameters(*model.network->flow));
  return flow;
}

TimewarpFlow exact_flow_of(const TimewarpModel& model) {
  TimewarpFlow flow = copy_of_flow(model);
  flow->to(torch::kFloat64);
  return flow;
}

Tensor FramePoses::into(const Tensor& x) const {
  return torch::matmul(x - centre, rotation.transpose(1, 2));
}

Tensor FramePoses::out_of(const Tensor& x) const { return torch::matmul(x, rotation) + centre; }

FramePoses FramePoses::repeated(std::int64_t n) const {
  if (n == 1) return *this;
  return {rotation.repeat_interleave(n, 0), centre.repeat_interleave(n, 0)};
}

FramePoses centred_poses(const Tensor& x, const Tensor& rotations) {
  return {rotations, x.mean(1, true)};
}

FramePoses body_poses(const Tensor& x, const std::array<std::size_t, 3>& atoms) {
  // One atom has no axes.
  if (atoms[0] == atoms[1]) {
    const Tensor identity = torch::eye(3, x.options().requires_grad(false));
    return centred_poses(x, identity.unsqueeze(0).expand({x.size(0), 3, 3}));
  }
  constexpr double kOnLine_nm = 1e-4;
  const Tensor origin = x.select(1, number(atoms[0]));
  const Tensor along = x.select(1, number(atoms[1])) - origin;
  const Tensor first = along / along.norm(2, 1, true);
  const auto across = [&first](const Tensor& vector) {
    return vector - (vector * first).sum(1, true) * first;
  };
  // The coordinate axis that the first one is farthest from.
  const Tensor farthest = torch::one_hot(first.detach().abs().argmin(1), 3).to(x.scalar_type());
  const Tensor third_atom = across(x.select(1, number(atoms[2])) - origin);
  const Tensor on_line = (third_atom.detach().pow(2).sum(1, true) < kOnLine_nm * kOnLine_nm);
  const Tensor towards = torch::where(on_line, across(farthest), third_atom);
  const Tensor second = towards / towards.norm(2, 1, true);
  const Tensor third = torch::cross(first, second, 1);
  return centred_poses(x, torch::stack({first, second, third}, 1));
}

Tensor standard_normal_log_density(const Tensor& values) {
  const auto n = static_cast<double>(values[0].numel());
  return -0.5 * per_state(values * values) - 0.5 * n * std::log(engine::kTwoPi);
}

std::vector<Tensor> copied_parameters(const torch::nn::Module& module) {
  std::vector<Tensor> copies;
  for (const Tensor& parameter : module.parameters()) copies.push_back(parameter.detach().clone());
  return copies;
}

void set_parameters(torch::nn::Module& module, const std::vector<Tensor>& values) {
  torch::NoGradGuard no_grad;
  const auto parameters = module.parameters();
  if (parameters.size() != values.size())
    throw engine::InternalError("a flow with another number of parameters");
  for (std::size_t i = 0; i < values.size(); ++i) Tensor(parameters[i]).copy_(values[i]);
}

}  // namespace saltus::mlsamplers
