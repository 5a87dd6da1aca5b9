#include "io/report/free_energy_text.h"

#include <utility>
#include <vector>

#include "io/report/html.h"
#include "io/report/number_text.h"

namespace saltus::io {
namespace {

using engine::FreeEnergyEstimate;
using engine::FreeEnergySummary;
using Row = std::vector<std::string>;

std::string note(const std::string& text) { return "<p class=\"note\">" + text + "</p>\n"; }

std::string estimate_html(const std::vector<FreeEnergyEstimate>& estimates, std::size_t i) {
  if (i >= estimates.size()) return "\u2013";
  return html_with_error(estimates[i].value, estimates[i].error);
}

std::string what_html(const FreeEnergySummary& summary) {
  return "<p>Free energies f = \u2212ln Z of the temperatures of the ladder, relative to the "
         "lowest "
         "one and dimensionless. Z is the integral of exp(\u2212u) over configurations, u = " +
         std::string(summary.constant_pressure ? "(U + pV)/RT at constant pressure"
                                               : "U/RT at constant volume") +
         ", with respect to the measure that the run samples in, the same at all temperatures; "
         "what "
         "velocities add is not in it.</p>\n";
}

std::string missing_html(const FreeEnergySummary& summary) {
  std::string html;
  for (const auto& [what, why] : {std::pair{"Free energies", summary.missing},
                                  std::pair{"Free energies by MBAR", summary.mbar_missing},
                                  std::pair{"Free energies by the map", summary.mapped_missing}})
    if (!why.empty())
      html += "<p><strong>" + std::string(what) + " are not estimated:</strong> " +
              escape_html(why) + ".</p>\n";
  return html;
}

std::string samples_html(const FreeEnergySummary& summary) {
  return html_table({{"samples of each level"},
                     {"steps between samples"},
                     {"statistical inefficiency / steps"},
                     {"blocks", true},
                     {"number of blocks"},
                     {"samples of a block"},
                     {"bootstrap draws"},
                     {"energy evaluations for the map"}},
                    {{html_count(summary.n_samples), html_count(summary.steps_between_samples),
                      html_number(summary.inefficiency_steps), summary.block_words(),
                      html_count(summary.n_blocks), html_count(summary.block_size),
                      html_count(summary.n_draws), html_count(summary.n_map_evaluations)}});
}

std::string levels_html(const FreeEnergySummary& summary) {
  std::vector<Row> rows;
  for (std::size_t k = 0; k < summary.levels.size(); ++k) {
    const engine::LevelSummary& level = summary.levels[k];
    rows.push_back({html_number(level.temperature_K, 6),
                    html_with_error(level.mean_energy, level.mean_energy_error),
                    html_with_error(level.heat_capacity, level.heat_capacity_error),
                    estimate_html(summary.mbar.from_first, k),
                    estimate_html(summary.plain.from_first, k),
                    estimate_html(summary.mapped.from_first, k)});
  }
  return html_table({{"temperature / K"},
                     {"potential energy / (kJ/mol)"},
                     {"heat capacity / (kJ/mol/K)"},
                     {"f, MBAR"},
                     {"f, Bennett without a map"},
                     {"f, Bennett with the map"}},
                    rows);
}

Row pair_row(const FreeEnergySummary& summary, std::size_t k, bool mapped) {
  const engine::NeighbourFreeEnergy& pair = (mapped ? summary.mapped : summary.plain).pairs[k];
  const std::string share_up = html_number(pair.share_up),
                    share_down = html_number(pair.share_down);
  return {html_number(summary.levels[k].temperature_K, 6),
          html_number(summary.levels[k + 1].temperature_K, 6),
          mapped ? "with the map" : "without a map",
          mapped ? "\u2013" : estimate_html(summary.mbar.to_next, k),
          html_with_error(pair.bennett.value, pair.bennett.error),
          html_with_error(pair.up.value, pair.up.error),
          html_with_error(pair.down.value, pair.down.error),
          html_number(pair.overlap),
          share_up,
          share_down,
          html_number(pair.acceptance)};
}

std::string pairs_html(const FreeEnergySummary& summary) {
  std::vector<Row> rows;
  for (std::size_t k = 0; k < summary.plain.pairs.size(); ++k) {
    rows.push_back(pair_row(summary, k, false));
    if (k < summary.mapped.pairs.size()) rows.push_back(pair_row(summary, k, true));
  }
  if (rows.empty()) return "";
  return "<h3>Neighbouring temperatures</h3>\n" + html_table({{"lower / K"},
                                                              {"upper / K"},
                                                              {"configurations", true},
                                                              {"\u0394f, MBAR"},
                                                              {"\u0394f, Bennett"},
                                                              {"\u0394f, up"},
                                                              {"\u0394f, down"},
                                                              {"overlap"},
                                                              {"effective share up"},
                                                              {"effective share down"},
                                                              {"predicted acceptance"}},
                                                             rows);
}

}  // namespace

std::string free_energy_html(const FreeEnergySummary& summary) {
  std::string html =
      what_html(summary) + missing_html(summary) + levels_html(summary) + pairs_html(summary);
  html += "<h3>Samples</h3>\n" + samples_html(summary);
  html += note(
      "\u0394f is f of the upper temperature minus f of the lower one. MBAR uses the energies of "
      "all "
      "levels at once; Bennett\u2019s acceptance ratio uses work between two neighbours both ways, "
      "w = u\u2032(M(x)) \u2212 u(x) \u2212 ln|det|, with M(x) = x where there is no map. Up and "
      "down, \u2212ln of the mean of exp(\u2212w) from one side alone, are exact for many samples "
      "only: with few, up is too high and down too low. Below an overlap of " +
      rounded_text(engine::kLowOverlap) +
      " no estimate of a pair is to be relied on. The effective share is Kish\u2019s, of the "
      "images "
      "of one level as samples of the other. The predicted acceptance is that of exchanges between "
      "the two.");
  html += note("Errors are one standard deviation of bootstrap draws of blocks, which are " +
               summary.block_words() +
               ", the same for all levels; blocks that know of each other would make them too "
               "small. Samples are frames that are far enough apart, by the statistical "
               "inefficiency of energies and works, and not too many. Heat capacities are "
               "from fluctuations of the energy, without what velocities add.");
  return html;
}

}  // namespace saltus::io
