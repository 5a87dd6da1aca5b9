#include "io/report/comparison_plots.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "io/report/gnuplot.h"
#include "io/report/number_text.h"
#include "io/report/plot_script.h"

namespace saltus::io {

std::string speed_up_script(const std::vector<NamedSpeedUp>& speed_ups) {
  std::vector<NamedSpeedUp> shown;
  for (const NamedSpeedUp& speed_up : speed_ups)
    if (speed_up.value > 0.0 && std::isfinite(speed_up.value)) shown.push_back(speed_up);
  if (shown.empty()) return "";
  double lowest = 1.0, highest = 1.0;
  for (const NamedSpeedUp& speed_up : shown) {
    lowest = std::min(lowest, speed_up.value);
    highest = std::max(highest, speed_up.value);
  }
  std::ostringstream script;
  script << script_head(960, 420) << "set logscale y\nset format y '%g'\nunset key\n"
         << "set yrange [" << script_number(0.5 * lowest) << ":" << script_number(3.0 * highest)
         << "]\nset xrange [-0.7:" << script_number(static_cast<double>(shown.size()) - 0.3)
         << "]\nset ylabel 'Speed-up'\nset xtics rotate by 35 right scale 0 (";
  for (std::size_t i = 0; i < shown.size(); ++i)
    script << (i == 0 ? "" : ", ") << gnuplot_tic_label(shown[i].peptide + ", " + shown[i].run)
           << ' ' << i;
  script << ")\n"
         << data_block("speed", [&](std::ostream& out) {
              for (std::size_t i = 0; i < shown.size(); ++i) {
                const double error = std::isfinite(shown[i].error) ? shown[i].error : 0.0;
                out << i << ' ' << script_number(shown[i].value) << ' '
                    << script_number(std::max(shown[i].value - error, 0.1 * shown[i].value)) << ' '
                    << script_number(shown[i].value + error) << " \""
                    << (shown[i].is_lower_bound ? "≥ " : "") << rounded_text(shown[i].value, 2)
                    << "\"\n";
              }
            });
  script << "plot 1 with lines linecolor 'black' linewidth 0.8 notitle, "
         << "$speed using 1:2:3:4 with yerrorbars pointtype 7 pointsize 0.7 linewidth 1.4 "
            "linecolor "
         << line_colour(0) << " notitle, $speed using 1:4:5 with labels offset 0,0.8 notitle\n";
  return script.str();
}

std::string profile_script(const ComparisonData::Profile& profile) {
  std::ostringstream script, curves;
  script << script_head(500, 320) << "set xlabel "
         << gnuplot_string(profile.unit.empty() ? profile.quantity
                                                : profile.quantity + " / " + profile.unit)
         << "\nset ylabel 'Free energy / kT'\nset yrange [0:*]\n";
  if (profile.unit == "deg") script << "set xrange [-180:180]\nset xtics -180,90,180\n";
  for (std::size_t i = 0; i < profile.curves.size(); ++i) {
    const ComparisonData::Profile::Curve& curve = profile.curves[i];
    const std::string name = "p" + std::to_string(i);
    script << data_block(name, [&](std::ostream& out) {
      for (std::size_t b = 0; b < curve.x.size(); ++b)
        out << script_number(curve.x[b]) << ' ' << script_number(curve.free_energy[b]) << ' '
            << script_number(curve.free_energy[b] - curve.error[b]) << ' '
            << script_number(curve.free_energy[b] + curve.error[b]) << '\n';
    });
    curves << (i == 0 ? "" : ", ") << "$" << name
           << " using 1:3:4 with filledcurves fillstyle transparent solid 0.2 noborder linecolor "
           << line_colour(i) << " notitle, $" << name
           << " using 1:2 with lines linewidth 1.6 linecolor " << line_colour(i) << " title "
           << gnuplot_string(curve.name);
  }
  if (profile.curves.empty()) return "";
  return script.str() + "plot " + curves.str() + "\n";
}

std::string tic_points_script(const std::vector<ComparisonData::Points>& runs) {
  std::ostringstream script, plots;
  script << script_head(500, 400) << "set xlabel 'TIC 0'\nset ylabel 'TIC 1'\n";
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (runs[i].points.empty()) continue;
    const std::string name = "t" + std::to_string(i);
    script << data_block(name, [&](std::ostream& out) {
      for (const auto& [x, y] : runs[i].points)
        out << script_number(x) << ' ' << script_number(y) << '\n';
    });
    plots << (plots.tellp() > 0 ? ", " : "") << "$" << name
          << " using 1:2 with points pointtype 7 pointsize " << (i == 0 ? "0.3" : "0.18")
          << " linecolor " << (i == 0 ? "'#9aa0a6'" : line_colour(i)) << " title "
          << gnuplot_string(runs[i].name);
  }
  if (plots.tellp() == 0) return "";
  return script.str() + "plot " + plots.str() + "\n";
}

std::string distance_curve_script(const std::vector<ComparisonData::Run>& runs,
                                  const std::string& quantity, DistanceOf distance_of) {
  std::ostringstream script, plots;
  script << script_head(500, 340) << "set logscale xy\n"
         << "set format x '%.0e'\nset format y '%g'\nset xlabel 'Energy evaluations'\nset ylabel "
         << gnuplot_string(quantity) << "\n";
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const std::string name = "d" + std::to_string(i);
    bool known = false;
    script << data_block(name, [&](std::ostream& out) {
      for (const ComparisonData::CurvePoint& point : runs[i].curve) {
        const ComparisonData::Distance& distance = distance_of(point.distances);
        if (!(point.energy_evaluations > 0.0) || !(distance.value > 0.0)) continue;
        known = true;
        out << script_number(point.energy_evaluations) << ' ' << script_number(distance.value)
            << ' ' << script_number(distance.floor > 0.0 ? distance.floor : distance.value) << '\n';
      }
    });
    if (!known) continue;
    plots << (plots.tellp() > 0 ? ", " : "") << "$" << name
          << " using 1:2 with linespoints pointtype 7 pointsize 0.5 linewidth 1.6 linecolor "
          << line_colour(i + 1) << " title " << gnuplot_string(runs[i].name) << ", $" << name
          << " using 1:3 with lines dashtype 2 linewidth 1.1 linecolor " << line_colour(i + 1)
          << " notitle";
  }
  if (plots.tellp() == 0) return "";
  return script.str() + "plot " + plots.str() + "\n";
}

}  // namespace saltus::io
