#pragma once

#include <string>

namespace saltus::io {

/// Which gnuplot draws, and how long it may take.
struct GnuplotOptions {
  std::string program = "gnuplot";  ///< looked up in PATH
  double timeout_seconds = 60.0;    ///< per figure; a slower gnuplot is killed
};

/// Runs a gnuplot script that draws one SVG to its standard output and returns what it drew.
/// @param figure  what is drawn, for error messages
/// @throws FileError  when gnuplot cannot be started, fails, draws nothing or takes too long
std::string run_gnuplot(const std::string& script, const std::string& figure,
                        const GnuplotOptions& options);

/// Makes gnuplot's SVG fit to stand inside an HTML page: no XML declaration, name spaces, titles or
/// size (it scales with its box), black becomes the colour of the text around it, and every id gets
/// `prefix`, because all figures of a page share one set of names.
std::string inline_svg(const std::string& svg, const std::string& prefix);

/// A string for a gnuplot script: 'quoted', in which gnuplot expands nothing; line breaks are
/// spaces.
std::string gnuplot_string(const std::string& text);

/// The same for the label of a tic, where gnuplot takes % for the beginning of a number's format: a
/// name with one would stop it or keep it busy.
std::string gnuplot_tic_label(const std::string& text);

}  // namespace saltus::io
