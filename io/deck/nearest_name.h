#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace saltus::io {

/// Number of insertions, deletions, substitutions and swaps of neighbouring letters that turn one
/// word into the other, no letter being edited twice (optimal string alignment; Damerau, Commun.
/// ACM 7, 171 (1964), doi:10.1145/363958.363994).
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The name a misspelt word most likely stands for: the nearest one within 2 edits (1 for words of
/// up to 4 letters), letter case counting for nothing, else the only one that begins with the word
/// or that the word begins with (3 letters at least). Empty when there is none.
std::string nearest_name(std::string_view word, const std::vector<std::string>& names);

/// "a, b, c"
std::string join_names(const std::vector<std::string>& names);

}  // namespace saltus::io
