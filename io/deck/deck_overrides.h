#pragma once

#include <set>
#include <string>

#include "io/deck/deck_document.h"

namespace saltus::io {

/// Puts one "path=value" over the tree, as a source of its own named "--set path=value".
/// Tables on the way are made; "name[n]" is the n-th entry of a list, counted from 0, and n =
/// length appends one.
/// @param used_variables  names of variables in the value are added
/// @throws UsageError  when the text cannot be understood or the path leads nowhere
void apply_override(const std::string& text, DeckDocument& document,
                    std::set<std::string>& used_variables);

}  // namespace saltus::io
