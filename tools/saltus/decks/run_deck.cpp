#include "tools/saltus/decks/run_deck.h"

#include <algorithm>

namespace saltus::tools {
namespace {

bool any_uses(const std::vector<MoveDeck>& moves, MoveKind kind) {
  return std::any_of(moves.begin(), moves.end(), [&](const MoveDeck& move) {
    return move.kind == kind || any_uses(move.parts, kind);
  });
}

}  // namespace

bool RunDeck::uses(MoveKind kind) const { return any_uses(moves, kind); }

}  // namespace saltus::tools
