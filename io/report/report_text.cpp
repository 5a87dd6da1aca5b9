#include "io/report/report_text.h"

#include <algorithm>
#include <cmath>

#include "io/report/html.h"
#include "io/report/number_text.h"
#include "io/report/summary_json.h"

namespace saltus::io {
namespace {

using engine::RunSummary;
using Row = std::vector<std::string>;
using Entries = std::vector<std::pair<std::string, std::string>>;

constexpr int kRHatDigits = 4;

/// The largest finite or infinite R-hat; NaN when there is none.
const engine::ObservableSummary* worst_mixed(const RunSummary& summary) {
  const engine::ObservableSummary* worst = nullptr;
  for (const engine::ObservableSummary& observable : summary.observables) {
    if (std::isnan(observable.r_hat)) continue;
    if (worst == nullptr || observable.r_hat > worst->r_hat) worst = &observable;
  }
  return worst;
}

const engine::ObservableSummary* slowest(const RunSummary& summary) {
  const std::size_t index = engine::slowest_observable(summary.observables);
  return index < summary.observables.size() ? &summary.observables[index] : nullptr;
}

/// Known speed-ups against the first reference.
std::vector<const engine::SpeedUp*> first_speed_ups(const RunSummary& summary) {
  std::vector<const engine::SpeedUp*> known;
  for (const engine::SpeedUp& speed_up : summary.speed_ups) {
    const bool is_first = speed_up.reference == summary.speed_ups[0].reference;
    if (is_first && !std::isnan(speed_up.per_cpu_second)) known.push_back(&speed_up);
  }
  return known;
}

std::string with_error_text(double value, double error) {
  return value_and_error_text(value, error).text();
}

std::string temperatures_text(const RunSummary& summary) {
  if (summary.temperatures_K.empty()) return "";
  const auto [low, high] =
      std::minmax_element(summary.temperatures_K.begin(), summary.temperatures_K.end());
  const std::string first = exact_text(*low);
  if (*low < *high) return first + " to " + exact_text(*high) + "\u202fK";
  return first + "\u202fK";
}

std::string description_list(const Entries& entries) {
  std::string html = "<dl>\n";
  for (const auto& [term, value] : entries) html += "<dt>" + term + "</dt><dd>" + value + "</dd>\n";
  return html + "</dl>\n";
}

/// "Accepted proposals: leap 23 to 64 %, hmc 80 %.": kinds of one move together, flips left out.
std::string acceptance_sentence(const RunSummary& summary) {
  struct Range {
    std::string move;
    double low, high;
  };
  std::vector<Range> ranges;
  for (const engine::MoveSummary& move : summary.moves) {
    if (std::isnan(move.acceptance) || move.is_flip()) continue;
    const std::string name = move.name.substr(0, move.name.find('/'));
    const auto known = std::find_if(ranges.begin(), ranges.end(),
                                    [&](const Range& range) { return range.move == name; });
    if (known == ranges.end()) {
      ranges.push_back({name, move.acceptance, move.acceptance});
    } else {
      known->low = std::min(known->low, move.acceptance);
      known->high = std::max(known->high, move.acceptance);
    }
  }
  std::string sentence;
  for (const Range& range : ranges) {
    sentence += sentence.empty() ? " Accepted proposals: " : ", ";
    sentence += escape_html(range.move) + " " + rounded_text(100.0 * range.low);
    if (range.high > range.low) sentence += " to " + rounded_text(100.0 * range.high);
    sentence += "\u202f%";
  }
  return sentence.empty() ? "" : sentence + ".";
}

std::string mixing_sentences(const RunSummary& summary) {
  std::string text;
  const engine::ObservableSummary* slow = slowest(summary);
  if (slow != nullptr && std::isnan(slow->statistics.effective_samples)) {
    text += " <strong>" + escape_html(slow->name) + " never changed.</strong>";
  } else if (slow != nullptr) {
    text += " The slowest observable, " + escape_html(slow->name) + ", has " +
            with_error_text(slow->statistics.effective_samples,
                            slow->statistics.effective_samples_error) +
            " effective samples.";
  }
  const engine::ObservableSummary* worst = worst_mixed(summary);
  if (worst != nullptr) {
    const std::string value = rounded_text(worst->r_hat, kRHatDigits);
    text += worst->r_hat <= engine::kMaxRHat
                ? " The chains agree: split R\u0302 is at most " + value + "."
                : " <strong>The chains do not agree yet</strong>: split R\u0302 is " + value +
                      " for " + escape_html(worst->name) + ".";
  }
  return text;
}

std::string times_text(const engine::SpeedUp& speed_up) {
  return with_error_text(speed_up.per_cpu_second, speed_up.per_cpu_second_error);
}

std::string speed_up_sentence(const RunSummary& summary) {
  const std::vector<const engine::SpeedUp*> known = first_speed_ups(summary);
  if (known.empty()) return "";
  const auto [smallest, largest] = std::minmax_element(
      known.begin(), known.end(),
      [](const auto* a, const auto* b) { return a->per_cpu_second < b->per_cpu_second; });
  std::string range = times_text(**smallest) + " (" + escape_html((*smallest)->observable) + ")";
  if (*smallest != *largest) {
    range = "between " + range + " and " + times_text(**largest) + " (" +
            escape_html((*largest)->observable) + ")";
  }
  const bool bounds =
      std::any_of(known.begin(), known.end(), [](const auto* row) { return row->is_lower_bound; });
  return " Per CPU second the run gathers " + range + " times as many effective samples as " +
         escape_html(known[0]->reference) +
         (bounds ? ", whose chains do not agree yet: these are lower bounds." : ".");
}

/// Effective samples of an observable by a sampler; NaN when unknown.
double effective_samples_of(const RunSummary& summary, const std::string& sampler,
                            const std::string& observable) {
  for (const engine::SamplerEfficiency& candidate : summary.samplers) {
    if (candidate.sampler != sampler) continue;
    for (const engine::ObservableEfficiency& row : candidate.observables) {
      if (row.observable == observable) return row.effective_samples;
    }
  }
  return engine::kUnknown;
}

/// The gain on what the first reference is slowest at; "" when unknown.
std::string speed_up_tile(const RunSummary& summary) {
  const std::vector<const engine::SpeedUp*> known = first_speed_ups(summary);
  if (known.empty()) return "";
  const engine::SpeedUp& shown = **std::min_element(
      known.begin(), known.end(), [&](const engine::SpeedUp* a, const engine::SpeedUp* b) {
        return effective_samples_of(summary, a->reference, a->observable) <
               effective_samples_of(summary, b->reference, b->observable);
      });
  return html_tile("\u00d7 " + times_text(shown),
                   "effective samples of " + escape_html(shown.observable) +
                       " per CPU second, against " + escape_html(shown.reference) +
                       (shown.is_lower_bound ? "; a lower bound" : ""));
}

std::string weights_html(const RunSummary& summary) {
  if (!summary.is_weighted()) return "equal";
  return html_count(summary.n_weighted_values) + " values count as " +
         html_number(summary.kish_effective_samples) + " equal ones, a share of " +
         html_number(summary.kish_share());
}

}  // namespace

std::string r_hat_html(double r_hat) {
  if (std::isnan(r_hat)) return html_number(r_hat);
  const char* verdict = r_hat <= engine::kMaxRHat ? "good" : "bad";
  return std::string("<span class=\"") + verdict + "\">" + html_number(r_hat, kRHatDigits) +
         "</span>";
}

std::string lead_paragraph_html(const RunSummary& summary) {
  std::string html = "<p class=\"lead\">";
  if (summary.is_exact()) {
    html +=
        "<span class=\"badge exact\">Exact</span> Every move leaves the target distribution "
        "invariant: errors are statistical only.";
  } else {
    const std::string exactness = summary.exactness();
    html += "<span class=\"badge biased\">Biased</span> " + escape_html(exactness) +
            "; the sampled distribution differs from the target by an amount no error shown here "
            "contains.";
  }
  html +=
      " " + count_text(summary.n_chains) + " chains of " + count_text(summary.n_steps) + " steps";
  if (!summary.temperatures_K.empty()) html += " at " + temperatures_text(summary);
  if (summary.is_weighted()) html += ". Averages are " + escape_html(summary.weighting());
  html +=
      "." + acceptance_sentence(summary) + mixing_sentences(summary) + speed_up_sentence(summary);
  return html + "</p>\n";
}

std::string tiles_html(const RunSummary& summary) {
  std::string tiles;
  if (const engine::ObservableSummary* slow = slowest(summary)) {
    tiles +=
        html_tile(with_error_text(slow->statistics.effective_samples,
                                  slow->statistics.effective_samples_error),
                  "effective samples of " + escape_html(slow->name) + ", the slowest observable");
  }
  if (const engine::ObservableSummary* worst = worst_mixed(summary)) {
    tiles += html_tile(rounded_text(worst->r_hat, kRHatDigits),
                       "largest split R\u0302 (" + escape_html(worst->name) + "); at most " +
                           rounded_text(engine::kMaxRHat) + " is wanted");
  }
  tiles += speed_up_tile(summary);
  // One tile: the move that is rejected most is the one to worry about.
  const engine::MoveSummary* lowest = nullptr;
  for (const engine::MoveSummary& move : summary.moves)
    if (!std::isnan(move.acceptance) && !move.is_flip() &&
        (lowest == nullptr || move.acceptance < lowest->acceptance))
      lowest = &move;
  if (lowest != nullptr)
    tiles += html_tile(rounded_text(100.0 * lowest->acceptance) + "\u202f%",
                       "acceptance of " + escape_html(lowest->name));
  return tiles.empty() ? "" : "<div class=\"tiles\">\n" + tiles + "</div>\n";
}

std::string warnings_html(const RunSummary& summary) {
  if (summary.warnings.empty()) return "";
  std::string html = "<section class=\"warnings\"><h2>Before you trust the numbers</h2>\n<ul>\n";
  for (const std::string& warning : summary.warnings) {
    html += "<li>" + escape_html(warning) + "</li>\n";
  }
  return html + "</ul></section>\n";
}

std::string observables_html(const RunSummary& summary) {
  const double steps = static_cast<double>(summary.steps_per_frame);
  std::vector<Row> rows;
  for (const engine::ObservableSummary& observable : summary.observables) {
    const engine::AutocorrelationTime& statistics = observable.statistics;
    rows.push_back(
        {escape_html(observable.name),
         escape_html(observable.unit.empty() ? "\u2013" : observable.unit),
         html_with_error(statistics.mean, statistics.mean_error),
         html_number(statistics.standard_deviation),
         html_with_error(statistics.tau * steps, statistics.tau_error * steps),
         html_with_error(statistics.effective_samples, statistics.effective_samples_error),
         r_hat_html(observable.r_hat)});
  }
  return html_table({{"observable", true},
                     {"unit", true},
                     {summary.is_weighted() ? "weighted mean" : "mean"},
                     {"standard deviation"},
                     {"autocorrelation time / steps"},
                     {"effective samples"},
                     {"split R\u0302"}},
                    rows);
}

namespace {

std::string ladder_html(const std::optional<engine::LadderSummary>& ladder) {
  if (!ladder) return "";
  return "<h3>Round trips of replicas</h3>\n" +
         html_table({{"temperatures"},
                     {"ladders"},
                     {"round trips"},
                     {"per CPU second"},
                     {"mean length / steps"},
                     {"counted from step"},
                     {"counted every ... steps"}},
                    {{html_count(ladder->n_levels), html_count(ladder->n_ladders),
                      html_count(ladder->n_round_trips), html_number(ladder->per_cpu_second),
                      html_number(ladder->round_trip_steps), html_count(ladder->first_step),
                      html_count(ladder->look_period)}}) +
         "<p class=\"note\">A round trip of a replica leads from the lowest temperature to the "
         "highest and back. The mean length is that of completed ones.</p>\n";
}

}  // namespace

std::string moves_html(const RunSummary& summary) {
  std::vector<Row> counts, costs;
  for (const engine::MoveSummary& move : summary.moves) {
    const std::string name = escape_html(move.name);
    counts.push_back({name, html_count(move.proposed), html_count(move.accepted),
                      html_percent(move.acceptance), html_count(move.invalid),
                      html_percent(move.invalid_fraction), html_count(move.longest_rejection_run),
                      html_number(move.largest_log_ratio), html_number(move.mean_work),
                      html_number(move.work_deviation)});
    costs.push_back({name, html_number(move.cpu_seconds),
                     html_number(move.cpu_seconds_per_application),
                     html_count(move.n_energy_evaluations),
                     html_number(move.energy_evaluations_per_application),
                     html_number(move.effective_samples_per_cpu_second)});
  }
  return html_table({{"move", true},
                     {"proposed"},
                     {"accepted"},
                     {"acceptance"},
                     {"invalid"},
                     {"share invalid"},
                     {"longest rejection run"},
                     {"largest log ratio"},
                     {"mean work / kT"},
                     {"its standard deviation / kT"}},
                    counts) +
         html_table({{"move", true},
                     {"CPU time / s"},
                     {"CPU time per application / s"},
                     {"energy evaluations"},
                     {"evaluations per application"},
                     {"effective samples per CPU second"}},
                    costs) +
         ladder_html(summary.ladder);
}

std::string model_card_html(const RunSummary& summary) {
  Entries entries;
  for (const auto& [entry, value] : summary.model_card) {
    entries.emplace_back(escape_html(entry), escape_html(value));
  }
  return description_list(entries);
}

std::string provenance_html(const RunSummary& summary, const std::string& deck_text) {
  std::string temperatures;
  for (double temperature : summary.temperatures_K) {
    temperatures += (temperatures.empty() ? "" : ", ") + html_number(temperature, 5);
  }
  Entries entries = {{"molecule", escape_html(summary.molecule)},
                     {"atoms", html_count(summary.n_atoms)},
                     {"chains", html_count(summary.n_chains)},
                     {"steps per chain", html_count(summary.n_steps)},
                     {"stored frames per chain", html_count(summary.n_frames)},
                     {"steps per stored frame", html_count(summary.steps_per_frame)},
                     {"temperature / K", temperatures},
                     {"weights of frames", weights_html(summary)},
                     {"random seed", html_count(summary.seed)}};
  for (const auto& [program, version] : summary.versions) {
    entries.emplace_back(escape_html(program), escape_html(version));
  }
  entries.emplace_back("layout of the JSON summary",
                       html_count(static_cast<std::uint64_t>(kSummarySchema)));
  std::string html = description_list(entries);
  if (!deck_text.empty()) {
    html += "<details><summary>The resolved deck</summary>\n<pre>" + escape_html(deck_text) +
            "</pre></details>\n";
  }
  return html;
}

}  // namespace saltus::io
