#include "mlsamplers/training/torsion_trainer.h"

#include <fmt/format.h>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>

#include "engine/core/elapsed.h"
#include "engine/core/error.h"
#include "engine/core/units.h"
#include "engine/system/elements.h"
#include "mlsamplers/model/torch_threads.h"
#include "mlsamplers/torsions/torsion_network_module_detail.h"

namespace saltus::mlsamplers {

using engine::RandomStream;
using engine::StepKey;
using engine::StreamName;
using torch::Tensor;

namespace {

constexpr double kWarmUp = 0.05;  // share of all steps
constexpr std::size_t kHeldOutSamples = 64;

void validate(const std::vector<TorsionSamples>& molecules, const TorsionTrainingOptions& options) {
  const auto require = [](bool ok, const std::string& what) {
    if (!ok) throw engine::InputError("torsion training: " + what);
  };
  options.shape.validate();
  require(options.n_epochs > 0 && options.n_molecules > 0 && options.n_samples > 0,
          "epochs, molecules and samples of a batch must be positive");
  require(options.learning_rate > 0.0 && options.last_learning_rate > 0.0 &&
              options.weight_decay >= 0.0 && options.max_gradient_norm > 0.0,
          "learning rates and the largest gradient must be positive, weight decay not negative");
  require(options.dropout >= 0.0 && options.dropout < 1.0, "dropout must be in [0, 1)");
  require(options.held_out_fraction > 0.0 && options.held_out_fraction < 1.0,
          "the held-out fraction must be between 0 and 1");
  require(options.n_parts > 0, "the parts of a batch must be positive");
  require(molecules.size() > 1, "at least 2 molecules are needed, one of them to be held out");
  for (const TorsionSamples& samples : molecules) {
    validate(samples);
    for (const engine::GraphAtom& atom : samples.graph.atoms)
      require(std::count(known_elements().begin(), known_elements().end(), atom.atomic_number) > 0,
              "molecule '" + samples.name + "': no features for element " +
                  engine::element_symbol(atom.atomic_number));
  }
}

std::vector<std::size_t> shuffled(std::size_t n, const StepKey& key) {
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  RandomStream stream(key, StreamName::kTrainingShuffle, 0);
  engine::shuffle(engine::Span<std::size_t>(order), stream);
  return order;
}

Tensor floats(const std::vector<float>& values, std::int64_t columns) {
  return torch::from_blob(const_cast<float*>(values.data()),
                          {static_cast<std::int64_t>(values.size()) / columns, columns},
                          torch::kFloat32)
      .clone();
}

HeadInput head_input(const MaskedRows& rows, std::size_t n_bases, std::size_t n_pairs) {
  HeadInput input{SparseRows(n_bases), SparseRows(n_pairs), Tensor(),
                  SparseRows(rows.pairs.size())};
  for (std::size_t base : rows.bases) input.base.add_row(base);
  for (std::size_t pair : rows.pairs) input.pair.add_row(pair);
  std::size_t message = 0;
  for (std::size_t n : rows.n_messages) {
    for (std::size_t i = 0; i < n; ++i) input.messages.add(message++, 1.0f);
    input.messages.end_row();
  }
  input.harmonics = floats(rows.harmonics, 2 * kTorsionHarmonics);
  return input;
}

/// Molecules of one step, joined.
class Batch {
 public:
  void add(TorsionSamples samples) {
    molecules_.push_back(std::move(samples));
    layouts_.push_back(readout_rows(molecules_.back().graph));
  }
  void join() {
    std::vector<const engine::TorsionGraph*> graphs;
    std::vector<const ReadoutRows*> layouts;
    for (std::size_t i = 0; i < molecules_.size(); ++i) {
      graphs.push_back(&molecules_[i].graph);
      layouts.push_back(&layouts_[i]);
    }
    graph_ = make_batch(graphs, layouts);
  }
  /// Adds a sample of molecule i; `share` is what its rows together weigh in the loss.
  void show(std::size_t i, std::size_t sample, TorsionMask mask, double share,
            RandomStream& stream) {
    add_sample(molecules_[i], sample, {layouts_[i], graph_.first_base[i], graph_.first_pair[i]},
               {mask, stream}, rows_);
    const std::size_t r = molecules_[i].graph.torsions.size();
    rows_.shares.insert(rows_.shares.end(), r, static_cast<float>(share / static_cast<double>(r)));
  }
  void forget_rows() { rows_ = {}; }
  /// Sum over rows of share times -log q.
  Tensor loss(TorsionNetworkModule& net, const NetworkRows& rows) const {
    const HeadInput input =
        head_input(rows_, graph_.base_bond->n_rows(), graph_.pair_bonds[0]->n_rows());
    const Tensor log_q = log_density(net->head(rows, input), floats(rows_.cosines, 1).squeeze(1),
                                     floats(rows_.sines, 1).squeeze(1));
    return -(log_q * floats(rows_.shares, 1).squeeze(1)).sum();
  }
  const GraphBatch& graph() const { return graph_; }

 private:
  std::vector<TorsionSamples> molecules_;
  std::vector<ReadoutRows> layouts_;
  GraphBatch graph_;
  MaskedRows rows_;
};

/// What a batch needs of a molecule: the graph and a few samples drawn with replacement.
TorsionSamples drawn(const TorsionSamples& all, std::size_t n, bool mirror, RandomStream& stream) {
  TorsionSamples some{all.name, all.graph, n, {}, {}};
  const std::size_t r = all.graph.torsions.size(), n_signs = all.graph.inversions.size();
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t s = stream.below(all.n_samples);
    some.torsions.insert(some.torsions.end(), &all.torsions[s * r], &all.torsions[s * r] + r);
    some.inversions.insert(some.inversions.end(), all.inversions.data() + s * n_signs,
                           all.inversions.data() + (s + 1) * n_signs);
  }
  return mirror ? mirror_image(some) : some;
}

TorsionMask drawn_mask(RandomStream& stream) {
  const std::uint64_t number = stream.below(4);
  if (number == 0) return TorsionMask::kNothing;
  return number == 1 ? TorsionMask::kAll : TorsionMask::kOrder;
}

/// One training, from first weights to the best ones.
class Trainer {
 public:
  Trainer(const std::vector<TorsionSamples>& molecules, const TorsionTrainingOptions& options,
          std::shared_ptr<engine::ThreadPool> pool)
      : molecules_(molecules),
        options_(options),
        pool_(std::move(pool)),
        net_(options.shape, StepKey{options.seed, 0}),
        optimizer_(
            net_->parameters(),
            torch::optim::AdamWOptions(options.learning_rate).weight_decay(options.weight_decay)) {
    const std::vector<std::size_t> order = shuffled(molecules.size(), key(0));
    const double wanted = options.held_out_fraction * static_cast<double>(molecules.size());
    const std::size_t n_held_out = std::clamp<std::size_t>(
        static_cast<std::size_t>(std::lround(wanted)), 1, molecules.size() - 1);
    held_out_.assign(order.begin(), order.begin() + n_held_out);
    training_.assign(order.begin() + n_held_out, order.end());
  }

  void run(const TorsionTrainingProgress& progress) {
    use_one_torch_thread();
    const auto start = std::chrono::steady_clock::now();
    double best = std::numeric_limits<double>::infinity();
    std::vector<Tensor> best_weights;
    for (std::size_t epoch = 1; epoch <= options_.n_epochs; ++epoch) {
      TorsionTrainingState state;
      state.training = train_epoch(epoch);
      state.held_out = score();
      if (!std::isfinite(state.held_out.mean()))
        throw engine::NumericalError("torsion training: the held-out score is not finite");
      if (state.held_out.mean() < best) {
        best = state.held_out.mean();
        best_scores_ = state.held_out;
        best_epoch_ = epoch;
        best_weights.clear();
        for (const Tensor& p : net_->parameters()) best_weights.push_back(p.detach().clone());
      }
      state.epoch = epoch;
      state.n_epochs = options_.n_epochs;
      state.best_held_out = best;
      state.seconds_left = engine::seconds_since(start) / static_cast<double>(epoch) *
                           static_cast<double>(options_.n_epochs - epoch);
      if (progress) progress(state);
    }
    torch::NoGradGuard no_grad;
    const auto parameters = net_->parameters();
    for (std::size_t i = 0; i < parameters.size(); ++i) parameters[i].data().copy_(best_weights[i]);
  }

  TorsionNetworkModule net() const { return net_; }
  const TorsionScores& best_scores() const { return best_scores_; }
  std::size_t best_epoch() const { return best_epoch_; }
  const std::vector<std::size_t>& training() const { return training_; }
  std::size_t n_held_out() const { return held_out_.size(); }

 private:
  StepKey key(std::size_t epoch) const { return {options_.seed, epoch}; }

  double train_epoch(std::size_t epoch) {
    const std::vector<std::size_t> order = shuffled(training_.size(), key(epoch));
    double total = 0.0;
    for (std::size_t first = 0; first < order.size(); first += options_.n_molecules) {
      const std::size_t last = std::min(order.size(), first + options_.n_molecules);
      total += step(epoch, {&order[first], last - first}) * static_cast<double>(last - first);
    }
    return total / static_cast<double>(order.size());
  }

  /// Runs task(i) for i < n, on the pool when there is one; torch keeps to the calling thread.
  void for_each(std::size_t n, const std::function<void(std::size_t)>& task) const {
    const auto alone = [&task](std::size_t i) {
      use_one_torch_thread();
      task(i);
    };
    if (pool_) {
      pool_->for_each_block(n, alone);
    } else {
      for (std::size_t i = 0; i < n; ++i) alone(i);
    }
  }

  struct Gradient {
    double loss = 0.0;
    std::vector<Tensor> of_parameters;
  };

  /// One step down the loss of some molecules. Parts of the batch are summed in their order.
  double step(std::size_t epoch, engine::Span<const std::size_t> members) {
    const std::size_t n_parts = std::min(options_.n_parts, members.size());
    std::vector<Gradient> parts(n_parts);
    for_each(n_parts, [&](std::size_t part) {
      const std::size_t first = part * members.size() / n_parts,
                        last = (part + 1) * members.size() / n_parts;
      RandomStream silence(StepKey{options_.seed, n_steps_}, StreamName::kModelDropout,
                           static_cast<std::uint32_t>(part));
      parts[part] =
          gradient(epoch, members.subspan(first, last - first),
                   1.0 / static_cast<double>(members.size()), {options_.dropout, &silence});
    });
    double loss = 0.0;
    const auto parameters = net_->parameters();
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      Tensor sum = parts[0].of_parameters[i];
      for (std::size_t part = 1; part < n_parts; ++part) sum += parts[part].of_parameters[i];
      Tensor(parameters[i]).mutable_grad() = sum;
    }
    for (const Gradient& part : parts) loss += part.loss;
    if (!std::isfinite(loss))
      throw engine::NumericalError("torsion training: the loss is not finite");
    set_learning_rate();
    torch::nn::utils::clip_grad_norm_(net_->parameters(), options_.max_gradient_norm);
    optimizer_.step();
    ++n_steps_;
    return loss;
  }

  /// @param share  of each molecule in the loss
  Gradient gradient(std::size_t epoch, engine::Span<const std::size_t> members, double share,
                    const Dropout& dropout) {
    Batch batch;
    std::vector<RandomStream> streams;
    for (std::size_t member : members) {
      streams.emplace_back(key(epoch), StreamName::kTrainingShuffle,
                           static_cast<std::uint32_t>(1 + member));
      const bool mirror = options_.mirror && streams.back().below(2) == 1;
      batch.add(drawn(molecules_[training_[member]], options_.n_samples, mirror, streams.back()));
    }
    batch.join();
    for (std::size_t i = 0; i < members.size(); ++i)
      for (std::size_t s = 0; s < options_.n_samples; ++s)
        batch.show(i, s, drawn_mask(streams[i]), share / static_cast<double>(options_.n_samples),
                   streams[i]);
    const Tensor loss = batch.loss(net_, net_->forward(batch.graph(), dropout));
    // Parameters that a batch without neighbours does not touch get zeros.
    auto gradients =
        torch::autograd::grad({loss}, net_->parameters(), {}, false, false, /*allow_unused=*/true);
    const auto parameters = net_->parameters();
    for (std::size_t i = 0; i < gradients.size(); ++i)
      if (!gradients[i].defined()) gradients[i] = torch::zeros_like(parameters[i]);
    return {loss.item<double>(), gradients};
  }

  void set_learning_rate() {
    const std::size_t per_epoch =
        (training_.size() + options_.n_molecules - 1) / options_.n_molecules;
    const auto done = static_cast<double>(n_steps_) + 0.5;
    const double progress = done / static_cast<double>(per_epoch * options_.n_epochs);
    const double cosine = 0.5 * (1.0 + std::cos(engine::kPi * progress));
    const double rise = std::min(1.0, progress / kWarmUp);
    const double rate = rise * (options_.last_learning_rate +
                                cosine * (options_.learning_rate - options_.last_learning_rate));
    for (auto& group : optimizer_.param_groups())
      static_cast<torch::optim::AdamWOptions&>(group.options()).lr(rate);
  }

  TorsionScores score() {
    std::vector<TorsionScores> scores(held_out_.size());
    for_each(scores.size(), [&](std::size_t i) { scores[i] = score_of(i); });
    TorsionScores mean;
    const auto n = static_cast<double>(scores.size());
    for (const TorsionScores& one : scores) {
      mean.nothing_known += one.nothing_known / n;
      mean.all_known += one.all_known / n;
      mean.random_order += one.random_order / n;
    }
    return mean;
  }

  /// Of one molecule; the same samples and orders every time.
  TorsionScores score_of(std::size_t i) {
    torch::NoGradGuard no_grad;
    RandomStream stream(key(0).child(1), StreamName::kTrainingShuffle,
                        static_cast<std::uint32_t>(i));
    const TorsionSamples& all = molecules_[held_out_[i]];
    const std::size_t n = std::min(kHeldOutSamples, all.n_samples);
    Batch batch;
    batch.add(drawn(all, n, false, stream));
    batch.join();
    const NetworkRows rows = net_->forward(batch.graph());
    const auto mean_with = [&](TorsionMask mask) {
      batch.forget_rows();
      for (std::size_t s = 0; s < n; ++s)
        batch.show(0, s, mask, 1.0 / static_cast<double>(n), stream);
      return batch.loss(net_, rows).item<double>();
    };
    TorsionScores scores;
    scores.nothing_known = mean_with(TorsionMask::kNothing);
    scores.all_known = mean_with(TorsionMask::kAll);
    scores.random_order = mean_with(TorsionMask::kOrder);
    return scores;
  }

  const std::vector<TorsionSamples>& molecules_;
  const TorsionTrainingOptions& options_;
  std::shared_ptr<engine::ThreadPool> pool_;
  TorsionNetworkModule net_;
  torch::optim::AdamW optimizer_;
  std::vector<std::size_t> training_, held_out_;
  std::size_t n_steps_ = 0, best_epoch_ = 0;
  TorsionScores best_scores_;
};

std::string in_words(const TorsionTrainingOptions& options, const Trainer& trainer) {
  return fmt::format(
      FMT_STRING("{} molecules, {} held out; {} epochs, best after {}; batches of {} molecules "
                 "with {} samples; seed {}; held out {:.4f} nats per torsion"),
      trainer.training().size(), trainer.n_held_out(), options.n_epochs, trainer.best_epoch(),
      options.n_molecules, options.n_samples, options.seed, trainer.best_scores().mean());
}

void complete(ModelCard& card, const std::vector<int>& elements,
              const TorsionTrainingOptions& options, const Trainer& trainer) {
  card.kind = kTorsionKind;
  card.precision = "float32";
  card.measure = "torsion angles, rad";
  card.training = in_words(options, trainer);
  card.references = {"Swanson, Williams, Jonas, ICML 2023, PMLR 202:33319"};
  if (!card.transferable) card.transferable.emplace();
  TransferableCard& transferable = *card.transferable;
  transferable.elements.clear();
  for (int element : elements) transferable.elements.push_back(engine::element_symbol(element));
  transferable.n_molecules = trainer.training().size();
  transferable.seed = options.seed;
  transferable.scores = {{"nothing_known", trainer.best_scores().nothing_known},
                         {"all_known", trainer.best_scores().all_known},
                         {"random_order", trainer.best_scores().random_order}};
}

}  // namespace

TrainedTorsionNetwork train_torsion_network(const std::vector<TorsionSamples>& molecules,
                                            const TorsionTrainingOptions& options, ModelCard card,
                                            std::shared_ptr<engine::ThreadPool> pool,
                                            const TorsionTrainingProgress& progress) {
  validate(molecules, options);
  Trainer trainer(molecules, options, std::move(pool));
  trainer.run(progress);
  std::set<int> elements;
  for (std::size_t index : trainer.training())
    for (const engine::GraphAtom& atom : molecules[index].graph.atoms)
      elements.insert(atom.atomic_number);
  auto content = std::make_shared<TorsionNetwork::Content>();
  content->elements.assign(elements.begin(), elements.end());
  complete(card, content->elements, options, trainer);
  content->card = std::move(card);
  content->net = trainer.net();
  return {TorsionNetwork(std::move(content)), trainer.best_scores(), trainer.best_epoch()};
}

}  // namespace saltus::mlsamplers
