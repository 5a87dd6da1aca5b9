#pragma once

#include <cstddef>
#include <string>

namespace saltus::mlsamplers {

/// Text from a file as it may be shown in a terminal: control characters (ASCII, and U+0080 to
/// U+009F) as \xNN, of long text the first `max_bytes` bytes and "...".
std::string printable(const std::string& text, std::size_t max_bytes = 2000);

}  // namespace saltus::mlsamplers
