#include "io/report/comparison_report.h"

#include <algorithm>
#include <cmath>

#include "engine/run/run_summary.h"
#include "io/report/comparison_plots.h"
#include "io/report/comparison_summary.h"
#include "io/report/figures.h"
#include "io/report/html.h"
#include "io/report/number_text.h"
#include "io/report/plots.h"

namespace saltus::io {
namespace {

using Peptide = ComparisonData::Peptide;
using Run = ComparisonData::Run;
using Row = std::vector<std::string>;

const ComparisonData::Distance& energy_2(const ComparisonData::Distances& distances) {
  return distances.energy_2_kT;
}
const ComparisonData::Distance& torus_2(const ComparisonData::Distances& distances) {
  return distances.torus_2_rad;
}
const ComparisonData::Distance& tica_2(const ComparisonData::Distances& distances) {
  return distances.tica_2;
}

std::string marked(const std::string& html, bool is_good) {
  return std::string("<span class=\"") + (is_good ? "good" : "bad") + "\">" + html + "</span>";
}

std::string r_hat_html(double r_hat, const std::string& of) {
  if (std::isnan(r_hat)) return html_number(r_hat);
  return marked(html_number(r_hat, 4), r_hat <= engine::kMaxRHat) + " (" + escape_html(of) + ")";
}

/// "0.23 (1.4 times the floor)"
std::string distance_html(const ComparisonData::Distance& distance) {
  if (std::isnan(distance.value)) return html_number(distance.value);
  std::string html = html_number(distance.value);
  if (distance.floor > 0.0) html += " <small>" + html_number(distance.ratio()) + "×</small>";
  return html;
}

std::string remarks_html(const std::vector<std::string>& remarks) {
  if (remarks.empty()) return "";
  std::string html = "<div class=\"warnings\"><h2>To be known</h2><ul>\n";
  for (const std::string& remark : remarks) html += "<li>" + escape_html(remark) + "</li>\n";
  return html + "</ul></div>\n";
}

std::string reference_html(const Peptide& peptide) {
  std::string times;
  for (double time : peptide.tic_timescales_frames)
    times += (times.empty() ? "" : ", ") + html_number(time);
  return "<p>Reference: <code>" + escape_html(peptide.reference) + "</code>, " +
         html_count(peptide.n_chains) + " chains of " + html_count(peptide.n_frames) +
         " frames at " + html_number(peptide.temperature_K, 4) + "\u202fK. Worst split R\u0302 " +
         r_hat_html(peptide.r_hat, peptide.r_hat_of) + "; effective samples of TIC 0 " +
         html_number(peptide.tic_0_samples) + "; round trips between the ends of TIC 0 " +
         html_count(peptide.tic_0_round_trips) + ". Replica exchange: " +
         (peptide.ladder ? escape_html(peptide.ladder->text())
                         : "no ladder whose replicas it knows") +
         ". TICA of " + html_count(peptide.n_features) + " features; time scales " + times +
         " frames.</p>\n";
}

/// "120 (3.1 / CPU s)"
std::string round_trips_html(const std::optional<engine::LadderSummary>& ladder) {
  if (!ladder) return html_number(ComparisonData::kUnknown);
  std::string html = html_count(ladder->n_round_trips);
  if (!std::isnan(ladder->per_cpu_second))
    html += " (" + html_number(ladder->per_cpu_second) + "\u202f/\u202fCPU s)";
  return html;
}

std::string runs_table(const Peptide& peptide) {
  std::vector<Row> rows;
  for (const Run& run : peptide.runs)
    rows.push_back({escape_html(run.name), escape_html(run.role), escape_html(run.exactness),
                    html_number(run.cpu_seconds), html_number(run.energy_evaluations),
                    html_number(run.training_cpu_seconds),
                    html_number(run.training_energy_evaluations),
                    r_hat_html(run.r_hat, run.r_hat_of), round_trips_html(run.ladder)});
  return html_table({{"Run", true},
                     {"Role", true},
                     {"Exactness", true},
                     {"CPU s", false},
                     {"Energy evaluations", false},
                     {"Preparation and training, CPU s", false},
                     {"Preparation and training, energy evaluations", false},
                     {"Worst split R\u0302", true},
                     {"Round trips of its ladder", false}},
                    rows);
}

std::string samples_table(const Peptide& peptide) {
  std::vector<Row> rows;
  for (const Run& run : peptide.runs)
    rows.push_back({escape_html(run.name), html_number(run.tic_0_published_samples),
                    html_with_error(run.tic_0_samples, run.tic_0_samples_error),
                    escape_html(run.slowest),
                    html_with_error(run.slowest_samples, run.slowest_samples_error),
                    html_number(run.slowest_per_cpu_second),
                    marked(html_count(run.n_missed), run.n_missed == 0),
                    html_number(run.most_standard_errors), html_number(run.farthest)});
  return html_table({{"Run", true},
                     {"Samples of TIC 0, published definition", false},
                     {"Samples of TIC 0", false},
                     {"Slowest observable", true},
                     {"its samples", false},
                     {"its samples / CPU s", false},
                     {"Missed states", false},
                     {"Largest deviation of a population, standard errors", false},
                     {"Farthest reference frame", false}},
                    rows) +
         "<p class=\"note\">Effective samples. Slowest: of TIC 0 and the indicator of every state; "
         "a missed state counts as no samples. Published definition: n / (-1 + 2 Σ |ρ|) up to the "
         "first ρ that is not positive. Farthest reference frame: in TIC 0 and TIC 1 scaled by "
         "their largest magnitude in the reference; the published limit is 0.3. Costs do not "
         "contain preparation and training, which stand beside them.</p>\n";
}

std::string speed_ups_table(const Peptide& peptide) {
  std::vector<Row> rows;
  for (const Run& run : peptide.runs)
    for (const ComparisonData::SpeedUp& speed_up : run.speed_ups)
      rows.push_back({escape_html(run.name), escape_html(speed_up.reference),
                      escape_html(speed_up.observable),
                      (speed_up.is_lower_bound ? "at least " : "") +
                          html_with_error(speed_up.value, speed_up.error),
                      escape_html(speed_up.remark)});
  if (rows.empty()) return "";
  return html_table({{"Run", true},
                     {"Compared with", true},
                     {"Observable", true},
                     {"Speed-up per CPU s", false},
                     {"Remark", true}},
                    rows);
}

std::string distances_table(const Peptide& peptide) {
  std::vector<Row> rows;
  for (const Run& run : peptide.runs) {
    const ComparisonData::Distances& distances = run.distances;
    rows.push_back({escape_html(run.name), html_count(distances.n_frames),
                    distance_html(distances.energy_1_kT), distance_html(distances.energy_2_kT),
                    distance_html(distances.torus_2_rad), distance_html(distances.tica_2)});
    rows.push_back({"floor of the same size", html_count(distances.n_frames),
                    html_with_error(distances.energy_1_kT.floor, distances.energy_1_kT.floor_error),
                    html_with_error(distances.energy_2_kT.floor, distances.energy_2_kT.floor_error),
                    html_with_error(distances.torus_2_rad.floor, distances.torus_2_rad.floor_error),
                    html_with_error(distances.tica_2.floor, distances.tica_2.floor_error)});
  }
  return html_table({{"Run", true},
                     {"Frames of each sample", false},
                     {"Energy W₁ / kT", false},
                     {"Energy W₂ / kT", false},
                     {"Torus W₂ / rad", false},
                     {"TICA W₂", false}},
                    rows) +
         "<p class=\"note\">Wasserstein distances to the reference. The floor is the distance of "
         "two samples of the reference, one from each half of its chains (or of its time); the "
         "small number is the distance in floors. Torus: all φ and ψ, differences wrapped.</p>\n";
}

std::string states_table(const Peptide& peptide) {
  std::vector<TableColumn> columns = {{"State", true}, {"Reference", false}};
  for (const Run& run : peptide.runs) columns.push_back({escape_html(run.name), false});
  std::vector<Row> rows;
  for (std::size_t s = 0; s < peptide.states.size(); ++s) {
    const ComparisonData::State& state = peptide.states[s];
    Row row = {escape_html(state.name), html_with_error(state.population, state.error)};
    for (const Run& run : peptide.runs) {
      if (s >= run.populations.size()) {
        row.push_back(html_number(ComparisonData::kUnknown));
        continue;
      }
      const ComparisonData::Population& population = run.populations[s];
      row.push_back(population.missed
                        ? marked("missed", false)
                        : html_with_error(population.value, population.error) + " <small>" +
                              html_number(population.standard_errors, 2) + "σ</small>");
    }
    rows.push_back(std::move(row));
  }
  return html_table(columns, rows);
}

std::string curves_html(const Peptide& peptide, Figures& figures) {
  std::string html;
  html += figures.html(distance_curve_script(peptide.runs, "Energy W₂ / kT", energy_2),
                       "energy distance", "Energy. Dashed: floor of samples of that size.");
  html += figures.html(distance_curve_script(peptide.runs, "Torus W₂ / rad", torus_2),
                       "torus distance", "All φ and ψ.");
  html += figures.html(distance_curve_script(peptide.runs, "TICA W₂", tica_2), "TICA distance",
                       "TIC 0 and TIC 1.");
  if (html.empty()) return "";
  return "<h3>Distances as the runs went on</h3>\n<div class=\"pair\">" + html +
         "</div>\n<p class=\"note\">Against all energy evaluations; training is contained where "
         "the deck says what it cost.</p>\n";
}

std::string figures_html(const Peptide& peptide, Figures& figures) {
  std::string html = "<h3>Free energies</h3>\n<div class=\"pair\">";
  for (const ComparisonData::Profile& profile : peptide.profiles)
    html += figures.html(profile_script(profile), "free energy along " + profile.quantity,
                         escape_html(profile.quantity) + "; bands are one standard error.");
  html += "</div>\n<div class=\"pair\">";
  for (const auto& [name, map] : peptide.maps)
    html += figures.html(free_energy_script(map), "map of " + name,
                         escape_html(name) + "; white lines every 5\u202fkJ/mol.");
  return html +
         figures.html(tic_points_script(peptide.tic_points), "slow coordinates",
                      "Frames in the plane of the two slowest coordinates.") +
         "</div>\n";
}

std::string peptide_html(const Peptide& peptide, Figures& figures) {
  std::vector<std::string> remarks = peptide.remarks;
  for (const Run& run : peptide.runs)
    for (const std::string& remark : run.remarks) remarks.push_back(run.name + ": " + remark);
  // One statement per part: figures are numbered in the order they are drawn.
  std::string html = reference_html(peptide) + remarks_html(remarks) + runs_table(peptide) +
                     samples_table(peptide) + speed_ups_table(peptide);
  html += "<h3>Distances</h3>\n" + distances_table(peptide);
  html += curves_html(peptide, figures);
  html += "<h3>States</h3>\n" + states_table(peptide);
  html += figures_html(peptide, figures);
  return html;
}

std::string tiles(const ComparisonData& data) {
  std::size_t n_missed = 0;
  for (const Peptide& peptide : data.peptides)
    for (const Run& run : peptide.runs) n_missed += run.n_missed;
  std::string html =
      "<div class=\"tiles\">\n" + html_tile(html_count(data.peptides.size()), "molecules");
  for (const std::string& reference : speed_up_references(data)) {
    const std::vector<NamedSpeedUp> sorted = sorted_speed_ups(data, reference);
    const bool bound = std::any_of(sorted.begin(), sorted.end(), [](const NamedSpeedUp& speed_up) {
      return speed_up.is_lower_bound;
    });
    html += html_tile(
        (bound ? "at least " : "") + html_number(median_speed_up(sorted)),
        "median speed-up of the slowest observable, compared with " + escape_html(reference));
  }
  return html + html_tile(html_count(n_missed), "missed states, all runs together") + "</div>\n";
}

std::string overview_html(const ComparisonData& data, Figures& figures) {
  std::string html;
  for (const std::string& reference : speed_up_references(data))
    html +=
        figures.html(speed_up_script(sorted_speed_ups(data, reference)), "speed-ups",
                     "Effective samples of the slowest observable per CPU second, compared with " +
                         escape_html(reference) +
                         "; sorted, logarithmic scale. The line is no gain; ≥: lower bound.");
  return html;
}

Row summary_row(const RunOverPeptides& run, const SummaryQuantity& quantity) {
  const OverPeptides& values = quantity.values;
  const std::string& worst_of = quantity.high_is_bad ? values.highest_of : values.lowest_of;
  return {escape_html(run.name),
          escape_html(quantity.title),
          html_number(values.median),
          html_number(quantity.high_is_bad ? values.highest : values.lowest),
          escape_html(worst_of),
          html_number(quantity.high_is_bad ? values.lowest : values.highest),
          html_count(values.n) + " of " + html_count(run.n_peptides) +
              (quantity.n_lower_bounds == 0
                   ? ""
                   : ", lower bounds: " + html_count(quantity.n_lower_bounds))};
}

std::string summary_html(const ComparisonData& data) {
  if (data.peptides.size() < 2) return "";
  std::vector<Row> rows;
  for (const RunOverPeptides& run : runs_over_peptides(data)) {
    for (const SummaryQuantity& speed_up : run.speed_ups)
      rows.push_back(summary_row(run, speed_up));
    for (const SummaryQuantity& quantity : run.quantities)
      if (quantity.values.n > 0) rows.push_back(summary_row(run, quantity));
    rows.push_back(
        {escape_html(run.name), "Missed states, all molecules together", "",
         marked(html_count(run.n_missed), run.n_missed == 0), "", "",
         "in " + html_count(run.n_peptides_missed) + " of " + html_count(run.n_peptides)});
  }
  return html_table({{"Run", true},
                     {"Quantity", true},
                     {"Median", false},
                     {"Worst", false},
                     {"of", true},
                     {"Best", false},
                     {"Molecules", true}},
                    rows) +
         "<p class=\"note\">Median and extremes over the molecules of which the number is known. "
         "Where the other sampler has no sample of an observable, one for each of its chains is "
         "counted: the speed-up is then a lower bound.</p>\n";
}

std::string provenance_html(const ComparisonData& data) {
  std::string html = "<dl>\n";
  for (const auto& [name, value] : data.provenance)
    html += "<dt>" + escape_html(name) + "</dt><dd>" + escape_html(value) + "</dd>\n";
  return html + "</dl>\n<details><summary>Deck</summary><pre>" + escape_html(data.deck_text) +
         "</pre></details>\n";
}

}  // namespace

std::string render_comparison(const ComparisonData& data, const GnuplotOptions& gnuplot) {
  Figures figures(gnuplot);
  std::string html = html_page_head("Saltus comparison", data.title) + "</header>\n" + tiles(data);
  html += html_section("Speed-ups", overview_html(data, figures));
  html += html_section("Over all molecules", summary_html(data));
  for (const Peptide& peptide : data.peptides)
    html += html_section(escape_html(peptide.name), peptide_html(peptide, figures));
  html += html_section("Provenance", provenance_html(data));
  return html + "</main>\n</body>\n</html>\n";
}

}  // namespace saltus::io
