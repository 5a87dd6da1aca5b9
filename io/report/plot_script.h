#pragma once

#include <cstddef>
#include <sstream>
#include <string>

/// What all scripts of figures have in common.
namespace saltus::io {

/// Number for gnuplot, which knows NaN but should not see infinities.
std::string script_number(double value);

/// Colour of the i-th line, quoted; Okabe and Ito's, which begin again after six.
const char* line_colour(std::size_t i);

/// Terminal, fonts, axes and key of a figure of `width` by `height` pixels.
std::string script_head(int width, int height);

/// A named block of data inside a script.
/// @param write_rows  writes its lines into a stream
template <class WriteRows>
std::string data_block(const std::string& name, const WriteRows& write_rows) {
  std::ostringstream block;
  block << "$" << name << " << END_OF_DATA\n";
  write_rows(block);
  block << "END_OF_DATA\n";
  return block.str();
}

}  // namespace saltus::io
