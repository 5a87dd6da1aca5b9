#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace saltus::io {

/// The name a misspelt word most likely stands for: the nearest one within 2 edits (1 for words of
/// up to 4 letters), letter case counting for nothing, else the only one that begins with the word
/// or that the word begins with (3 letters at least). Empty when there is none.
std::string nearest_name(std::string_view word, const std::vector<std::string>& names);

}  // namespace saltus::io
