#include "mlsamplers/training/timewarp_trainer.h"

#include <fmt/format.h>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <limits>
#include <numeric>

#include "engine/core/elapsed.h"
#include "engine/core/error.h"
#include "engine/core/units.h"
#include "engine/ensemble/target_density.h"
#include "mlsamplers/model/model_file.h"
#include "mlsamplers/model/torch_threads.h"
#include "mlsamplers/training/timewarp_pairs_detail.h"

namespace saltus::mlsamplers {

using engine::NumericalError;
using torch::Tensor;
using Tensors = std::vector<torch::Tensor>;

namespace {

constexpr const char* kStateKind = "timewarp training";
/// Parts of a batch that are computed side by side when there are threads.
constexpr std::size_t kParts = 2;
constexpr double kLastRate = 0.02;  ///< of the learning rate, at the end of the cosine
constexpr double kFirstMomentum = 0.9, kSecondMomentum = 0.999, kAdamFloor = 1e-8;
/// Held-out scores that are worse than the best by so many nats an atom mean that weights ran away.
constexpr double kDiverged = 50.0;
/// So much worse by atom may the likelihood become while acceptance is tuned.
constexpr double kTuningSlack = 1.0;

std::int64_t number(std::size_t value) { return static_cast<std::int64_t>(value); }

/// Everything that changes in a training.
struct Progression {
  std::size_t step = 0, best_step = 0;
  double best_held_out = std::numeric_limits<double>::infinity();
  double loss_sum = 0.0;  ///< since the last point of the curve
  Tensors average, best, first, second;
  std::vector<TimewarpScore> curve;
};

class Trainer {
 public:
  Trainer(const TimewarpModel& model, const TimewarpPairSource& source,
          const TimewarpTrainingOptions& options, const TimewarpEnvironment& environment)
      : model_(model),
        source_(source),
        options_(options),
        environment_(environment),
        elements_(element_indices(model.elements)),
        flow_(copy_of_flow(model)) {
    for (const Tensor& parameter : flow_->parameters()) {
      now_.first.push_back(torch::zeros_like(parameter));
      now_.second.push_back(torch::zeros_like(parameter));
    }
    now_.average = copied_parameters(*flow_);
    now_.best = now_.average;
  }

  std::size_t n_steps() const { return options_.n_steps + options_.tuning.n_steps; }

  void run() {
    use_one_torch_thread();
    if (keeps_state() && std::filesystem::exists(environment_.state_file)) read_state();
    const auto start = std::chrono::steady_clock::now();
    const std::size_t first = now_.step;
    while (now_.step < n_steps()) {
      now_.loss_sum += take_step();
      ++now_.step;
      if (now_.step % options_.check_period == 0 || now_.step == n_steps())
        check(engine::seconds_since(start) / static_cast<double>(now_.step - first));
    }
  }

  /// The model with these weights.
  TimewarpModel with_weights(const Tensors& weights) const {
    TimewarpModel result = model_;
    auto network = std::make_shared<TimewarpNetwork>();
    network->flow = TimewarpFlow(model_.shape, model_.displacement_scale_nm);
    set_parameters(*network->flow, weights);
    result.network = std::move(network);
    result.curve = now_.curve;
    return result;
  }
  const Progression& now() const { return now_; }

 private:
  bool keeps_state() const {
    constexpr std::uint64_t kTables = 5;
    return !environment_.state_file.empty() &&
           kTables * sizeof(float) * model_.shape.n_parameters() < kMaxModelBytes;
  }
  bool tunes() const { return now_.step >= options_.n_steps; }
  double n_atoms() const { return static_cast<double>(model_.elements.size()); }

  double rate() const {
    if (tunes()) return options_.tuning.learning_rate;
    const double done = static_cast<double>(now_.step) + 0.5;
    const double cosine =
        0.5 * (1.0 + std::cos(engine::kPi * done / static_cast<double>(options_.n_steps)));
    const double rise =
        std::min(1.0, done / static_cast<double>(std::max<std::size_t>(options_.n_rise, 1)));
    return options_.learning_rate * rise * (kLastRate + (1.0 - kLastRate) * cosine);
  }

  /// Sum over pairs of -log q(d, v | x).
  Tensor likelihood_loss(TimewarpFlow& flow, const FlowCondition& condition,
                         const TimewarpPairs& pairs) const {
    return -flow->log_density(condition, pairs.displacements, pairs.auxiliaries).sum();
  }

  /// Sum over states of the energy and acceptance terms of one draw each.
  Tensor draw_loss(const FlowCondition& condition, const TimewarpPairs& pairs) {
    const TimewarpTuningOptions& tuning = options_.tuning;
    const double beta = engine::ThermodynamicState{model_.card.temperature_K}.beta();
    const FlowPoint drawn = flow_->sample(condition, pairs.noise[0], pairs.noise[1]);
    const Tensor proposed = pairs.states + drawn.positions;
    const Tensor identity = torch::eye(3, pairs.states.options()).expand({proposed.size(0), 3, 3});
    const FramePoses poses = model_.frame == TimewarpFrame::kBody
                                 ? body_poses(proposed, model_.axes)
                                 : centred_poses(proposed, identity);
    const Tensor there = poses.into(proposed);
    const Tensor reverse = flow_->log_density(flow_->condition(there, elements_),
                                              poses.into(pairs.states) - there, pairs.fresh);
    const auto half_square = [](const Tensor& v) { return 0.5 * (v * v).flatten(1).sum(1); };
    const Tensor here_kT = beta * energies_of(*environment_.energy, pairs.states) +
                           half_square(pairs.fresh).to(torch::kFloat64);
    const Tensor there_kT = beta * energies_of(*environment_.energy, proposed) +
                            half_square(drawn.auxiliaries).to(torch::kFloat64);
    const Tensor log_q = drawn.log_det.to(torch::kFloat64);
    const Tensor log_ratio = here_kT - there_kT + reverse.to(torch::kFloat64) - log_q;
    const Tensor loss =
        tuning.energy * (there_kT + log_q) +
        tuning.acceptance * (torch::clamp_min(-log_ratio, 0.0) + tuning.entropy * log_q);
    const Tensor rises = (there_kT - here_kT).detach();
    const Tensor used = (rises.isfinite() & (rises <= tuning.largest_rise_kT) &
                         kept_handedness(pairs.states, proposed));
    return torch::where(used, loss, torch::zeros_like(loss)).sum().to(torch::kFloat32);
  }

  Tensor kept_handedness(const Tensor& from, const Tensor& to) const {
    const Tensor a = from.detach().to(torch::kFloat64).contiguous(),
                 b = to.detach().to(torch::kFloat64).contiguous();
    const auto stride = static_cast<std::size_t>(a[0].numel());
    Tensor kept = torch::empty({a.size(0)}, torch::kBool);
    for (std::int64_t i = 0; i < a.size(0); ++i) {
      const auto row = static_cast<std::size_t>(i) * stride;
      kept.data_ptr<bool>()[i] =
          same_handedness(model_.centres, {a.data_ptr<double>() + row, stride},
                          {b.data_ptr<double>() + row, stride});
    }
    return kept;
  }

  /// Of some pairs, divided by those of the whole batch and by atoms.
  Tensor loss_of(const TimewarpPairs& pairs) {
    const FlowCondition condition = flow_->condition(pairs.states, elements_);
    Tensor loss = likelihood_loss(flow_, condition, pairs);
    if (tunes()) loss = options_.tuning.likelihood * loss + draw_loss(condition, pairs);
    return loss / (static_cast<double>(options_.batch_size) * n_atoms());
  }

  /// One gradient; parts of the batch are summed in their order, whoever computes them.
  double take_step() {
    const TimewarpPairs batch = source_.training(now_.step);
    const std::size_t n_parts = std::min(kParts, options_.batch_size);
    std::vector<Tensors> gradients(n_parts);
    std::vector<double> losses(n_parts);
    const auto part = [&](std::size_t i) {
      use_one_torch_thread();
      const Tensor loss = loss_of(batch.rows(number(i * options_.batch_size / n_parts),
                                             number((i + 1) * options_.batch_size / n_parts)));
      gradients[i] = torch::autograd::grad({loss}, flow_->parameters(), {}, false, false, true);
      losses[i] = loss.item<double>();
    };
    // The energies of tuning have threads of their own.
    if (environment_.pool && !tunes()) {
      environment_.pool->for_each_block(n_parts, part);
    } else {
      for (std::size_t i = 0; i < n_parts; ++i) part(i);
    }
    const double loss = std::accumulate(losses.begin(), losses.end(), 0.0);
    if (!std::isfinite(loss)) fail("the loss is not finite");
    descend(gradients);
    return loss;
  }

  /// Adam with gradients cut at a norm, then the average of weights.
  void descend(std::vector<Tensors>& gradients) {
    torch::NoGradGuard no_grad;
    const auto parameters = flow_->parameters();
    Tensors& sums = gradients[0];
    double square = 0.0;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      if (!sums[i].defined()) sums[i] = torch::zeros_like(parameters[i]);
      for (std::size_t p = 1; p < gradients.size(); ++p)
        if (gradients[p][i].defined()) sums[i] = sums[i] + gradients[p][i];
      square += sums[i].pow(2).sum().item<double>();
    }
    if (!std::isfinite(square)) fail("a gradient is not finite");
    const double cut = std::min(1.0, options_.max_gradient_norm / (std::sqrt(square) + 1e-12));
    const auto t = static_cast<double>(now_.step + 1);
    const double step_size = rate() * std::sqrt(1.0 - std::pow(kSecondMomentum, t)) /
                             (1.0 - std::pow(kFirstMomentum, t));
    // Young averages forget faster, so that first weights do not stay in them.
    const double keep = std::min(options_.averaging, t / (t + 10.0));
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      const Tensor gradient = sums[i] * cut;
      now_.first[i].mul_(kFirstMomentum).add_(gradient, 1.0 - kFirstMomentum);
      now_.second[i].mul_(kSecondMomentum).addcmul_(gradient, gradient, 1.0 - kSecondMomentum);
      Tensor(parameters[i])
          .addcdiv_(now_.first[i], now_.second[i].sqrt().add_(kAdamFloor), -step_size);
      now_.average[i].mul_(keep).add_(parameters[i], 1.0 - keep);
    }
  }

  /// -log q by atom of held-out pairs, under averaged weights.
  double score() const {
    torch::NoGradGuard no_grad;
    TimewarpFlow averaged(model_.shape, model_.displacement_scale_nm);
    set_parameters(*averaged, now_.average);
    const TimewarpPairs& pairs = source_.held_out();
    const FlowCondition condition = averaged->condition(pairs.states, elements_);
    return likelihood_loss(averaged, condition, pairs).item<double>() /
           (static_cast<double>(pairs.states.size(0)) * n_atoms());
  }

  /// A point of the curve; keeps the model when it is good.
  void check(double seconds_per_step) {
    const std::size_t last = now_.curve.empty() ? 0 : now_.curve.back().step;
    const double held_out = score();
    const double training = now_.loss_sum / static_cast<double>(now_.step - last);
    if (!std::isfinite(held_out)) fail("the held-out score is not finite");
    if (held_out > now_.best_held_out + kDiverged)
      fail(fmt::format(FMT_STRING("the held-out score went from {:.3f} to {:.3f} nats by atom"),
                       now_.best_held_out, held_out));
    now_.curve.push_back({now_.step, training, held_out});
    now_.loss_sum = 0.0;
    const bool tuned = now_.step > options_.n_steps;
    if (held_out < now_.best_held_out || (tuned && held_out < now_.best_held_out + kTuningSlack)) {
      now_.best_held_out = std::min(held_out, now_.best_held_out);
      now_.best_step = now_.step;
      now_.best.clear();
      for (const Tensor& average : now_.average) now_.best.push_back(average.clone());
      if (environment_.keep) environment_.keep(with_weights(now_.best));
    }
    if (keeps_state()) write_state();
    if (environment_.progress)
      environment_.progress({now_.step, n_steps(), training, held_out, now_.best_held_out,
                             seconds_per_step * static_cast<double>(n_steps() - now_.step)});
  }

  [[noreturn]] void fail(const std::string& what) const {
    const std::string kept =
        now_.best_step == 0
            ? "there is no good model yet"
            : fmt::format(
                  FMT_STRING("the last good model, of step {} with {:.3f} nats by atom held "
                             "out, is kept"),
                  now_.best_step, now_.best_held_out);
    throw NumericalError(fmt::format(FMT_STRING("timewarp training: {} at step {} of {}; {}; train "
                                                "again with a smaller learning rate or a smaller "
                                                "scale_bound"),
                                     what, now_.step + 1, n_steps(), kept));
  }

  // Names of the tables of weights in the state file, and where they are.
  std::vector<std::pair<std::string, Tensors>> tables() const {
    return {{"weights", copied_parameters(*flow_)},
            {"average", now_.average},
            {"best", now_.best},
            {"first", now_.first},
            {"second", now_.second}};
  }

  ModelCard state_card() const {
    ModelCard card = model_.card;
    card.kind = kStateKind;
    card.training = source_.digest();
    return card;
  }

  void write_state() const {
    ModelWriter writer;
    for (const auto& [name, tensors] : tables())
      for (std::size_t i = 0; i < tensors.size(); ++i) {
        const Tensor dense = tensors[i].detach().contiguous();
        writer.add(name + "." + std::to_string(i), "F32",
                   {dense.sizes().begin(), dense.sizes().end()}, dense.data_ptr<float>());
      }
    std::vector<double> curve;
    for (const TimewarpScore& score : now_.curve)
      curve.insert(curve.end(), {static_cast<double>(score.step), score.training, score.held_out});
    writer.add("curve", curve, 3);
    writer.add("steps", std::vector<std::int64_t>{number(now_.step), number(now_.best_step)}, 1);
    writer.add("best_held_out", "F64", {}, &now_.best_held_out);
    writer.write(state_card(), environment_.state_file);
  }

  void read_state() {
    torch::NoGradGuard no_grad;
    ModelReader reader(environment_.state_file);
    reader.require_kind(kStateKind);
    if (reader.card().training != state_card().training)
      throw engine::ModelError(environment_.state_file +
                               ": this training was begun with other data or options; go on with "
                               "those, or delete the file to begin again");
    const auto steps = reader.integers("steps", 1);
    const auto curve = reader.doubles("curve"), best = reader.doubles("best_held_out");
    if (steps.size() != 2 || best.size() != 1 || curve.size() % 3 != 0)
      reader.damaged("'steps', 'curve' and 'best_held_out' do not fit each other");
    for (auto& [name, tensors] : tables())
      for (std::size_t i = 0; i < tensors.size(); ++i) read_tensor(reader, name, i, tensors[i]);
    reader.require_all_used();
    now_.step = static_cast<std::size_t>(steps[0]);
    now_.best_step = static_cast<std::size_t>(steps[1]);
    now_.best_held_out = best[0];
    for (std::size_t i = 0; i < curve.size(); i += 3)
      now_.curve.push_back({static_cast<std::size_t>(curve[i]), curve[i + 1], curve[i + 2]});
  }

  void read_tensor(ModelReader& reader, const std::string& table, std::size_t i,
                   const Tensor& like) {
    const auto bytes = reader.array(table + "." + std::to_string(i), "F32",
                                    {like.sizes().begin(), like.sizes().end()});
    Tensor values = torch::empty(like.sizes(), torch::kFloat32);
    std::copy(bytes.begin(), bytes.end(), static_cast<unsigned char*>(values.data_ptr()));
    if (table == "weights") Tensor(flow_->parameters()[i]).copy_(values);
    if (table == "average") now_.average[i] = values;
    if (table == "best") now_.best[i] = values;
    if (table == "first") now_.first[i] = values;
    if (table == "second") now_.second[i] = values;
  }

  const TimewarpModel& model_;
  const TimewarpPairSource& source_;
  const TimewarpTrainingOptions& options_;
  const TimewarpEnvironment& environment_;
  Tensor elements_;
  TimewarpFlow flow_;
  Progression now_;
};

std::string in_words(const TimewarpTrainingOptions& options, const Progression& end,
                     const TimewarpModel& model, std::size_t n_pairs) {
  return fmt::format(
      FMT_STRING("{} parameters; {} pairs in both directions; {} gradients of {} pairs by "
                 "likelihood, {} by acceptance; best after {}: {:.3f} nats by atom held out; "
                 "seed {}"),
      model.shape.n_parameters(), n_pairs, options.n_steps, options.batch_size,
      options.tuning.n_steps, end.best_step, end.best_held_out, options.seed);
}

void take_weights(TimewarpModel& model, const TimewarpModel& from) {
  if (from.shape.n_parameters() != model.shape.n_parameters() ||
      from.shape.n_couplings != model.shape.n_couplings || !from.network)
    throw engine::ModelError(
        "timewarp training: the model to start with has another shape than the one to train");
  model.network = from.network;
  model.displacement_scale_nm = from.displacement_scale_nm;
}

}  // namespace

TrainedTimewarp train_timewarp(const engine::Topology& topology, const PilotTrajectory& pilot,
                               const TimewarpTrainingOptions& options, ModelCard card,
                               const TimewarpEnvironment& environment) {
  options.validate();
  if (options.tuning.n_steps > 0 && !environment.energy)
    throw engine::InputError("timewarp training: tuning needs an energy");
  use_one_torch_thread();
  TimewarpModel model = timewarp_model_for(topology, options.shape, std::move(card));
  model.frame = options.frame;
  model.card.lag_ps = options.lag_ps;
  model.card.measure = engine::name_of(engine::ReferenceMeasure::kCartesian);
  model.card.precision = "float32";
  model.card.references = {"Klein et al., Timewarp, NeurIPS 2023, arXiv:2302.01170"};
  const TimewarpPairSource source(pilot, options, model);
  model.displacement_scale_nm = source.displacement_scale_nm();
  if (environment.warm_start) {
    take_weights(model, *environment.warm_start);
  } else {
    // As published. Near 0 no half moves the other: a saddle that training does not leave.
    constexpr double kFirstOutputs = 1.0;
    randomise(model, {options.seed, 0}, kFirstOutputs);
  }
  Trainer trainer(model, source, options, environment);
  trainer.run();
  const Progression& end = trainer.now();
  TrainedTimewarp result{trainer.with_weights(end.best), end.best_step, end.best_held_out, {}};
  result.summary = in_words(options, end, result.model, source.n_pairs());
  result.model.card.training = result.summary;
  return result;
}

}  // namespace saltus::mlsamplers
