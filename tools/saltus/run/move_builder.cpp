#include "tools/saltus/run/move_builder.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/core/error.h"
#include "engine/moves/labelled.h"
#include "engine/tuning/step_size_tuner.h"
#include "tools/saltus/molecules/contacts.h"

namespace saltus::tools {

using engine::Move;

namespace {

bool is_mixture(const MoveDeck& move) { return move.kind->parts == MoveParts::kMoves; }

/// Gives labels in the order of the deck; the same walk for building, tuning and listing.
class Labels {
 public:
  std::string next(const MoveKind& kind) {
    const std::string name = kind.name;
    const int count = ++counts_[name];
    return count == 1 ? name : name + "_" + std::to_string(count);
  }

 private:
  std::map<std::string, int> counts_;
};

void collect(const std::vector<MoveDeck>& moves, Labels& labels, std::vector<LabelledMove>& out) {
  for (const MoveDeck& move : moves) {
    if (is_mixture(move))
      collect(move.parts, labels, out);
    else
      out.push_back({labels.next(*move.kind), move});
  }
}

/// Steps so small, or moves so seldom accepted, mean that something is wrong with the energy.
void require_sane(const engine::TunedMove& tuned, const LabelledMove& move,
                  const std::string& culprits) {
  constexpr double kMinAcceptance = 0.01;
  const double smallest = std::min(step_of(move.deck), move.deck.kind->tuned->smallest);
  if (tuned.step >= smallest && tuned.acceptance >= kMinAcceptance) return;
  throw engine::NumericalError(
      move.label +
      fmt::format(FMT_STRING(": tuned to a step of {:.3g} (least sensible: {:.3g}) with acceptance "
                             "{:.2g} (wanted {:.2f}): the chains do not move"),
                  tuned.step, smallest, tuned.acceptance, move.deck.target_acceptance) +
      culprits);
}

std::shared_ptr<const Move> build_one(const MoveDeck& move, const MoveIngredients& ingredients,
                                      const TunedSteps& tuned, Labels& labels) {
  if (is_mixture(move)) {
    std::vector<engine::RandomMixture::Part> parts;
    for (const MoveDeck& part : move.parts) {
      parts.push_back({build_one(part, ingredients, tuned, labels), part.weight});
    }
    return std::make_shared<engine::RandomMixture>(std::move(parts));
  }
  const std::string label = labels.next(*move.kind);
  const auto step = tuned.find(label);
  const MoveDeck final_deck = step == tuned.end() ? move : with_step(move, step->second);
  return std::make_shared<engine::Labelled>(build_move(final_deck, ingredients), label);
}

engine::StepSizeTunerOptions tuner_options(const MoveDeck& move) {
  engine::StepSizeTunerOptions options;
  options.initial_step = step_of(move);
  options.target_acceptance = move.target_acceptance;
  options.max_step = std::max(options.initial_step, move.kind->tuned->largest);
  return options;
}

engine::TunedMove tune_one(const LabelledMove& move, const TuningTask& task,
                           const engine::StepKey& key, engine::ChainBatch& chains) {
  const auto factory = [&](double step) {
    return std::make_unique<const engine::Labelled>(
        build_move(with_step(move.deck, step), task.ingredients), move.label);
  };
  engine::TunedMove tuned;
  try {
    tuned = engine::tune_step_size(factory, tuner_options(move.deck), chains, task.target, key);
  } catch (const engine::NumericalError& error) {
    throw engine::NumericalError(error.what() +
                                 blame(task.molecule, chains.positions.view().slice(0, 1)));
  }
  require_sane(tuned, move, blame(task.molecule, chains.positions.view().slice(0, 1)));
  return tuned;
}

}  // namespace

std::vector<LabelledMove> elementary_moves(const std::vector<MoveDeck>& moves) {
  Labels labels;
  std::vector<LabelledMove> result;
  collect(moves, labels, result);
  return result;
}

std::vector<engine::Sequence::Part> build_parts(const std::vector<MoveDeck>& moves,
                                                const MoveIngredients& ingredients,
                                                const TunedSteps& tuned) {
  Labels labels;
  std::vector<engine::Sequence::Part> parts;
  for (const MoveDeck& move : moves)
    parts.push_back({build_one(move, ingredients, tuned, labels), move.repeat});
  return parts;
}

std::shared_ptr<const Move> build_moves(const std::vector<MoveDeck>& moves,
                                        const MoveIngredients& ingredients,
                                        const TunedSteps& tuned) {
  return std::make_shared<engine::Sequence>(build_parts(moves, ingredients, tuned));
}

TunedSteps tune_moves(const TuningTask& task, engine::ChainBatch& chains, Progress& progress) {
  TunedSteps result;
  std::uint32_t slot = 0;
  for (const LabelledMove& move : elementary_moves(task.moves)) {
    ++slot;
    if (move.deck.target_acceptance <= 0.0) continue;
    const engine::TunedMove tuned = tune_one(move, task, task.key.child(slot), chains);
    result[move.label] = tuned.step;
    progress.say(fmt::format(FMT_STRING("tuned {}: step {:.4g}, acceptance {:.2f} (wanted {:.2f})"),
                             move.label, tuned.step, tuned.acceptance,
                             move.deck.target_acceptance));
  }
  return result;
}

std::shared_ptr<const engine::TemperatureMap> temperature_map_of(
    const std::vector<MoveDeck>& moves, const MoveIngredients& ingredients) {
  for (const LabelledMove& move : elementary_moves(moves)) {
    if (!move.deck.kind->map) continue;
    if (auto map = move.deck.kind->map(move.deck, ingredients)) return map;
  }
  return nullptr;
}

std::vector<std::string> approximate_moves(const std::vector<MoveDeck>& moves,
                                           const MoveIngredients& ingredients) {
  std::vector<std::string> names;
  for (const LabelledMove& move : elementary_moves(moves))
    if (build_move(move.deck, ingredients)->invariance() == engine::Invariance::kApproximate)
      names.push_back(move.label);
  return names;
}

}  // namespace saltus::tools
