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
#include "mlsamplers/model/torch_threads.h"
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

bool is_usable(const PeptideSamples& peptide, std::size_t min_frames) {
  return peptide.n_frames() >= min_frames && !peptide.torsions.empty();
}

void validate(const std::vector<PeptideSamples>& samples, const PeptideTrainingOptions& options,
              bool is_refinement) {
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
  const auto n_usable = std::count_if(
      samples.begin(), samples.end(),
      [&](const PeptideSamples& peptide) { return is_usable(peptide, is_refinement ? 2 : 1); });
  if (is_refinement)
    require(n_usable > 0, "a peptide with at least 2 frames is needed, the last to be held out");
  else
    require(n_usable > 1, "at least 2 peptides with frames are needed, one of them to be held out");
}

/// One training.
class Trainer {
 public:
  Trainer(const std::vector<PeptideSamples>& samples, const PeptideTrainingOptions& options,
          PeptideModel model, const PeptideTrainingFiles& files)
      : samples_(samples), options_(options), files_(files), model_(std::move(model)) {
    use_one_torch_thread();
    identity_ = identity_of_training(samples, options, model_);
    if (model_.initial) {
      split_frames();
      anchors_ = parameters_of(*model_.initial);
      state_.parameters = copy_of(anchors_);
    } else {
      split_peptides();
      mix_ = embedding_mix(model_.templates);
      state_.parameters =
          first_parameters(options.shape, static_cast<std::size_t>(mix_.size(1)), options.seed);
    }
    state_.average = copy_of(state_.parameters);
    state_.best_average = copy_of(state_.parameters);
    for (const Tensor& tensor : state_.parameters) {
      state_.first_moments.push_back(torch::zeros_like(tensor));
      state_.second_moments.push_back(torch::zeros_like(tensor));
    }
    if (model_.initial) score_initial();
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
  /// Holds out some of the peptides.
  void split_peptides() {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < samples_.size(); ++i)
      if (is_usable(samples_[i], 1)) order.push_back(i);
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
    use_split(samples_, std::move(training), std::move(held_out));
  }

  /// Holds out the end of each trajectory: frames that follow each other are alike.
  void split_frames() {
    std::vector<std::size_t> training, held_out;
    for (const PeptideSamples& peptide : samples_) {
      if (!is_usable(peptide, 2)) continue;
      const std::size_t n = peptide.n_frames();
      const auto wanted = static_cast<std::size_t>(
          std::lround(options_.held_out_fraction * static_cast<double>(n)));
      const std::size_t n_held_out = std::clamp<std::size_t>(wanted, 1, n - 1);
      training.push_back(parts_.size());
      parts_.push_back(some_frames(peptide, 0, n - n_held_out));
      held_out.push_back(parts_.size());
      parts_.push_back(some_frames(peptide, n - n_held_out, n_held_out));
    }
    use_split(parts_, std::move(training), std::move(held_out));
  }

  void use_split(const std::vector<PeptideSamples>& samples, std::vector<std::size_t> training,
                 std::vector<std::size_t> held_out) {
    n_training_ = training.size();
    std::vector<std::string> names;
    for (const TemplateStatistics& entry : model_.templates) names.push_back(entry.name);
    training_.emplace(samples, std::move(training), names, model_.reference_temperature_K);
    draw_held_out(
        PeptideRowSource(samples, std::move(held_out), names, model_.reference_temperature_K));
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

  /// What is kept unless a check is better.
  void score_initial() {
    state_.best = score();
    if (!std::isfinite(state_.best))
      throw engine::NumericalError(
          "peptide training: the initial model gives the held-out frames no finite density");
    initial_held_out_ = state_.best;
  }

  Tensor embeddings_of(const Parameters& parameters) const {
    return mix_.defined() ? mix_.matmul(parameters[0]) : parameters[0];
  }

  /// Mean over kinds of mean -log q; kinds without rows are left out.
  template <class RowsOf>
  Tensor mean_loss(const Parameters& parameters, const RowsOf& rows_of) const {
    const Tensor embeddings = embeddings_of(parameters);
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
        // Decoupled from the gradient; biases are free. What is refined decays towards its start.
        const double decrease = rate_now * options_.weight_decay;
        if (parameter.dim() > 1 && anchors_.empty()) parameter.mul_(1.0 - decrease);
        if (parameter.dim() > 1 && !anchors_.empty()) parameter.lerp_(anchors_[i], decrease);
        parameter.addcdiv_(state_.first_moments[i], state_.second_moments[i].sqrt().add_(kEpsilon),
                           -rate);
      }
      // Leaves what does not change as it is, to the last bit.
      state_.average[i].lerp_(parameter.detach(), 1.0 - decay);
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
    model_.shape = model_.initial ? model_.initial->shape : options_.shape;
    model_.embeddings = doubles_of(embeddings_of(state_.best_average));
    for (std::size_t kind = 0; kind < kTorsionKinds; ++kind) {
      const Tensor* p = &state_.best_average[1 + kTensorsPerKind * kind];
      model_.networks[kind] = {doubles_of(p[0]), doubles_of(p[1]), doubles_of(p[2]),
                               doubles_of(p[3]), doubles_of(p[4]), doubles_of(p[5])};
    }
    complete_card();
    model_.validate("peptide training");
    result.model = std::move(model_);
    result.held_out = state_.best;
    result.initial_held_out = initial_held_out_;
    result.best_step = state_.best_step;
    result.held_out_peptides = held_out_names_;
  }

  void complete_card() {
    ModelCard& card = model_.card;
    card.kind = kPeptideKind;
    card.temperature_K = model_.reference_temperature_K;
    card.measure = "soft torsions, rotors and fast internal coordinates";
    card.training = what_was_learned() + "; " + std::to_string(state_.step) +
                    " steps, best after " + std::to_string(state_.best_step) + "; seed " +
                    std::to_string(options_.seed) + "; held out " +
                    engine::fixed_text(state_.best, 4) + " nats per torsion";
    if (!card.transferable) card.transferable.emplace();
    card.transferable->n_molecules = model_.initial ? model_.refined_on.size() : n_training_;
    card.transferable->seed = options_.seed;
    card.transferable->scores = {{"held_out", state_.best}};
    if (!initial_held_out_) return;
    card.training += ", " + engine::fixed_text(*initial_held_out_, 4) + " before";
    card.transferable->scores["held_out_initial"] = *initial_held_out_;
  }

  std::string what_was_learned() const {
    if (!model_.initial)
      return std::to_string(n_training_) +
             " peptides, held out: " + engine::joined(held_out_names_);
    std::vector<std::string> names;
    for (const std::vector<std::string>& residues : model_.refined_on)
      names.push_back(engine::joined(residues, "-"));
    return "refined on " + engine::joined(names) + ", held out: the last " +
           engine::shortest_text(options_.held_out_fraction) + " of the frames of each of " +
           std::to_string(n_training_) + " trajectories";
  }

  const std::vector<PeptideSamples>& samples_;
  const PeptideTrainingOptions& options_;
  const PeptideTrainingFiles& files_;
  PeptideModel model_;
  std::string identity_;
  Tensor mix_;  ///< [templates + 1, parts]: how parts add up to embeddings; undefined: they are
  Parameters anchors_;                 ///< of a refinement, where it began
  std::vector<PeptideSamples> parts_;  ///< of a refinement, training and held-out frames in turn
  std::optional<double> initial_held_out_;
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
  validate(samples, options, model.initial != nullptr);
  return Trainer(samples, options, std::move(model), files).run();
}

}  // namespace saltus::mlsamplers
