#include "tools/saltus/decks/move_kind.h"

#include <string>
#include <utility>

#include "engine/core/error.h"
#include "engine/core/error_context.h"
#include "engine/moves/metropolis.h"

namespace saltus::tools {

using engine::InternalError;

engine::MoveRequirements requirements_of(const MoveDeck& move) {
  engine::MoveRequirements result = move.kind->requirements | move.requirements;
  for (const MoveDeck& part : move.parts) result = result | requirements_of(part);
  return result;
}

double step_of(const MoveDeck& move) {
  std::any options = move.options;
  if (!move.kind->tuned) throw InternalError(std::string(move.kind->name) + " has no step");
  return move.kind->tuned->of(options);
}

MoveDeck with_step(MoveDeck move, double step) {
  if (!move.kind->tuned) throw InternalError(std::string(move.kind->name) + " has no step");
  move.kind->tuned->of(move.options) = step;
  return move;
}

MoveDeck with_protocol(MoveDeck move, std::size_t protocol) {
  if (protocol >= move.protocols.size())
    throw InternalError(std::string(move.kind->name) + " has no protocol of that number");
  move.options = std::move(move.protocols[protocol].options);
  move.protocols.clear();
  return move;
}

void check_move(const MoveDeck& move, const MoveIngredients& from) {
  if (move.kind->check)
    engine::with_prefix(move.section.empty() ? "" : move.section + ": ",
                        [&] { move.kind->check(move, from); });
  for (const MoveDeck& part : move.parts) check_move(part, from);
}

std::shared_ptr<const engine::Move> build_move(const MoveDeck& move, const MoveIngredients& from) {
  if (move.kind->propose)
    return std::make_shared<engine::Metropolis>(move.kind->propose(move, from));
  if (!move.kind->build)
    throw InternalError(std::string(move.kind->name) + " is not an elementary move");
  return move.kind->build(move, from);
}

std::shared_ptr<const engine::Proposal> build_proposal(const MoveDeck& move,
                                                       const MoveIngredients& from) {
  if (!move.kind->propose) throw InternalError(std::string(move.kind->name) + " proposes nothing");
  return move.kind->propose(move, from);
}

}  // namespace saltus::tools
