#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tools/saltus/decks/move_kind.h"

namespace saltus::tools {

/// All kinds, in the order in which decks are told of them.
const std::vector<MoveKind>& move_kinds();

/// @throws InternalError  when there is no kind of that name
const MoveKind& move_kind(const std::string& name);

/// The kind of the move that a row of statistics is of; null when there is none. Rows are named
/// after labels: names of kinds, with _2, _3 ... where kinds repeat; and label/proposal where a
/// move proposes in several ways.
const MoveKind* kind_of_label(const std::string& row);

/// Names of the kinds that `belongs` is true of, in quotes: "\"hmc\" or \"ghmc\"".
std::string kinds_in_quotes(const std::function<bool(const MoveKind&)>& belongs);

/// Kinds that move the atoms of a molecule and keep constrained distances: "langevin, hmc and
/// ghmc".
std::string kinds_that_keep_constraints();

/// Whether `belongs` is true of a move or of something in it.
bool any_move(const std::vector<MoveDeck>& moves,
              const std::function<bool(const MoveDeck&)>& belongs);

/// Files that moves and their parts name, by the path of the key: "move[0].part[1].densities".
/// Those of one key stay in their order.
std::multimap<std::string, std::filesystem::path> files_of_moves(
    const std::vector<MoveDeck>& moves);

/// MoveDeck::ready_models of moves and their parts, each once.
std::vector<std::string> ready_models_of(const std::vector<MoveDeck>& moves);

}  // namespace saltus::tools
