#pragma once

#include <vector>

#include "tools/saltus/decks/move_kind.h"

namespace saltus::tools {

/// The rows of move_kinds(), in its order. A new kind is a function that returns its row, in the
/// file that it fits in best, and its place in the list at the end of that file.
std::vector<MoveKind> dynamics_moves();  ///< forces move the atoms
std::vector<MoveKind> torsion_moves();   ///< bonds are turned
std::vector<MoveKind> rigid_moves();     ///< rigid molecules are moved and turned
std::vector<MoveKind> box_moves();       ///< boxes change
std::vector<MoveKind> other_moves();     ///< learned, made of others, or over temperatures

}  // namespace saltus::tools
