#pragma once

#include <optional>
#include <string>
#include <vector>

namespace saltus::forcefields::detail {

/// Lines of a text file without their ends, be they \n or \r\n.
/// @throws FileError  when the file cannot be read
std::vector<std::string> read_text_lines(const std::string& path);

/// The whole of `text`, blanks at both ends aside, as a number; none when it is anything else.
std::optional<long> parse_integer(const std::string& text);
std::optional<double> parse_real(const std::string& text);  ///< finite numbers only

}  // namespace saltus::forcefields::detail
