#include "io/report/conformer_report.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "io/report/figures.h"
#include "io/report/html.h"
#include "io/report/number_text.h"
#include "io/report/plot_script.h"

namespace saltus::io {
namespace {

using Data = ConformerReportData;

const char kStyle[] = R"css(
.funnel { display: grid; grid-template-columns: max-content 1fr max-content; gap: .35rem .9rem;
  align-items: center; margin: .5rem 0 1.4rem; }
.funnel div { background: var(--line); border-radius: 5px; height: 1.05rem; overflow: hidden; }
.funnel i { display: block; height: 100%; background: #2a788e; border-radius: 5px; min-width: 2px; }
.funnel b { font-weight: 600; font-variant-numeric: tabular-nums; text-align: right; }
.molecule-view { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; align-items: center; }
.molecule-view h3, .molecule-view output, .molecule-view figcaption { flex-basis: 100%; margin: 0; }
.molecule-view canvas { flex: 1 1 60%; min-width: 220px; height: 300px; cursor: grab;
  touch-action: none; }
.molecule-view .drawing { flex: 0 1 190px; width: 190px; height: 190px; background: #fff;
  border-radius: 8px; }
.molecule-view output { font-size: .9rem; font-variant-numeric: tabular-nums; }
.molecule-view label { font-size: .9rem; color: var(--soft); }
.molecule-view figcaption { overflow-wrap: anywhere; }
)css";

/// "1 molecule", "2 molecules".
std::string counted_html(std::uint64_t n, const std::string& one, const std::string& many) {
  return html_count(n) + " " + (n == 1 ? one : many);
}

std::string tiles_html(const Data& data) {
  const double seconds = std::max(data.seconds, 1e-9);
  return "<div class=\"tiles\">\n" +
         html_tile(
             html_count(data.n_with_conformers) + " of " + html_count(data.n_molecules),
             data.n_molecules == 1 ? "molecule has conformers" : "molecules have conformers") +
         html_tile(html_count(data.n_conformers),
                   data.n_conformers == 1 ? "conformer was written" : "conformers were written") +
         html_tile(html_number(static_cast<double>(data.n_molecules) / seconds),
                   "molecules per second") +
         html_tile(html_number(static_cast<double>(data.n_conformers) / seconds),
                   "conformers per second") +
         "</div>\n";
}

std::string funnel_html(const std::vector<Data::Stage>& stages) {
  if (stages.empty()) return "";
  std::uint64_t most = 1;
  for (const Data::Stage& stage : stages) most = std::max(most, stage.count);
  std::string html = "<div class=\"funnel\">\n";
  for (const Data::Stage& stage : stages) {
    const double share = static_cast<double>(stage.count) / static_cast<double>(most);
    html += "<span>" + escape_html(stage.name) +
            "</span><div><i style=\"width:" + rounded_text(100.0 * share) + "%\"></i></div><b>" +
            html_count(stage.count) + "</b>\n";
  }
  return html + "</div>\n";
}

std::string stages_html(const Data& data) {
  std::string html = "<h3>Molecules</h3>\n" + funnel_html(data.molecule_stages);
  if (data.n_isomers > 0)
    html +=
        "<p class=\"note\">Conformers were made of " +
        counted_html(data.n_isomers, "stereoisomer or fragment", "stereoisomers and fragments") +
        ".</p>\n";
  html += "<h3>Conformers</h3>\n" + funnel_html(data.conformer_stages);
  if (data.n_stereo_rejected > 0)
    html += "<p class=\"note\">" +
            counted_html(data.n_stereo_rejected,
                         "conformer was discarded because it did not have the configuration of its",
                         "conformers were discarded because they did not have the configuration of "
                         "their") +
            " molecule after embedding or minimisation.</p>\n";
  if (data.n_isomer_lists_cut > 0)
    html += "<p class=\"note\">The list of stereoisomers was cut for " +
            counted_html(data.n_isomer_lists_cut, "molecule", "molecules") +
            ": --max-isomers sets how many are made.</p>\n";
  return html;
}

/// "8 of 32"
std::string isomers_html(const Data::Row& row) {
  return html_count(row.n_isomers) +
         (row.possible_isomers.empty() ? "" : " of " + escape_html(row.possible_isomers));
}

std::string failures_html(const Data& data) {
  if (data.failures.empty()) return "";
  std::vector<std::vector<std::string>> rows;
  for (const Data::Failure& failure : data.failures) {
    std::string examples;
    for (const std::string& example : failure.examples)
      examples += (examples.empty() ? "" : "<br>") + escape_html(example);
    rows.push_back({escape_html(failure.status), html_count(failure.count), examples});
  }
  return html_table({{"status", true}, {"molecules"}, {"the first of them", true}}, rows);
}

std::string rows_html(const Data& data) {
  if (data.rows.empty()) return "";
  std::vector<std::vector<std::string>> rows;
  for (const Data::Row& row : data.rows)
    rows.push_back({escape_html(row.name), escape_html(row.status), isomers_html(row),
                    html_count(row.n_conformers), html_number(row.energy_span),
                    html_number(row.rmsd), html_number(row.n_effective), html_number(row.seconds),
                    escape_html(row.remark)});
  const std::string shown =
      data.n_molecules > data.rows.size()
          ? "The first " + (data.rows.size() == 1 ? "" : html_count(data.rows.size()) + " ") +
                "of " + html_count(data.n_molecules) + " molecules; --report writes all of them. "
          : "";
  return html_table({{"molecule", true},
                     {"status", true},
                     {"isomers"},
                     {"conformers"},
                     {"energy span<br>kcal/mol"},
                     {"largest RMSD<br>\u00c5"},
                     {"effective<br>samples"},
                     {"time<br>s"},
                     {"remarks", true}},
                    rows) +
         "<p class=\"note\">" + shown +
         "Energy span: highest minus lowest, within one stereoisomer. RMSD: of heavy atoms, "
         "superposed, to the first conformer of the isomer, equal atoms not exchanged.</p>\n";
}

std::string torsions_html(const Data& data, Figures& figures) {
  std::string html;
  for (const Data::Torsions& torsions : data.torsions)
    html += figures.html(torsion_histograms_script(torsions), "torsions of " + torsions.molecule,
                         "Torsions of " + escape_html(torsions.molecule) +
                             ", weighted by the populations of the conformers: probability of each "
                             "bin of 10\u00b0. Bonds within rings are called so; a nitrogen that "
                             "can invert is at -90\u00b0 or 90\u00b0." +
                             (torsions.n_left_out == 0
                                  ? ""
                                  : " " + counted_html(torsions.n_left_out, "more is not shown.",
                                                       "more are not shown.")));
  return html;
}

std::string lead_html(const Data& data) {
  const bool all = data.n_with_conformers == data.n_molecules;
  std::string text =
      data.n_molecules == 0 ? "The input held no molecules."
      : all                 ? "Every molecule has conformers."
                            : counted_html(data.n_molecules - data.n_with_conformers,
                                           "molecule has no conformers; the reason is given below.",
                                           "molecules have no conformers; the reasons are given below.");
  if (data.interrupted)
    text +=
        " <span class=\"badge biased\">interrupted</span> The rest of the input was not reached; "
        "--resume continues.";
  return "<p class=\"lead\">" + text + "</p>\n";
}

double largest(const Data::TorsionHistogram& histogram) {
  // An axis needs some height.
  constexpr double kMinHeight = 1e-3;
  return std::accumulate(histogram.probability.begin(), histogram.probability.end(), kMinHeight,
                         [](double a, double b) { return std::max(a, b); });
}

}  // namespace

std::string torsion_histograms_script(const Data::Torsions& torsions) {
  const std::size_t n = torsions.histograms.size();
  if (n == 0) return "";
  constexpr std::size_t kColumns = 3;
  constexpr int kRowHeight = 190;
  const std::size_t n_rows = (n + kColumns - 1) / kColumns;
  std::ostringstream script;
  script << script_head(960, kRowHeight * static_cast<int>(n_rows));
  for (std::size_t i = 0; i < n; ++i) {
    const auto& probability = torsions.histograms[i].probability;
    const double width = 360.0 / static_cast<double>(probability.size());
    script << data_block("t" + std::to_string(i), [&](std::ostream& out) {
      for (std::size_t b = 0; b < probability.size(); ++b)
        out << script_number(-180.0 + (static_cast<double>(b) + 0.5) * width) << ' '
            << script_number(probability[b]) << '\n';
    });
  }
  script << "unset key\nset xrange [-180:180]\nset yrange [0:*]\nset xtics -180,90,180\n"
         << "set boxwidth 1 relative\nset style fill solid 0.75 noborder\nset format y '%.2g'\n"
         << "set multiplot layout " << n_rows << "," << kColumns << "\n";
  for (std::size_t i = 0; i < n; ++i)
    script << "set title " << gnuplot_string(torsions.histograms[i].name) << " offset 0,-0.6\n"
           << "set ytics 0," << script_number(0.5 * largest(torsions.histograms[i])) << "\n"
           << "plot $t" << i << " using 1:2 with boxes linecolor '#0072b2'\n";
  script << "unset multiplot\n";
  return script.str();
}

std::string render_conformer_report(const Data& data, const GnuplotOptions& gnuplot) {
  Figures figures(gnuplot);
  std::string html = html_page_head("Saltus conformers", data.title, kStyle) + lead_html(data) +
                     "</header>\n" + tiles_html(data);
  html += html_section("Stages", stages_html(data));
  html += html_section("Statuses other than OK", failures_html(data));
  html += html_section("Pictures", molecule_view_html(data.pictures));
  html += html_section("Torsions", torsions_html(data, figures));
  html += html_section("Molecule by molecule", rows_html(data));
  html += html_section("Provenance", html_definitions(data.provenance));
  return html + "</main>\n</body>\n</html>\n";
}

}  // namespace saltus::io
