#include "mlsamplers/training/peptide_trainer.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>

#include "engine/core/elapsed.h"
#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/core/units.h"
#include "mlsamplers/leap/mixture_network_detail.h"
#include "mlsamplers/training/peptide_training_state_detail.h"

namespace saltus::mlsamplers {

namespace {

using engine::RandomStream;
using engine::StepKey;
using engine::StreamName;
using torch::Tensor;

constexpr double kBeta1 = 0.9, kBeta2 = 0.999, kEpsilon = 1e-8;  // of Adam
/// Steps of the training's keys lie beyond those of held-out rows.
constexpr std::uint64_t kHeldOutStep = std::uint64_t{1} << 40;

void validate(const std::vector<PeptideSamples>& samples, const PeptideTrainingOptions& options) {
  const auto require = [](bool holds, const char* what) {
    if (!holds) throw engine::InputError(std::string("peptide training: ") + what);
  };
  require(
      options.shape.n_hidden > 0 && options.shape.n_components > 0 && options.shape.n_embedding > 0,
      "the sizes of the networks must be positive");
  require(options.n_steps > 0 && options.batch_size > 0 && options.check_period > 0 &&
              options.patience > 0 && options.n_held_out_rows > 0,
          "steps, rows, check period and patience must be positive");
  require(options.learning_rate > 0.0 && options.last_learning_rate > 0.0 &&
              options.max_gradient_norm > 0.0,
          "learning rates and the largest gradient must be positive");
  require(options.weight_decay >= 0.0 && std::isfinite(options.weight_decay),
          "the decay of weights must not be negative");
  require(options.average_decay >= 0.0 && options.average_decay < 1.0,
          "the decay of the average must be in [0, 1)");
  require(options.held_out_fraction > 0.0 && options.held_out_fraction < 1.0,
          "the held-out fraction must be between 0 and 1");
  std::size_t n_usable = 0;
  for (const PeptideSamples& peptide : samples)
    n_usable += peptide.n_frames() > 0 && !peptide.torsions.empty() ? 1 : 0;
  require(n_usable > 1, "at least 2 peptides with frames are needed, one of them to be held out");
}

Tensor matrix_of(const std::vector<double>& values, std::size_t rows) {
  const auto n = static_cast<std::int64_t>(rows);
  return torch::from_blob(
             const_cast<double*>(values.data()),
             {n, static_cast<std::int64_t>(values.size()) / std::max<std::int64_t>(n, 1)},
             torch::kFloat64)
      .clone();
}

Tensor indices_of(const std::vector<std::int64_t>& values) {
  return torch::from_blob(const_cast<std::int64_t*>(values.data()),
                          {static_cast<std::int64_t>(values.size())}, torch::kInt64)
      .clone();
}

/// log q of rows, [n].
/// @param embeddings  of templates and of none
Tensor log_density(const Parameters& parameters, const Tensor& embeddings, std::size_t kind,
                   const PeptideRows& rows) {
  const Tensor* p = &parameters[1 + kTensorsPerKind * kind];
  const auto embedded = [&](const std::vector<std::int64_t>& which) {
    return embeddings.index_select(0, indices_of(which));
  };
  const Tensor input =
      torch::cat({matrix_of(rows.inputs, rows.size()), embedded(rows.own), embedded(rows.previous),
                  embedded(rows.next), matrix_of(rows.temperatures, rows.size())},
                 1);
  const Tensor hidden =
      torch::silu(torch::linear(torch::silu(torch::linear(input, p[0], p[1])), p[2], p[3]));
  const auto parts = torch::linear(hidden, p[4], p[5]).chunk(4, 1);
  const WrappedMixture mixture = {torch::log_softmax(parts[0], 1), torch::atan2(parts[2], parts[1]),
                                  kMinWidth + (kMaxWidth - kMinWidth) * torch::sigmoid(parts[3])};
  return mixture.log_density(matrix_of(rows.angles, rows.size()).squeeze(1));
}

/// One training.
class Trainer {
 public:
  Trainer(const std::vector<PeptideSamples>& samples, const PeptideTrainingOptions& options,
          PeptideModel model, const PeptideTrainingFiles& files)
      : samples_(samples), options_(options), files_(files), model_(std::move(model)) {
    use_one_torch_thread();
    identity_ = identity_of_training(samples, options, model_);
    split();
    mix_ = embedding_mix(model_.templates);
    state_.parameters =
        first_parameters(options.shape, static_cast<std::size_t>(mix_.size(1)), options.seed);
    state_.average = copy_of(state_.parameters);
    state_.best_average = copy_of(state_.parameters);
    for (const Tensor& tensor : state_.parameters) {
      state_.first_moments.push_back(torch::zeros_like(tensor));
      state_.second_moments.push_back(torch::zeros_like(tensor));
    }
    std::error_code ignored;
    if (!files.checkpoint.empty() && std::filesystem::exists(files.checkpoint, ignored))
      load_peptide_checkpoint(identity_, files.checkpoint, state_);
    for (Tensor& tensor : state_.parameters) tensor.set_requires_grad(true);
  }

  TrainedPeptides run() {
    TrainedPeptides result;
    const auto start = std::chrono::steady_clock::now();
    const std::size_t first_step = state_.step;
    double sum = 0.0;
    std::size_t n_summed = 0;
    while (state_.step < options_.n_steps && state_.checks_since_best < options_.patience) {
      const double loss = step();
      if (!std::isfinite(loss)) {
        stop_early(result, "the loss was not finite");
        break;
      }
      sum += loss;
      ++n_summed;
      if (state_.step % options_.check_period != 0 && state_.step != options_.n_steps) continue;
      const double held_out = score();
      if (!std::isfinite(held_out)) {
        stop_early(result, "the held-out score was not finite");
        break;
      }
      keep_best(held_out);
      const double per_step =
          engine::seconds_since(start) / static_cast<double>(state_.step - first_step);
      if (files_.progress)
        files_.progress({state_.step, options_.n_steps, sum / static_cast<double>(n_summed),
                         held_out, state_.best,
                         per_step * static_cast<double>(options_.n_steps - state_.step)});
      sum = 0.0;
      n_summed = 0;
      if (!files_.checkpoint.empty()) save_peptide_checkpoint(state_, identity_, files_.checkpoint);
      if (files_.should_stop && state_.step < options_.n_steps && files_.should_stop()) {
        result.is_interrupted = true;
        break;
      }
    }
    finish(result);
    return result;
  }

 private:
  void split() {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < samples_.size(); ++i)
      if (samples_[i].n_frames() > 0 && !samples_[i].torsions.empty()) order.push_back(i);
    RandomStream stream(StepKey{options_.seed, 0}, StreamName::kTrainingShuffle, 0);
    engine::shuffle(engine::Span<std::size_t>(order), stream);
    const auto wanted = static_cast<std::size_t>(
        std::lround(options_.held_out_fraction * static_cast<double>(order.size())));
    const auto n =
        static_cast<std::ptrdiff_t>(std::clamp<std::size_t>(wanted, 1, order.size() - 1));
    std::vector<std::size_t> held_out(order.begin(), order.begin() + n),
        training(order.begin() + n, order.end());
    std::sort(held_out.begin(), held_out.end());
    std::sort(training.begin(), training.end());
    for (const std::size_t i : held_out) held_out_names_.push_back(samples_[i].name);
    n_training_ = training.size();
    std::vector<std::string> names;
    for (const TemplateStatistics& entry : model_.templates) names.push_back(entry.name);
    training_.emplace(samples_, std::move(training), names, model_.reference_temperature_K);
    draw_held_out(
        PeptideRowSource(samples_, std::move(held_out), names, model_.reference_temperature_K));
  }

  /// The same rows at every check.
  void draw_held_out(const PeptideRowSource& source) {
    for (std::size_t kind = 0; kind < kTorsionKinds; ++kind) {
      RandomStream stream(StepKey{options_.seed, kHeldOutStep}, StreamName::kTrainingShuffle,
                          static_cast<std::uint32_t>(kind));
      held_out_rows_.push_back(
          source.draw(static_cast<TorsionKind>(kind), options_.n_held_out_rows, stream));
    }
  }

  /// Mean over kinds of mean -log q; kinds without rows are left out.
  template <class RowsOf>
  Tensor mean_loss(const Parameters& parameters, const RowsOf& rows_of) const {
    const Tensor embeddings = mix_.matmul(parameters[0]);
    Tensor sum = torch::zeros({}, torch::kFloat64);
    int n_kinds = 0;
    for (std::size_t kind = 0; kind < kTorsionKinds; ++kind) {
      const PeptideRows rows = rows_of(kind);
      if (rows.size() == 0) continue;
      sum = sum - log_density(parameters, embeddings, kind, rows).mean();
      ++n_kinds;
    }
    return sum / static_cast<double>(std::max(1, n_kinds));
  }

  double step() {
    for (Tensor& tensor : state_.parameters)
      if (tensor.grad().defined()) tensor.mutable_grad().reset();
    const Tensor loss = mean_loss(state_.parameters, [&](std::size_t kind) {
      RandomStream stream(StepKey{options_.seed, 1 + state_.step}, StreamName::kTrainingShuffle,
                          static_cast<std::uint32_t>(kind));
      return training_->draw(static_cast<TorsionKind>(kind), options_.batch_size, stream);
    });
    const double value = loss.item<double>();
    ++state_.step;
    if (!std::isfinite(value)) return value;
    loss.backward();
    descend();
    return value;
  }

  double learning_rate() const {
    const double part = static_cast<double>(state_.step) / static_cast<double>(options_.n_steps);
    return options_.last_learning_rate + (options_.learning_rate - options_.last_learning_rate) *
                                             0.5 * (1.0 + std::cos(engine::kPi * part));
  }

  /// A step of Adam, and of the running average.
  void descend() {
    torch::NoGradGuard no_grad;
    double squared_norm = 0.0;
    for (const Tensor& tensor : state_.parameters)
      if (tensor.grad().defined()) squared_norm += tensor.grad().square().sum().item<double>();
    const double norm = std::sqrt(squared_norm);
    const double scale =
        norm > options_.max_gradient_norm ? options_.max_gradient_norm / norm : 1.0;
    const auto n = static_cast<double>(state_.step);
    const double rate_now = learning_rate();
    const double rate =
        rate_now * std::sqrt(1.0 - std::pow(kBeta2, n)) / (1.0 - std::pow(kBeta1, n));
    // Early averages would remember the first weights.
    const double decay = std::min(options_.average_decay, (1.0 + n) / (10.0 + n));
    for (std::size_t i = 0; i < state_.parameters.size(); ++i) {
      Tensor& parameter = state_.parameters[i];
      if (parameter.grad().defined()) {
        const Tensor gradient = scale * parameter.grad();
        state_.first_moments[i].mul_(kBeta1).add_(gradient, 1.0 - kBeta1);
        state_.second_moments[i].mul_(kBeta2).addcmul_(gradient, gradient, 1.0 - kBeta2);
        // Decoupled from the gradient; biases are free.
        if (parameter.dim() > 1) parameter.mul_(1.0 - rate_now * options_.weight_decay);
        parameter.addcdiv_(state_.first_moments[i], state_.second_moments[i].sqrt().add_(kEpsilon),
                           -rate);
      }
      state_.average[i].mul_(decay).add_(parameter.detach(), 1.0 - decay);
    }
  }

  double score() const {
    torch::NoGradGuard no_grad;
    return mean_loss(state_.average, [&](std::size_t kind) { return held_out_rows_[kind]; })
        .template item<double>();
  }

  void keep_best(double held_out) {
    if (held_out < state_.best) {
      state_.best = held_out;
      state_.best_step = state_.step;
      state_.checks_since_best = 0;
      state_.best_average = copy_of(state_.average);
    } else {
      ++state_.checks_since_best;
    }
  }

  void stop_early(TrainedPeptides& result, const std::string& why) const {
    if (!std::isfinite(state_.best))
      throw engine::NumericalError("peptide training: " + why + " at step " +
                                   std::to_string(state_.step) +
                                   ", before the first check: use a lower learning rate");
    result.stopped = why + " at step " + std::to_string(state_.step) + "; the weights of step " +
                     std::to_string(state_.best_step) + " are kept";
  }

  void finish(TrainedPeptides& result) {
    if (result.stopped.empty() && !result.is_interrupted && state_.step < options_.n_steps)
      result.stopped = "no gain in " + std::to_string(options_.patience) + " checks; the weights " +
                       "of step " + std::to_string(state_.best_step) + " are kept";
    model_.shape = options_.shape;
    model_.embeddings = doubles_of(mix_.matmul(state_.best_average[0]));
    for (std::size_t kind = 0; kind < kTorsionKinds; ++kind) {
      const Tensor* p = &state_.best_average[1 + kTensorsPerKind * kind];
      model_.networks[kind] = {doubles_of(p[0]), doubles_of(p[1]), doubles_of(p[2]),
                               doubles_of(p[3]), doubles_of(p[4]), doubles_of(p[5])};
    }
    complete_card();
    model_.validate("peptide training");
    result.model = std::move(model_);
    result.held_out = state_.best;
    result.best_step = state_.best_step;
    result.held_out_peptides = held_out_names_;
  }

  void complete_card() {
    ModelCard& card = model_.card;
    card.kind = kPeptideKind;
    card.temperature_K = model_.reference_temperature_K;
    card.measure = "soft torsions, rotors and fast internal coordinates";
    card.training = std::to_string(n_training_) +
                    " peptides, held out: " + engine::joined(held_out_names_) + "; " +
                    std::to_string(state_.step) + " steps, best after " +
                    std::to_string(state_.best_step) + "; seed " + std::to_string(options_.seed) +
                    "; held out " + engine::fixed_text(state_.best, 4) + " nats per torsion";
    if (!card.transferable) card.transferable.emplace();
    card.transferable->n_molecules = n_training_;
    card.transferable->seed = options_.seed;
    card.transferable->scores = {{"held_out", state_.best}};
  }

  const std::vector<PeptideSamples>& samples_;
  const PeptideTrainingOptions& options_;
  const PeptideTrainingFiles& files_;
  PeptideModel model_;
  std::string identity_;
  Tensor mix_;  ///< [templates + 1, parts]: how parts add up to embeddings
  std::vector<std::string> held_out_names_;
  std::size_t n_training_ = 0;
  std::optional<PeptideRowSource> training_;
  std::vector<PeptideRows> held_out_rows_;
  PeptideTrainingParts state_;
};

}  // namespace

TrainedPeptides train_peptides(const std::vector<PeptideSamples>& samples,
                               const PeptideTrainingOptions& options, PeptideModel model,
                               const PeptideTrainingFiles& files) {
  validate(samples, options);
  return Trainer(samples, options, std::move(model), files).run();
}

}  // namespace saltus::mlsamplers
