#include <cmath>
#include <sstream>

#include "io/report/gnuplot.h"
#include "io/report/plot_script.h"
#include "io/report/plots.h"

namespace saltus::io {

std::string radial_script(const std::vector<engine::RadialCurve>& curves) {
  if (curves.empty()) return "";
  std::ostringstream script, plots;
  script << script_head(960, 400) << "set xlabel 'Distance / nm'\n"
         << "set ylabel 'g(r)'\nset xrange [0:*]\nset yrange [0:*]\n";
  for (std::size_t i = 0; i < curves.size(); ++i) {
    const engine::RadialCurve& curve = curves[i];
    const std::string name = "r" + std::to_string(i), colour = line_colour(i);
    script << data_block(name, [&](std::ostream& out) {
      for (std::size_t b = 0; b < curve.g.size(); ++b) {
        // With one block there is no error to draw.
        const double error = std::isfinite(curve.g_error[b]) ? curve.g_error[b] : 0.0;
        out << script_number((static_cast<double>(b) + 0.5) * curve.bin_nm) << ' '
            << script_number(curve.g[b]) << ' ' << script_number(error) << '\n';
      }
    });
    plots << ", $" << name << " using 1:($2-$3):($2+$3) with filledcurves fillstyle transparent "
          << "solid 0.25 noborder linecolor " << colour << " notitle, $" << name
          << " using 1:2 with lines linewidth 1.6 linecolor " << colour << " title "
          << gnuplot_string(curve.name);
  }
  return script.str() + "plot 1 with lines linecolor 'black' linewidth 0.7 notitle" + plots.str() +
         "\n";
}

}  // namespace saltus::io
