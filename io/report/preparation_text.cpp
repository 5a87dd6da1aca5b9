#include "io/report/preparation_text.h"

#include <cmath>
#include <cstdint>
#include <vector>

#include "io/report/html.h"

namespace saltus::io {
namespace {

using engine::TotalCost;
using Row = std::vector<std::string>;

constexpr int kTimeDigits = 4;

Row row_of(const std::string& name, const TotalCost& cost) {
  return {escape_html(name), html_number(cost.cpu_seconds, kTimeDigits),
          std::isnan(cost.energy_evaluations)
              ? html_number(cost.energy_evaluations)
              : html_count(static_cast<std::uint64_t>(cost.energy_evaluations))};
}

TotalCost production_of(const engine::RunSummary& summary) {
  if (summary.samplers.empty()) return {};
  const engine::SamplerEfficiency& run = summary.samplers.front();
  const bool is_counted = run.n_energy_evaluations > 0;
  return {is_counted ? static_cast<double>(run.n_energy_evaluations) : engine::kUnknown,
          run.cpu_seconds};
}

}  // namespace

std::string preparation_html(const engine::RunSummary& summary) {
  std::vector<Row> rows;
  for (const engine::StageCost& stage : summary.preparation)
    rows.push_back(row_of(stage.stage, engine::total_cost({stage})));
  const TotalCost before = engine::total_cost(summary.preparation),
                  production = production_of(summary);
  rows.push_back(row_of("preparation in all", before));
  rows.push_back(row_of("production", production));
  rows.push_back(row_of("together", {before.energy_evaluations + production.energy_evaluations,
                                     before.cpu_seconds + production.cpu_seconds}));
  std::string html = "<h3>What preparing this run cost</h3>\n" +
                     html_table({{"stage", true}, {"CPU time / s"}, {"energy evaluations"}}, rows);
  if (!summary.ready_models.empty()) {
    std::string models;
    for (const std::string& model : summary.ready_models)
      models += (models.empty() ? "" : ", ") + escape_html(model);
    html += "<p class=\"note\">Trained elsewhere, at a cost that is not among these: " + models +
            ".</p>\n";
  }
  return html;
}

}  // namespace saltus::io
