#pragma once

#include <string>

namespace saltus::engine {

/// The text with blanks in the place of control characters, line ends among them: for formats in
/// which a title is a line.
inline std::string one_line(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7F) c = ' ';
  return text;
}

}  // namespace saltus::engine
