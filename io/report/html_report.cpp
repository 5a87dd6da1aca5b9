#include "io/report/html_report.h"

#include <algorithm>

#include "io/report/figures.h"
#include "io/report/free_energy_text.h"
#include "io/report/html.h"
#include "io/report/number_text.h"
#include "io/report/plots.h"
#include "io/report/preparation_text.h"
#include "io/report/protocol_text.h"
#include "io/report/report_text.h"

namespace saltus::io {
namespace {

/// Those of one unit share an axis.
std::vector<std::vector<Trace>> by_unit(const std::vector<Trace>& traces) {
  std::vector<std::vector<Trace>> groups;
  for (const Trace& trace : traces) {
    const auto group = std::find_if(groups.begin(), groups.end(),
                                    [&](const auto& other) { return other[0].unit == trace.unit; });
    if (group == groups.end())
      groups.push_back({trace});
    else
      group->push_back(trace);
  }
  return groups;
}

std::string distribution_html(const ReportData& data, Figures& figures) {
  std::string html;
  if (data.torsion_map) {
    const TorsionMap& map = *data.torsion_map;
    const std::string axes = escape_html(map.x_name) + ", " + escape_html(map.y_name);
    html += "<div class=\"pair\">\n";
    html += figures.html(free_energy_script(map), "free energy",
                         "Free energy over " + axes +
                             ", relative to its minimum; contours every 5\u202fkJ/mol. Grey: never "
                             "visited.");
    html += figures.html(free_energy_error_script(map), "free-energy error",
                         "One standard error of the free energy, from the spread between chains. "
                         "It is unreliable where few chains have been.");
    html += "</div>\n";
  }
  if (data.energies) {
    html += figures.html(histogram_script(*data.energies), "energy histogram",
                         escape_html(data.energies->quantity) +
                             ": probability density; bars are one standard error.");
  }
  return html;
}

std::string structure_section(const ReportData& data, Figures& figures) {
  const std::vector<engine::RadialCurve>& curves = data.summary.radial;
  if (curves.empty()) return "";
  return figures.html(
      radial_script(curves), "radial distribution functions",
      "Radial distribution functions of atoms of different water molecules, of " +
          std::to_string(curves.front().n_configurations) +
          " configurations at the lowest temperature, up to half the shortest width of their "
          "boxes; bars are one standard error.");
}

std::string mixing_html(const ReportData& data, Figures& figures) {
  std::string html;
  if (!data.summary.observables.empty()) {
    html +=
        observables_html(data.summary) +
        "<p class=\"note\">Mean \u00b1 one standard error, from the spread between chains when "
        "there are at least four. Autocorrelation time: 1 + 2 \u2211\u03c1, cut by Geyer\u2019s "
        "initial monotone sequence, with its jackknife error over chains. Effective samples: "
        "number of stored values divided by the autocorrelation time in frames.</p>\n";
    if (data.summary.is_weighted())
      html +=
          "<p class=\"note\">Frames have unequal weights w. Mean, standard deviation and "
          "probabilities are weighted by them; autocorrelation, errors and split R\u0302 are those "
          "of "
          "w (x \u2212 mean), whose variance tells the effective samples. Chains that were "
          "resampled "
          "from each other count as independent.</p>\n";
  }
  if (!data.autocorrelations.empty()) {
    html +=
        figures.html(autocorrelation_script(data.autocorrelations, data.summary.steps_per_frame),
                     "autocorrelation functions",
                     "Autocorrelation functions about the mean of all chains; logarithmic lag.");
  }
  for (const std::vector<Trace>& traces : by_unit(data.traces)) {
    const std::string script = trace_script(traces, data.summary.steps_per_frame);
    const std::size_t stride = trace_stride(traces);
    html += figures.html(
        script, "traces of " + traces[0].observable,
        "A few chains as they ran" +
            (stride == 1 ? std::string(".")
                         : "; one stored frame in " + std::to_string(stride) + " is drawn."));
  }
  return html;
}

std::string free_energy_section(const ReportData& data, Figures& figures) {
  if (!data.summary.free_energy) return "";
  std::string html = free_energy_html(*data.summary.free_energy) +
                     figures.html(ladder_script(*data.summary.free_energy), "free energies",
                                  "Reduced free energies of the temperatures, relative to the "
                                  "lowest one; bars are one standard error.");
  for (const HistogramPlot& plot : data.works)
    html += figures.html(histogram_script(plot), plot.quantity,
                         "Work up, and minus the work down: the two curves cross at the difference "
                         "of free energies, and how much they share tells how well it is known. "
                         "Infinite works are left out, and half a per cent of the others at each "
                         "end.");
  return html;
}

std::string moves_section(const ReportData& data, Figures& figures) {
  if (data.summary.moves.empty()) return "";
  return moves_html(data.summary) +
         figures.html(acceptance_script(data.summary.moves), "acceptance",
                      "Outcome of the proposals. Invalid ones had zero or undefined density; "
                      "they are rejected too.") +
         "<p class=\"note\">One application is one move tried on one chain. The longest rejection "
         "run is counted in applications of the move, in any chain. CPU time is that of the whole "
         "process, all threads.</p>\n" +
         protocols_html(data.summary.protocols);
}

std::string efficiency_section(const ReportData& data, Figures& figures) {
  if (data.summary.samplers.empty()) return "";
  return figures.html(efficiency_script(data.summary.samplers), "efficiency",
                      "Effective samples per CPU second, logarithmic scale; bars are one standard "
                      "error. Higher is better.") +
         samplers_html(data.summary) + preparation_html(data.summary) +
         "<p class=\"note\">A sampler whose chains do not agree (split R\u0302 above " +
         rounded_text(engine::kMaxRHat) +
         ") has fewer effective samples than shown. Costs of samplers, and what is counted per "
         "CPU second or energy evaluation, are those of sampling alone.</p>\n";
}

}  // namespace

std::string render_report(const ReportData& data, const GnuplotOptions& gnuplot) {
  Figures figures(gnuplot);
  const engine::RunSummary& summary = data.summary;
  const std::string card = summary.model_card.empty() ? "" : model_card_html(summary);
  // One statement per part: figures are numbered in the order they are drawn.
  std::string html = html_page_head("Saltus run report", summary.title) + "<p class=\"molecule\">" +
                     escape_html(summary.molecule) + "</p>\n" + lead_paragraph_html(summary) +
                     "</header>\n" + tiles_html(summary) + warnings_html(summary);
  html += html_section("Distribution", distribution_html(data, figures));
  html += html_section("Structure of water", structure_section(data, figures));
  html += html_section("Mixing", mixing_html(data, figures));
  html += html_section("Free energies between temperatures", free_energy_section(data, figures));
  html += html_section("Moves", moves_section(data, figures));
  html += html_section("Efficiency", efficiency_section(data, figures));
  html += html_section("Model card", card);
  html += html_section("Provenance", provenance_html(summary, data.deck_text));
  html +=
      "<footer>Hidden in this page: exact values of all rounded numbers, in the "
      "<code>value</code> of their <code>data</code> elements.</footer>\n</main>\n</body>\n"
      "</html>\n";
  return html;
}

}  // namespace saltus::io
