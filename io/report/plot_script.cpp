#include "io/report/plot_script.h"

#include <cmath>

#include "io/report/number_text.h"

namespace saltus::io {

std::string script_number(double value) { return std::isfinite(value) ? exact_text(value) : "NaN"; }

const char* line_colour(std::size_t i) {
  static const char* const kColours[] = {"'#0072b2'", "'#d55e00'", "'#009e73'",
                                         "'#cc79a7'", "'#e69f00'", "'#56b4e9'"};
  return kColours[i % (sizeof kColours / sizeof kColours[0])];
}

std::string script_head(int width, int height) {
  std::ostringstream script;
  script << "set encoding utf8\n"
         << "set terminal svg noenhanced size " << width << "," << height
         << " font 'sans-serif,13'\n"
         << "set border 3 linecolor 'black' linewidth 0.8\n"
         << "set tics nomirror out scale 0.6 textcolor 'black'\n"
         << "set grid linecolor '#9aa0a6' linewidth 0.4 dashtype solid\n"
         << "set key above left horizontal samplen 1.2 reverse Left\n";
  return script.str();
}

}  // namespace saltus::io
