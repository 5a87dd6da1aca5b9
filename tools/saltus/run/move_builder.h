#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/core/thread_pool.h"
#include "engine/moves/move.h"
#include "mlsamplers/leap/leap_model.h"
#include "tools/saltus/common/progress.h"
#include "tools/saltus/decks/run_deck.h"
#include "tools/saltus/molecules/molecule.h"

namespace saltus::tools {

/// What moves are made of.
struct MoveIngredients {
  const Molecule& molecule;
  std::shared_ptr<const engine::EnergyFunction> energy;
  std::shared_ptr<const mlsamplers::LeapModel> leap;  ///< may be null when no move needs it
  std::shared_ptr<engine::ThreadPool> pool;
  std::size_t ladder_size = 1;
};

/// Step sizes by move label, as warm-up found them: ps, nm or rad.
using TunedSteps = std::map<std::string, double>;

/// Every elementary move of a deck under its own label: its kind, with _2, _3 ... where kinds
/// repeat.
struct LabelledMove {
  std::string label;
  MoveDeck deck;
};
std::vector<LabelledMove> elementary_moves(const std::vector<MoveDeck>& moves);

/// The whole [[move]] list as one move; `tuned` overrides step sizes.
/// @throws InputError  when a move cannot work on the molecule
std::shared_ptr<const engine::Move> build_moves(const std::vector<MoveDeck>& moves,
                                                const MoveIngredients& ingredients,
                                                const TunedSteps& tuned);

/// Tunes every move that has a target acceptance, one after another, on the chains.
TunedSteps tune_moves(const std::vector<MoveDeck>& moves, const MoveIngredients& ingredients,
                      engine::ChainBatch& chains, const engine::TargetDensity& target,
                      const engine::StepKey& key, Progress& progress);

/// Names of the moves that are not exact.
std::vector<std::string> approximate_moves(const std::vector<MoveDeck>& moves);

}  // namespace saltus::tools
