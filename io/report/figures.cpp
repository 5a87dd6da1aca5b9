#include "io/report/figures.h"

#include "io/report/html.h"

namespace saltus::io {

std::string Figures::html(const std::string& script, const std::string& name,
                          const std::string& caption) {
  if (script.empty()) return "";
  const std::string prefix = "figure-" + std::to_string(++n_drawn_) + "-";
  return "<figure role=\"img\" aria-label=\"" + escape_html(name) + "\">\n" +
         inline_svg(run_gnuplot(script, "the figure of " + name, options_), prefix) +
         "<figcaption>" + caption + "</figcaption></figure>\n";
}

}  // namespace saltus::io
