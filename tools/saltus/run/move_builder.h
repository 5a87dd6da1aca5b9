#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/moves/composites.h"
#include "engine/moves/move.h"
#include "engine/run/protocol_choice.h"
#include "tools/saltus/common/progress.h"
#include "tools/saltus/decks/move_kind.h"
#include "tools/saltus/molecules/molecule.h"

namespace saltus::tools {

/// What warm-up found for moves, by label.
struct TunedMoves {
  std::map<std::string, double> steps;            ///< ps, nm or rad
  std::vector<engine::ProtocolChoice> protocols;  ///< in the order of the deck

  bool empty() const { return steps.empty() && protocols.empty(); }
};

/// Every elementary move of a deck under its own label: its kind, with _2, _3 ... where kinds
/// repeat.
struct LabelledMove {
  std::string label;
  MoveDeck deck;
};
std::vector<LabelledMove> elementary_moves(const std::vector<MoveDeck>& moves);

/// The whole [[move]] list as parts of a sequence; `tuned` overrides step sizes and protocols.
/// @throws InputError  when a move cannot work on the molecule
std::vector<engine::Sequence::Part> build_parts(const std::vector<MoveDeck>& moves,
                                                const MoveIngredients& ingredients,
                                                const TunedMoves& tuned);
/// The same as one move.
std::shared_ptr<const engine::Move> build_moves(const std::vector<MoveDeck>& moves,
                                                const MoveIngredients& ingredients,
                                                const TunedMoves& tuned);

/// Whose steps are tuned, and what for.
struct TuningTask {
  const std::vector<MoveDeck>& moves;
  const MoveIngredients& ingredients;
  const Molecule& molecule;  ///< for messages
  const engine::TargetDensity& target;
  engine::StepKey key;
};

/// Tunes every move that has a target acceptance, one after another, on the chains; then chooses
/// the protocols of those that have several, while the others move the chains on.
TunedMoves tune_moves(const TuningTask& task, engine::ChainBatch& chains, Progress& progress);

/// The map by which moves carry configurations between temperatures, of the first that has one;
/// null when none has.
std::shared_ptr<const engine::TemperatureMap> temperature_map_of(
    const std::vector<MoveDeck>& moves, const MoveIngredients& ingredients);

/// Labels of the moves that are not exact.
std::vector<std::string> approximate_moves(const std::vector<MoveDeck>& moves,
                                           const MoveIngredients& ingredients);

}  // namespace saltus::tools
