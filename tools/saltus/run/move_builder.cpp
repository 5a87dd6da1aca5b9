#include "tools/saltus/run/move_builder.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/core/error.h"
#include "engine/moves/labelled.h"
#include "engine/tuning/protocol_tuner.h"
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

/// The deck of an elementary move with what warm-up found for it, as far as it has.
MoveDeck as_tuned(MoveDeck move, const std::string& label, const TunedMoves& tuned) {
  const auto step = tuned.steps.find(label);
  if (step != tuned.steps.end()) move = with_step(std::move(move), step->second);
  for (const engine::ProtocolChoice& choice : tuned.protocols)
    if (choice.move == label) move = with_protocol(std::move(move), choice.chosen);
  return move;
}

std::shared_ptr<const Move> build_one(const MoveDeck& move, const MoveIngredients& ingredients,
                                      const TunedMoves& tuned, Labels& labels) {
  if (is_mixture(move)) {
    std::vector<engine::RandomMixture::Part> parts;
    for (const MoveDeck& part : move.parts) {
      parts.push_back({build_one(part, ingredients, tuned, labels), part.weight});
    }
    return std::make_shared<engine::RandomMixture>(std::move(parts));
  }
  const std::string label = labels.next(*move.kind);
  return std::make_shared<engine::Labelled>(build_move(as_tuned(move, label, tuned), ingredients),
                                            label);
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

/// All other moves of the deck once, those apart whose protocols are not chosen yet; null when
/// there are none.
std::shared_ptr<const Move> moves_besides(const std::vector<LabelledMove>& moves,
                                          const MoveIngredients& ingredients,
                                          const TunedMoves& tuned) {
  std::vector<engine::Sequence::Part> parts;
  for (const LabelledMove& move : moves)
    if (move.deck.protocols.empty())
      parts.push_back({build_move(as_tuned(move.deck, move.label, tuned), ingredients), 1});
  if (parts.empty()) return nullptr;
  return std::make_shared<engine::Sequence>(std::move(parts));
}

engine::ProtocolChoice choose_one(const LabelledMove& move, const TuningTask& task,
                                  const std::shared_ptr<const Move>& between,
                                  const engine::StepKey& key, engine::ChainBatch& chains) {
  const DrivenKind& kind = move.deck.kind->driven.value();
  const auto candidate = [&](const std::string& protocol, const MoveDeck& deck) {
    engine::ProtocolCandidate result = {protocol, build_move(deck, task.ingredients)};
    if (kind.counts)
      result.counts = [counts = kind.counts, built = result.move](const engine::ChainBatch& batch,
                                                                  const engine::StepKey& drive) {
        return counts(*built, batch, drive);
      };
    return result;
  };
  engine::ProtocolTask trials;
  trials.move = move.label;
  trials.at_once = candidate("at once", kind.at_once(move.deck));
  for (std::size_t i = 0; i < move.deck.protocols.size(); ++i)
    trials.candidates.push_back(
        candidate(move.deck.protocols[i].name, with_protocol(move.deck, i)));
  trials.between = between;
  trials.n_drives = move.deck.n_trials;
  return engine::choose_protocol(trials, chains, task.target, key);
}

/// Shows what was chosen, or that nothing was gained.
void tell(const engine::ProtocolChoice& choice, Progress& progress) {
  for (const std::string& line : choice.table()) progress.say(line);
  const std::string warning = choice.warning();
  if (warning.empty())
    progress.say(choice.sentence());
  else
    progress.warn(warning);
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
                                                const TunedMoves& tuned) {
  Labels labels;
  std::vector<engine::Sequence::Part> parts;
  for (const MoveDeck& move : moves)
    parts.push_back({build_one(move, ingredients, tuned, labels), move.repeat});
  return parts;
}

std::shared_ptr<const Move> build_moves(const std::vector<MoveDeck>& moves,
                                        const MoveIngredients& ingredients,
                                        const TunedMoves& tuned) {
  return std::make_shared<engine::Sequence>(build_parts(moves, ingredients, tuned));
}

TunedMoves tune_moves(const TuningTask& task, engine::ChainBatch& chains, Progress& progress) {
  TunedMoves result;
  const std::vector<LabelledMove> moves = elementary_moves(task.moves);
  std::uint32_t slot = 0;
  for (const LabelledMove& move : moves) {
    ++slot;
    if (move.deck.target_acceptance <= 0.0) continue;
    const engine::TunedMove tuned = tune_one(move, task, task.key.child(slot), chains);
    result.steps[move.label] = tuned.step;
    progress.say(fmt::format(FMT_STRING("tuned {}: step {:.4g}, acceptance {:.2f} (wanted {:.2f})"),
                             move.label, tuned.step, tuned.acceptance,
                             move.deck.target_acceptance));
  }
  const auto between = moves_besides(moves, task.ingredients, result);
  slot = 0;
  for (const LabelledMove& move : moves) {
    ++slot;
    if (move.deck.protocols.empty()) continue;
    result.protocols.push_back(choose_one(move, task, between, task.key.child(slot), chains));
    tell(result.protocols.back(), progress);
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
