#include "io/report/protocol_text.h"

#include "engine/run/run_summary.h"
#include "io/report/html.h"

namespace saltus::io {
namespace {

using engine::ProtocolTrials;

std::vector<std::string> row_of(const std::string& name, const ProtocolTrials& trials) {
  return {name,
          html_count(trials.n_drives),
          html_number(trials.evaluations),
          html_number(trials.work.count > 0 ? trials.work.mean : engine::kUnknown),
          html_number(trials.work.standard_deviation()),
          html_with_error(trials.acceptance, trials.acceptance_error),
          html_with_error(trials.gain, trials.gain_error),
          html_number(trials.gain_per_evaluation())};
}

std::string choice_html(const engine::ProtocolChoice& choice) {
  std::vector<std::vector<std::string>> rows = {row_of("at once", choice.at_once)};
  for (std::size_t i = 0; i < choice.tried.size(); ++i) {
    const std::string name = escape_html(choice.tried[i].protocol);
    rows.push_back(
        row_of(i == choice.chosen ? "<b>" + name + "</b>, chosen" : name, choice.tried[i]));
  }
  return "<h3>Protocols of " + escape_html(choice.move) + " tried in the warm-up</h3>\n" +
         html_table({{"protocol", true},
                     {"trials"},
                     {"energy evaluations of one"},
                     {"mean work / kT"},
                     {"its standard deviation / kT"},
                     {"expected acceptance"},
                     {"the same of changes that count"},
                     {"per energy evaluation"}},
                    rows);
}

}  // namespace

std::string protocols_html(const std::vector<engine::ProtocolChoice>& choices) {
  if (choices.empty()) return "";
  std::string html;
  for (const engine::ProtocolChoice& choice : choices) html += choice_html(choice);
  return html +
         "<p class=\"note\">Chosen was what accepts most changes per energy evaluation. Turns of a "
         "torsion count when they are by 60 degrees or more, or by the width of the change; "
         "dynamics makes smaller ones by itself. At once: the same change in one step. Production "
         "has its own figures above.</p>\n";
}

}  // namespace saltus::io
