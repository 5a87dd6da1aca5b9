#pragma once

#include <vector>

#include "tools/saltus/decks/move_kind.h"

namespace saltus::tools {

/// The rows of move_kinds(), one function for each in the source file.
std::vector<MoveKind> move_rows();

}  // namespace saltus::tools
