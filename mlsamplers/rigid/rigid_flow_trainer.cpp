#include "mlsamplers/rigid/rigid_flow_trainer.h"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "engine/diagnostics/reweighting.h"
#include "engine/ensemble/thermodynamic_state.h"
#include "mlsamplers/model/torch_threads.h"
#include "mlsamplers/rigid/rigid_flow_map.h"
#include "mlsamplers/rigid/rigid_flow_network_detail.h"

namespace saltus::mlsamplers {

using engine::InputError;
using torch::Tensor;

namespace {

/// Rows of [B, ...] of numbers.
Tensor rows_of(const Tensor& all, const std::vector<std::int64_t>& which) {
  return all.index_select(0, torch::tensor(which, torch::kInt64));
}

/// Atoms of rigid bodies as functions of their poses.
class AtomPlaces {
 public:
  explicit AtomPlaces(const engine::RigidBodies& bodies) : n_atoms_(bodies.n_atoms()) {
    std::vector<std::int64_t> body_of(n_atoms_);
    std::vector<double> places(3 * n_atoms_);
    for (std::size_t body = 0; body < bodies.size(); ++body)
      for (std::size_t i = 0; i < bodies.atoms(body).size(); ++i) {
        const std::size_t atom = bodies.atoms(body)[i];
        const engine::Vec3 b = bodies.shape(body).places[i];
        body_of[atom] = static_cast<std::int64_t>(body);
        places[3 * atom] = b.x, places[3 * atom + 1] = b.y, places[3 * atom + 2] = b.z;
      }
    body_of_ = torch::tensor(body_of, torch::kInt64);
    places_ = torch::tensor(places, torch::kFloat64).view({-1, 3});
  }
  /// p + R(q) b = p + b + 2 w (u x b) + 2 u x (u x b), q = (w, u): [B, N, 3].
  Tensor operator()(const PoseTensors& poses) const {
    const Tensor q = poses.orientations.index_select(1, body_of_);
    const Tensor w = q.slice(-1, 0, 1), u = q.slice(-1, 1, 4);
    const Tensor b = places_.unsqueeze(0).expand_as(u);
    const Tensor twice = 2.0 * torch::cross(u, b, -1);
    return poses.positions.index_select(1, body_of_) + b + w * twice + torch::cross(u, twice, -1);
  }

 private:
  std::size_t n_atoms_;
  Tensor body_of_, places_;
};

[[noreturn]] void diverged(std::size_t step, const std::string& what) {
  throw engine::NumericalError(fmt::format(
      "rigid-body flow: the {} of step {} is not finite; the weights of the best point so far "
      "are kept. Use a lower learning rate, or a target temperature closer to that of the base",
      what, step));
}

/// What the parts of a loss have in common.
struct Trained {
  RigidFlowModel& model;
  const engine::RigidBodies& bodies;
  const engine::EnergyFunction& energy;
  const RigidFlowTrainingOptions& options;
  AtomPlaces atoms;
};

/// The work of samples of one end, which are led to the other.
class LossPart {
 public:
  LossPart(const Trained& trained, const RigidFlowSamples& data, FlowDirection direction,
           double weight)
      : trained_(trained), data_(data), direction_(direction), weight_(weight) {
    const RigidFlowModel& model = trained.model;
    const PoseBatch poses =
        nearest_numbering(trained.bodies, poses_of(trained.bodies, data.training),
                          model.numbering_sites())
            .poses;
    positions_ = tensor_of(poses.positions, poses.n_chains, poses.n_bodies);
    orientations_ = tensor_of(poses.orientations, poses.n_chains, poses.n_bodies);
    std::vector<double> own(poses.n_chains);
    trained.energy.evaluate(data.training, {own.data(), own.size()}, {});
    double beta = engine::ThermodynamicState{model.ends.base_temperature_K}.beta();
    image_beta_ = engine::ThermodynamicState{model.ends.target_temperature_K}.beta();
    if (direction == FlowDirection::kToBase) std::swap(beta, image_beta_);
    own_ = beta * torch::tensor(own, torch::kFloat64);
    order_.resize(poses.n_chains);
    std::iota(order_.begin(), order_.end(), std::int64_t{0});
  }

  /// Adds the gradient of the mean work of a batch, times the weight; returns that part of the
  /// loss.
  double gradient(RigidFlow& flow, std::size_t step) {
    const std::vector<std::int64_t> batch = next_batch(step);
    const Tensor positions = rows_of(positions_, batch);
    const FlowState before = encode(trained_.model, positions, rows_of(orientations_, batch));
    const FlowState after =
        direction_ == FlowDirection::kToTarget ? flow->forward(before) : flow->inverse(before);
    const Tensor x = trained_.atoms(decode(trained_.model, positions, before, after));

    const Tensor values = x.detach().contiguous();
    const std::size_t n = batch.size(), n_atoms = trained_.bodies.n_atoms();
    std::vector<engine::Box> boxes;
    if (trained_.model.ends.has_box())
      for (const std::int64_t row : batch)
        boxes.push_back(*data_.training.box(static_cast<std::size_t>(row)));
    std::vector<double> energies(n), forces(3 * n * n_atoms);
    trained_.energy.evaluate({values.data_ptr<double>(), n, n_atoms, boxes}, {energies.data(), n},
                             {forces.data(), forces.size()});

    const Tensor force = torch::tensor(forces, torch::kFloat64).view(x.sizes());
    const Tensor surrogate = -image_beta_ * (force * x).sum({1, 2}) - after.log_det;
    const double loss = (image_beta_ * torch::tensor(energies, torch::kFloat64) -
                         rows_of(own_, batch) - after.log_det.detach())
                            .mean()
                            .item<double>();
    if (!std::isfinite(loss)) diverged(step, "loss");
    (weight_ * surrogate.mean()).backward();
    return weight_ * loss;
  }

  /// Adds what is held out to a point of the curve.
  void score(RigidFlowScore& point) const {
    std::vector<double> work =
        flow_work(trained_.model, trained_.bodies, trained_.energy, data_.held_out, direction_);
    const auto n = static_cast<double>(work.size());
    point.held_out += weight_ * std::accumulate(work.begin(), work.end(), 0.0) / n;
    if (!std::isfinite(point.held_out)) diverged(point.step, "held-out loss");
    for (double& w : work) w = -w;
    point.held_out_samples =
        std::min(point.held_out_samples, engine::kish_effective_sample_size(work) / n);
  }

 private:
  /// Batches go through all samples in an order of their own before any comes again; what is left
  /// of an order and is no batch is left out of it.
  std::vector<std::int64_t> next_batch(std::size_t step) {
    const std::size_t size = trained_.options.batch_size, per_pass = order_.size() / size;
    const std::size_t pass = step / per_pass, first = step % per_pass * size;
    if (first == 0) {
      engine::RandomStream stream({trained_.options.seed, pass},
                                  engine::StreamName::kTrainingShuffle, 0);
      engine::shuffle(engine::Span<std::int64_t>(order_), stream);
    }
    const auto begin = order_.begin() + static_cast<std::ptrdiff_t>(first);
    return {begin, begin + static_cast<std::ptrdiff_t>(size)};
  }

  const Trained& trained_;
  const RigidFlowSamples& data_;
  FlowDirection direction_;
  double weight_ = 0.0;
  double image_beta_ = 0.0;                ///< of the end that samples are led to
  Tensor positions_, orientations_, own_;  ///< own_: reduced energies of samples
  std::vector<std::int64_t> order_;
};

class Trainer {
 public:
  Trainer(const Trained& trained, const RigidFlowData& data)
      : model_(trained.model),
        options_(trained.options),
        network_(std::make_shared<RigidFlowNetwork>()) {
    const double weight = options_.energy_weight;
    if (weight > 0.0) parts_.emplace_back(trained, data.base, FlowDirection::kToTarget, weight);
    if (weight < 1.0)
      parts_.emplace_back(trained, data.target, FlowDirection::kToBase, 1.0 - weight);
    // The model's network is for reading: a copy is trained.
    network_->flow = RigidFlow(model_.shape, model_.ends.contraction());
    copy_parameters(model_.network->flow->parameters());
    model_.network = network_;
  }

  void run(const std::function<void(const RigidFlowScore&)>& progress) {
    try {
      score(0, std::numeric_limits<double>::quiet_NaN(), progress);
      train(progress);
    } catch (...) {
      if (!best_.empty()) copy_parameters(best_);
      throw;
    }
    copy_parameters(best_);
  }

 private:
  void train(const std::function<void(const RigidFlowScore&)>& progress) {
    std::vector<Tensor> trained;
    for (const Tensor& parameter : network_->flow->parameters())
      if (parameter.requires_grad()) trained.push_back(parameter);
    torch::optim::Adam adam(trained, torch::optim::AdamOptions(options_.first_rate));
    std::size_t step = 0;
    for (std::size_t epoch = 0; epoch < options_.n_epochs; ++epoch) {
      double sum = 0.0;
      for (std::size_t i = 0; i < options_.steps_per_epoch; ++i, ++step) {
        static_cast<torch::optim::AdamOptions&>(adam.param_groups()[0].options())
            .lr(options_.rate(step));
        adam.zero_grad();
        for (LossPart& part : parts_) sum += part.gradient(network_->flow, step);
        for (const Tensor& parameter : trained)
          if (!std::isfinite(parameter.grad().sum().item<double>())) diverged(step, "gradient");
        adam.step();
      }
      score(step, sum / static_cast<double>(options_.steps_per_epoch), progress);
      if (options_.patience > 0 && epochs_since_best_ == options_.patience) return;
    }
  }

  void score(std::size_t step, double training,
             const std::function<void(const RigidFlowScore&)>& progress) {
    RigidFlowScore point;
    point.step = step;
    point.held_out_samples = 1.0;
    for (const LossPart& part : parts_) part.score(point);
    point.training = step == 0 ? point.held_out : training;
    model_.curve.push_back(point);
    ++epochs_since_best_;
    if (best_.empty() || point.held_out < best_loss_) {
      epochs_since_best_ = 0;
      best_loss_ = point.held_out;
      best_.clear();
      for (const Tensor& parameter : network_->flow->parameters())
        best_.push_back(parameter.detach().clone());
    }
    if (progress) progress(point);
  }

  void copy_parameters(const std::vector<Tensor>& values) {
    torch::NoGradGuard no_grad;
    auto parameters = network_->flow->parameters();
    for (std::size_t i = 0; i < values.size(); ++i) parameters[i].copy_(values[i]);
  }

  RigidFlowModel& model_;
  const RigidFlowTrainingOptions& options_;
  std::vector<LossPart> parts_;
  std::shared_ptr<RigidFlowNetwork> network_;
  std::vector<Tensor> best_;
  double best_loss_ = 0.0;
  std::size_t epochs_since_best_ = 0;
};

/// @param end  what the samples are of
void require_samples(const RigidFlowModel& model, const RigidFlowSamples& samples,
                     std::size_t batch_size, const std::string& end) {
  require_box(model, samples.training);
  require_box(model, samples.held_out);
  if (samples.training.n_chains < batch_size || samples.held_out.n_chains == 0)
    throw InputError(fmt::format(
        "training of a rigid-body flow: needs at least {} samples of the {} and one held out, got "
        "{} and {}",
        batch_size, end, samples.training.n_chains, samples.held_out.n_chains));
}

}  // namespace

void RigidFlowTrainingOptions::validate() const {
  const auto refuse = [](const std::string& what) {
    throw InputError("training of a rigid-body flow: " + what);
  };
  if (n_epochs == 0 || steps_per_epoch == 0) refuse("there must be at least one step");
  if (batch_size == 0) refuse("batches must hold at least one sample");
  if (!(energy_weight >= 0.0 && energy_weight <= 1.0))
    refuse(fmt::format("the weight of the energy must be 0 to 1, got {}", energy_weight));
  if (!(first_rate > 0.0) || !std::isfinite(first_rate) || !(last_rate > 0.0) ||
      !(last_rate <= first_rate))
    refuse(fmt::format("learning rates must be positive and fall, got {} to {}", first_rate,
                       last_rate));
}

double RigidFlowTrainingOptions::rate(std::size_t step) const {
  const std::size_t epoch = step / steps_per_epoch;
  const double ratio = std::pow(last_rate / first_rate, 1.0 / static_cast<double>(n_epochs));
  const double high = first_rate * std::pow(ratio, static_cast<double>(epoch)), low = high * ratio;
  const double part =
      static_cast<double>(step % steps_per_epoch) / static_cast<double>(steps_per_epoch);
  return low + 0.5 * (high - low) * (1.0 + std::cos(engine::kPi * part));
}

void train_rigid_flow(RigidFlowModel& model, const engine::RigidBodies& bodies,
                      const engine::EnergyFunction& energy, const RigidFlowData& data,
                      const RigidFlowTrainingOptions& options,
                      const std::function<void(const RigidFlowScore&)>& progress) {
  options.validate();
  if (model.shape.n_couplings == 0)
    throw InputError("training of a rigid-body flow: it has no couplings, nothing to train");
  require_fit(model, bodies);
  if (options.energy_weight > 0.0) require_samples(model, data.base, options.batch_size, "base");
  if (options.energy_weight < 1.0)
    require_samples(model, data.target, options.batch_size, "target");
  use_one_torch_thread();
  const Trained trained = {model, bodies, energy, options, AtomPlaces(bodies)};
  Trainer(trained, data).run(progress);
}

}  // namespace saltus::mlsamplers
