#include "io/report/torsion_scan_report.h"

#include <algorithm>
#include <cmath>

#include "io/report/figures.h"
#include "io/report/html.h"
#include "io/report/number_text.h"
#include "io/report/plot_script.h"

namespace saltus::io {
namespace {

using Data = TorsionScanReportData;

constexpr double kWholeTurn = 360.0;

void write_points(const std::vector<Data::Point>& points, std::ostream& out) {
  for (const Data::Point& point : points)
    out << script_number(point.angle) << ' ' << script_number(point.energy) << '\n';
}

std::string points_html(const Data::Scan& scan) {
  std::vector<std::vector<std::string>> rows;
  const auto add = [&](const char* kind, const std::vector<Data::Point>& points) {
    for (const Data::Point& point : points)
      rows.push_back({kind, html_number(point.angle, 4), html_number(point.energy)});
  };
  add("minimum", scan.minima);
  add("barrier", scan.barriers);
  if (rows.empty()) return "";
  return html_table({{"", true}, {"torsion<br>degrees"}, {"energy<br>kcal/mol"}}, rows);
}

std::string scan_html(const Data::Scan& scan, Figures& figures) {
  std::string html = "<p class=\"molecule\"><code>" + escape_html(scan.smiles) + "</code></p>\n";
  if (scan.status != "OK" || !scan.message.empty())
    html += "<p class=\"note\">" + escape_html(scan.status) +
            (scan.message.empty() ? "" : ": " + escape_html(scan.message)) + "</p>\n";
  html += figures.html(torsion_scan_script(scan), "the torsion profile of " + scan.name,
                       "Energy of " + escape_html(scan.name) + " along the torsion " +
                           escape_html(scan.torsion) + ", all else relaxed (" +
                           escape_html(scan.force_field) +
                           "), above the lowest energy found. Filled: minima without restraint.");
  return html_section(
      escape_html(scan.name) + (scan.torsion.empty() ? "" : ", ") + escape_html(scan.torsion),
      html + points_html(scan));
}

}  // namespace

std::string torsion_scan_script(const Data::Scan& scan) {
  const bool any = std::any_of(scan.points.begin(), scan.points.end(),
                               [](const auto& point) { return std::isfinite(point.energy); });
  if (!any) return "";
  std::vector<Data::Point> turn = scan.points;
  turn.push_back({turn.front().angle + kWholeTurn, turn.front().energy});
  std::ostringstream script;
  script << script_head(760, 380)
         << data_block("profile", [&](std::ostream& out) { write_points(turn, out); })
         << data_block("minima", [&](std::ostream& out) { write_points(scan.minima, out); })
         << "unset key\nset xrange [-180:180]\nset xtics -180,60,180\nset yrange [0:*]\n"
         << "set offsets 0,0,graph 0.05,0\n"
         << "set xlabel " << gnuplot_string("torsion " + scan.torsion + " / degrees") << "\n"
         << "set ylabel 'energy / kcal/mol'\n"
         << "plot $profile using 1:2 with linespoints linecolor " << line_colour(0)
         << " linewidth 2 pointtype 6 pointsize 0.5";
  if (!scan.minima.empty())
    script << ", $minima using 1:2 with points linecolor " << line_colour(1)
           << " pointtype 7 pointsize 0.9";
  script << "\n";
  return script.str();
}

std::string render_torsion_scan_report(const Data& data, const GnuplotOptions& gnuplot) {
  Figures figures(gnuplot);
  std::string html = html_page_head("Saltus torsion scan", data.title) + "</header>\n";
  for (const Data::Scan& scan : data.scans) html += scan_html(scan, figures);
  return html + html_section("Provenance", html_definitions(data.provenance)) +
         "</main>\n</body>\n</html>\n";
}

}  // namespace saltus::io
