#pragma once

#include <set>
#include <string>

#include "io/deck/deck_document.h"

namespace saltus::io {

/// Adds the names of all variables that strings below a node mention ("${name}").
void collect_used_variables(const DeckNode& node, std::set<std::string>& names);

/// Replaces "${name}" by the scalar of that name in [vars] and "${env:NAME}" by the environment's
/// in all strings, and removes [vars]. Adds an error for each string with an unknown, unset,
/// unclosed or circular variable, and for each variable that is not in `used_variables`.
void replace_variables(DeckDocument& document, const std::set<std::string>& used_variables);

}  // namespace saltus::io
