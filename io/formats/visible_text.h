#pragma once

#include <string>

namespace saltus::io {

/// Text to be shown: characters that move cursors, colour terminals, turn the direction of
/// writing or cannot be seen at all come as "\x1B" or "\u200B", bytes that are no UTF-8 as "\xE9".
/// @param keep  of the control characters these stay, such as "\n\t"
std::string visible_text(const std::string& text, const std::string& keep = "");

/// Text that a spreadsheet would take for a formula (=, +, -, @, a tab or an end of line in front)
/// with an apostrophe in front, all other text as it is.
std::string without_formula(const std::string& text);

/// A cell of a CSV table: quoted where needed, control characters shown escaped.
std::string csv_cell(const std::string& text);

/// A line of a table as it was, harmless for terminals and spreadsheets: control characters but
/// tabs shown escaped, an apostrophe before a cell that would be a formula.
/// @param separators  of cells, such as "\t"
std::string harmless_line(const std::string& line, const std::string& separators);

}  // namespace saltus::io
