#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "io/deck/deck_node.h"

namespace saltus::io {

/// Checks what the TOML library does not, or reports at the wrong place: that the text is UTF-8
/// without NUL bytes, and that tables and lists nest at most 32 deep (deeper keys overflow the
/// stack).
/// @throws InputError  "<name>:<line>:<column>: ..."
void check_toml_text(std::string_view text, const std::string& name);

/// True for well-formed UTF-8 without NUL bytes.
bool is_utf8(std::string_view text);

/// Parses TOML 1.0 into a tree in which every key and value knows its position.
/// @param name    the source as messages show it, e.g. "deck.toml"
/// @param source  its index, put into every position
/// @throws InputError  "<name>:<line>:<column>: not valid TOML: ...", or as check_toml_text does
DeckNode parse_toml(std::string_view text, const std::string& name, std::size_t source);

}  // namespace saltus::io
