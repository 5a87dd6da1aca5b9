#include "tools/saltus/run/move_builder.h"

#include <fmt/format.h>
#include <algorithm>

#include "engine/core/error.h"
#include "engine/moves/composites.h"
#include "engine/moves/hamiltonian.h"
#include "engine/moves/labelled.h"
#include "engine/moves/langevin.h"
#include "engine/moves/mala.h"
#include "engine/moves/metropolis.h"
#include "engine/moves/replica_exchange.h"
#include "engine/moves/torsion_walk.h"
#include "engine/tuning/step_size_tuner.h"
#include "mlsamplers/leap/leap_proposal.h"
#include "tools/saltus/molecules/contacts.h"

namespace saltus::tools {

using engine::Move;

namespace {

/// Gives labels in the order of the deck; the same walk for building, tuning and listing.
class Labels {
 public:
  std::string next(MoveKind kind) {
    const std::string name = name_of(kind);
    const int count = ++counts_[name];
    return count == 1 ? name : name + "_" + std::to_string(count);
  }

 private:
  std::map<std::string, int> counts_;
};

void collect(const std::vector<MoveDeck>& moves, Labels& labels, std::vector<LabelledMove>& out) {
  for (const MoveDeck& move : moves) {
    if (move.kind == MoveKind::kMixture)
      collect(move.parts, labels, out);
    else
      out.push_back({labels.next(move.kind), move});
  }
}

/// The step a kind is tuned by, in its own unit.
double initial_step(const MoveDeck& move) {
  switch (move.kind) {
    case MoveKind::kMala:
      return move.step_nm;
    case MoveKind::kTorsionWalk:
      return move.width_rad;
    default:
      return move.hamiltonian.time_step_ps;
  }
}

/// Steps beyond which a tuned move would not get better: a turn by more than pi is a shorter one,
/// and nothing moves sensibly by more than 10 fs or 1 nm at once.
double largest_step(const MoveDeck& move) {
  constexpr double kLargestTimeStep = 0.01, kLargestLength = 1.0;
  switch (move.kind) {
    case MoveKind::kMala:
      return kLargestLength;
    case MoveKind::kTorsionWalk:
      return engine::kPi;
    default:
      return kLargestTimeStep;
  }
}

/// A step that no molecule asks for: a hundredth of a femtosecond, a millionth of a nanometre or of
/// a radian.
double smallest_step(const MoveDeck& move) {
  constexpr double kSmallestTimeStep = 1e-5, kSmallest = 1e-6;
  const bool is_time = move.kind != MoveKind::kMala && move.kind != MoveKind::kTorsionWalk;
  return std::min(initial_step(move), is_time ? kSmallestTimeStep : kSmallest);
}

/// Steps so small, or moves so seldom accepted, mean that something is wrong with the energy.
void require_sane(const engine::TunedMove& tuned, const LabelledMove& move,
                  const std::string& culprits) {
  constexpr double kLeastAcceptance = 0.01;
  const double smallest = smallest_step(move.deck);
  if (tuned.step >= smallest && tuned.acceptance >= kLeastAcceptance) return;
  throw engine::NumericalError(
      move.label +
      fmt::format(FMT_STRING(": tuned to a step of {:.3g} (least sensible: {:.3g}) with acceptance "
                             "{:.2g} (wanted {:.2f}): the chains do not move"),
                  tuned.step, smallest, tuned.acceptance, move.deck.target_acceptance) +
      culprits);
}

MoveDeck with_step(MoveDeck move, double step) {
  switch (move.kind) {
    case MoveKind::kMala:
      move.step_nm = step;
      break;
    case MoveKind::kTorsionWalk:
      move.width_rad = step;
      break;
    default:
      move.hamiltonian.time_step_ps = step;
      break;
  }
  return move;
}

std::shared_ptr<const Move> build_elementary(const MoveDeck& move,
                                             const MoveIngredients& ingredients) {
  const engine::System& system = ingredients.molecule.system;
  switch (move.kind) {
    case MoveKind::kLearnedLeap:
      return std::make_shared<engine::Metropolis>(
          std::make_shared<mlsamplers::LeapProposal>(ingredients.leap, ingredients.pool));
    case MoveKind::kHmc:
    case MoveKind::kGhmc:
      return std::make_shared<engine::HamiltonianMonteCarlo>(move.hamiltonian,
                                                             engine::moving_particles(system));
    case MoveKind::kLangevin:
      return std::make_shared<engine::Langevin>(move.langevin, engine::moving_particles(system));
    case MoveKind::kMala:
      return std::make_shared<engine::Metropolis>(
          std::make_shared<engine::MalaProposal>(ingredients.energy, move.step_nm, system.masses));
    case MoveKind::kTorsionWalk:
      return std::make_shared<engine::Metropolis>(std::make_shared<engine::TorsionWalk>(
          engine::rotatable_bonds(ingredients.molecule.topology), move.width_rad));
    case MoveKind::kReplicaExchange:
      return std::make_shared<engine::ReplicaExchange>(ingredients.ladder_size);
    case MoveKind::kMixture:
      break;
  }
  throw engine::InternalError("a mixture is not an elementary move");
}

std::shared_ptr<const Move> build_one(const MoveDeck& move, const MoveIngredients& ingredients,
                                      const TunedSteps& tuned, Labels& labels) {
  if (move.kind == MoveKind::kMixture) {
    std::vector<engine::RandomMixture::Part> parts;
    for (const MoveDeck& part : move.parts) {
      parts.push_back({build_one(part, ingredients, tuned, labels), part.weight});
    }
    return std::make_shared<engine::RandomMixture>(std::move(parts));
  }
  const std::string label = labels.next(move.kind);
  const auto step = tuned.find(label);
  const MoveDeck final_deck = step == tuned.end() ? move : with_step(move, step->second);
  return std::make_shared<engine::Labelled>(build_elementary(final_deck, ingredients), label);
}

}  // namespace

std::vector<LabelledMove> elementary_moves(const std::vector<MoveDeck>& moves) {
  Labels labels;
  std::vector<LabelledMove> result;
  collect(moves, labels, result);
  return result;
}

std::shared_ptr<const Move> build_moves(const std::vector<MoveDeck>& moves,
                                        const MoveIngredients& ingredients,
                                        const TunedSteps& tuned) {
  Labels labels;
  std::vector<engine::Sequence::Part> parts;
  for (const MoveDeck& move : moves)
    parts.push_back({build_one(move, ingredients, tuned, labels), move.repeat});
  return std::make_shared<engine::Sequence>(std::move(parts));
}

TunedSteps tune_moves(const std::vector<MoveDeck>& moves, const MoveIngredients& ingredients,
                      engine::ChainBatch& chains, const engine::TargetDensity& target,
                      const engine::StepKey& key, Progress& progress) {
  TunedSteps result;
  std::uint32_t slot = 0;
  for (const LabelledMove& move : elementary_moves(moves)) {
    ++slot;
    if (move.deck.target_acceptance <= 0.0) continue;
    engine::StepSizeTunerOptions options;
    options.initial_step = initial_step(move.deck);
    options.target_acceptance = move.deck.target_acceptance;
    options.largest_step = std::max(options.initial_step, largest_step(move.deck));
    const auto factory = [&](double step) {
      return std::make_unique<const engine::Labelled>(
          build_elementary(with_step(move.deck, step), ingredients), move.label);
    };
    engine::TunedMove tuned;
    try {
      tuned = engine::tune_step_size(factory, options, chains, target, key.child(slot));
    } catch (const engine::NumericalError& error) {
      throw engine::NumericalError(
          error.what() + blame(ingredients.molecule, chains.positions.view().slice(0, 1)));
    }
    require_sane(tuned, move, blame(ingredients.molecule, chains.positions.view().slice(0, 1)));
    result[move.label] = tuned.step;
    progress.say(fmt::format(FMT_STRING("tuned {}: step {:.4g}, acceptance {:.2f} (wanted {:.2f})"),
                             move.label, tuned.step, tuned.acceptance, options.target_acceptance));
  }
  return result;
}

std::vector<std::string> approximate_moves(const std::vector<MoveDeck>& moves) {
  std::vector<std::string> names;
  for (const LabelledMove& move : elementary_moves(moves))
    if (move.deck.kind == MoveKind::kLangevin) names.push_back(move.label);
  return names;
}

}  // namespace saltus::tools
