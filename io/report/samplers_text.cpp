#include <algorithm>
#include <cmath>

#include "io/report/html.h"
#include "io/report/report_text.h"

namespace saltus::io {
namespace {

using engine::RunSummary;
using Row = std::vector<std::string>;

/// The number of the footnote of each sampler; 0: it has none. The run's own warnings stand first
/// on the page.
std::vector<std::size_t> footnotes_of(const RunSummary& summary) {
  std::vector<std::size_t> numbers(summary.samplers.size(), 0);
  std::size_t n = 0;
  for (std::size_t s = 1; s < summary.samplers.size(); ++s)
    if (!summary.samplers[s].caveat().empty()) numbers[s] = ++n;
  return numbers;
}

std::string footnote_mark(std::size_t number) {
  return number == 0 ? "" : "<sup>" + std::to_string(number) + "</sup>";
}

std::string footnotes_html(const RunSummary& summary) {
  const std::vector<std::size_t> numbers = footnotes_of(summary);
  std::string html;
  for (std::size_t s = 0; s < numbers.size(); ++s)
    if (numbers[s] > 0)
      html += "<p class=\"note\">" + footnote_mark(numbers[s]) + " " +
              escape_html(summary.samplers[s].sampler + ": " + summary.samplers[s].caveat()) +
              ".</p>\n";
  return html;
}

/// "≤ 300 ± 20" where effective samples are an upper bound.
std::string bounded_html(const char* sign, bool is_bound, const std::string& number) {
  return is_bound ? std::string(sign) + "\u202f" + number : number;
}

Row efficiency_row(const engine::SamplerEfficiency& sampler,
                   const engine::ObservableEfficiency& row, std::size_t footnote) {
  const auto at_most = [&row](double value, double error) {
    return bounded_html("\u2264", row.is_upper_bound() && !std::isnan(value),
                        html_with_error(value, error));
  };
  return {escape_html(row.observable),
          escape_html(sampler.sampler) + (row.is_upper_bound() ? footnote_mark(footnote) : ""),
          at_most(row.effective_samples, row.effective_samples_error),
          r_hat_html(row.r_hat),
          at_most(row.per_cpu_second, row.per_cpu_second_error),
          at_most(row.per_energy_evaluation, row.per_energy_evaluation_error)};
}

/// Observable by observable, so that samplers stand under each other.
std::vector<Row> efficiency_rows(const RunSummary& summary) {
  std::vector<std::string> names;
  for (const engine::SamplerEfficiency& sampler : summary.samplers) {
    for (const engine::ObservableEfficiency& row : sampler.observables) {
      if (std::find(names.begin(), names.end(), row.observable) == names.end()) {
        names.push_back(row.observable);
      }
    }
  }
  std::vector<Row> rows;
  const std::vector<std::size_t> footnotes = footnotes_of(summary);
  for (const std::string& name : names) {
    for (std::size_t s = 0; s < summary.samplers.size(); ++s) {
      for (const engine::ObservableEfficiency& row : summary.samplers[s].observables) {
        if (row.observable == name)
          rows.push_back(efficiency_row(summary.samplers[s], row, footnotes[s]));
      }
    }
  }
  return rows;
}

/// A ratio to another sampler's efficiency; "≥" where it is a lower bound.
Row speed_up_row(const engine::SpeedUp& row) {
  const auto at_least = [&row](double value, double error) {
    return bounded_html("\u2265", row.is_lower_bound && !std::isnan(value),
                        html_with_error(value, error));
  };
  return {escape_html(row.observable), escape_html(row.reference),
          at_least(row.per_cpu_second, row.per_cpu_second_error),
          at_least(row.per_energy_evaluation, row.per_energy_evaluation_error)};
}

}  // namespace

std::string samplers_html(const RunSummary& summary) {
  std::vector<Row> costs, speed_ups;
  for (const engine::SamplerEfficiency& sampler : summary.samplers) {
    costs.push_back({escape_html(sampler.sampler), html_number(sampler.cpu_seconds, 4),
                     html_count(sampler.n_energy_evaluations)});
  }
  for (const engine::SpeedUp& row : summary.speed_ups) speed_ups.push_back(speed_up_row(row));
  std::string html = html_table({{"observable", true},
                                 {"sampler", true},
                                 {"effective samples"},
                                 {"split R\u0302"},
                                 {"per CPU second"},
                                 {"per energy evaluation"}},
                                efficiency_rows(summary)) +
                     footnotes_html(summary);
  if (!speed_ups.empty()) {
    html += "<h3>This run against the others</h3>\n" + html_table({{"observable", true},
                                                                   {"reference", true},
                                                                   {"ratio per CPU second"},
                                                                   {"ratio per energy evaluation"}},
                                                                  speed_ups);
  }
  return html + "<h3>What each cost</h3>\n" +
         html_table({{"sampler", true}, {"CPU time / s"}, {"energy evaluations"}}, costs);
}

}  // namespace saltus::io
