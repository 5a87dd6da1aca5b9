// Oracles: the JSON summary (every number of it must stand in a table), and texts by hand.

#include "io/report/html_report.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <limits>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "engine/core/error.h"
#include "io/report/free_energy_text.h"
#include "io/report/html.h"
#include "io/report/plots.h"
#include "io/report/preparation_text.h"
#include "io/report/protocol_text.h"
#include "io/report/report_text.h"
#include "io/report/summary_json.h"
#include "tests/io/report/fake_program.h"
#include "tests/io/report/synthetic_report.h"
#include "tests/support/errors.h"
#include "tests/support/temporary_folder.h"

namespace saltus::io {
namespace {

using engine::FileError;
using engine::InputError;
using tests::fake_program;
using tests::message_of;

/// Drawn once; the tests only read it.
const ReportData& synthetic() {
  static const ReportData data = tests::synthetic_report();
  return data;
}
const std::string& page() {
  static const std::string html = render_report(synthetic());
  return html;
}

std::size_t count_of(const std::string& what, const std::string& text) {
  std::size_t n = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++n;
  return n;
}

bool contains(const std::string& text, const std::string& what) { return count_of(what, text) > 0; }

/// Values of all <data> elements inside table cells and definitions.
std::set<double> numbers_in_tables(const std::string& html) {
  static const std::regex kCell("<(td|dd)[^>]*>(.*?)</(td|dd)>");
  static const std::regex kData("<data value=\"([^\"]*)\">");
  std::set<double> numbers;
  for (std::sregex_iterator cell(html.begin(), html.end(), kCell), end; cell != end; ++cell) {
    const std::string content = (*cell)[2];
    for (std::sregex_iterator data(content.begin(), content.end(), kData); data != end; ++data) {
      numbers.insert(std::strtod((*data)[1].str().c_str(), nullptr));
    }
  }
  return numbers;
}

void collect_numbers(const nlohmann::json& json, std::vector<double>& numbers) {
  if (json.is_number()) numbers.push_back(json.get<double>());
  if (json.is_structured()) {
    for (const auto& child : json) collect_numbers(child, numbers);
  }
}

TEST(HtmlReport, ShowsEveryNumberOfTheJsonSummaryInATable) {
  std::vector<double> expected;
  collect_numbers(nlohmann::json::parse(summary_to_json(synthetic().summary)), expected);
  ASSERT_GT(expected.size(), 150u);
  // Without the figures, which hold thousands of other numbers.
  const std::string text = observables_html(synthetic().summary) + moves_html(synthetic().summary) +
                           samplers_html(synthetic().summary) +
                           preparation_html(synthetic().summary) +
                           provenance_html(synthetic().summary, "");
  const std::set<double> shown = numbers_in_tables(text);
  for (double number : expected) EXPECT_EQ(shown.count(number), 1u) << number;
  for (const std::string& part :
       {observables_html(synthetic().summary), moves_html(synthetic().summary),
        samplers_html(synthetic().summary), preparation_html(synthetic().summary),
        provenance_html(synthetic().summary, "")}) {
    EXPECT_TRUE(contains(page(), part));
  }
}

TEST(HtmlReport, AddsUpWhatPreparationAndProductionCost) {
  engine::RunSummary summary = synthetic().summary;
  const std::set<double> shown = numbers_in_tables(preparation_html(summary));
  for (double number : {3210987.0, 54321.0, 3265308.0, 2816000.0, 6081308.0, 61.25, 33.75, 95.0})
    EXPECT_EQ(shown.count(number), 1u) << number;
  EXPECT_FALSE(contains(preparation_html(summary), "Trained elsewhere"));
  // Of an earlier version: only production is known.
  summary.preparation.clear();
  summary.ready_models = {"a <model>"};
  EXPECT_EQ(numbers_in_tables(preparation_html(summary)), (std::set<double>{2816000.0, 137.8}));
  EXPECT_TRUE(contains(preparation_html(summary), "not among these: a &lt;model&gt;."));
}

TEST(HtmlReport, ShowsWhatProtocolsMeasured) {
  const std::vector<engine::TrialDrive> drives = {{0.0, true}, {0.0, false}};
  const engine::ProtocolTrials trials = engine::average_drives("<9> steps", drives, 10.0);
  const std::string html = protocols_html({{"a_move", {trials}, trials, 0}});
  EXPECT_TRUE(contains(html, "Protocols of a_move tried in the warm-up"));
  EXPECT_TRUE(contains(html, "<b>&lt;9&gt; steps</b>, chosen"));
  const std::set<double> shown = numbers_in_tables(html);
  for (double number : {2.0, 10.0, 1.0, 0.5, 0.05}) EXPECT_EQ(shown.count(number), 1u) << number;
  EXPECT_EQ(protocols_html({}), "");
}

TEST(HtmlReport, SaysHowValuesAreWeighted) {
  engine::RunSummary summary = synthetic().summary;
  EXPECT_FALSE(contains(page(), "weighted"));
  EXPECT_TRUE(contains(provenance_html(summary, ""), "<dt>weights of frames</dt><dd>equal</dd>"));
  summary.n_weighted_values = 4000;
  summary.kish_effective_samples = 1234.6;
  EXPECT_TRUE(contains(lead_paragraph_html(summary),
                       ". Averages are weighted: 4000 values count as 1235 equal ones (Kish)."));
  EXPECT_TRUE(contains(observables_html(summary), "weighted mean"));
  const std::set<double> shown = numbers_in_tables(provenance_html(summary, ""));
  for (double number : {4000.0, 1234.6, 1234.6 / 4000.0}) EXPECT_EQ(shown.count(number), 1u);
}

TEST(HtmlReport, LoadsNothing) {
  for (const char* loader :
       {"http://", "https://", " src=", "srcset=", "@import", "<script", "<link", "<iframe",
        "<object", "<embed", "<base", "url(\"", "url('", "file:"}) {
    EXPECT_FALSE(contains(page(), loader)) << loader;
  }
  // References point into the page or are data themselves.
  static const std::regex kReference("(href|url)(=.|\\()([^'\")]{0,11})");
  std::size_t n = 0;
  for (std::sregex_iterator match(page().begin(), page().end(), kReference), end; match != end;
       ++match, ++n) {
    const std::string target = (*match)[3];
    EXPECT_TRUE(target[0] == '#' || target.rfind("data:image/", 0) == 0) << target;
  }
  EXPECT_GT(n, 10u);
}

TEST(HtmlReport, HasEveryFigureOnceWithNamesOfItsOwn) {
  EXPECT_EQ(count_of("<svg ", page()), 7u);
  EXPECT_EQ(count_of("</svg>", page()), 7u);
  static const std::regex kId(" id=['\"]([^'\"]*)['\"]");
  std::set<std::string> names;
  for (std::sregex_iterator match(page().begin(), page().end(), kId), end; match != end; ++match) {
    EXPECT_TRUE(names.insert((*match)[1]).second) << (*match)[1];
  }
  EXPECT_GT(names.size(), 50u);
}

TEST(HtmlReport, ClosesItsElements) {
  for (const char* tag : {"table", "tr", "td", "th", "section", "figure", "dl", "dt", "dd", "ul",
                          "li", "p", "div", "span", "data", "main", "header", "body", "html"}) {
    const std::string name = tag;
    static const char* const kEnds[] = {">", " "};
    std::size_t opened = 0;
    for (const char* end : kEnds) opened += count_of("<" + name + end, page());
    EXPECT_EQ(opened, count_of("</" + name + ">", page())) << name;
    EXPECT_GT(opened, 0u) << name;
  }
}

TEST(HtmlReport, EscapesWhatUsersWrite) {
  EXPECT_EQ(escape_html("<a href=\"x\">&'"), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;");
  const std::string evil = "<script>alert('&')</script><img onerror=\"x\">";
  ReportData data;
  engine::RunSummary& summary = data.summary;
  summary.title = summary.molecule = evil;
  summary.versions = summary.model_card = {{evil, evil}};
  summary.approximate_moves = {evil};
  summary.warnings = {evil};
  engine::ObservableSummary observable;
  observable.name = observable.unit = evil;
  observable.statistics.effective_samples = 10.0;
  observable.r_hat = 2.0;
  summary.observables = {observable};
  engine::MoveSummary move;
  move.name = evil;
  move.proposed = 2;
  move.acceptance = 0.5;
  move.invalid_fraction = 0.0;
  summary.moves = {move};
  summary.samplers = {engine::compute_efficiency(evil, summary.observables, 1.0, 1),
                      engine::compute_efficiency(evil + "2", summary.observables, 1.0, 1)};
  engine::compute_speed_ups(summary);
  data.deck_text = evil;
  data.autocorrelations = {{evil, {1.0, 0.5, 0.25}}};
  data.traces = {{evil, evil, {{1.0, 2.0}}}};
  data.energies = {evil, evil, {{evil, {0.0, 1.0, {0.5, 0.5}, {0.1, 0.1}}}}};
  data.torsion_map = {
      evil,
      evil,
      {2, {0.5, 0.5, 0.0, 0.0}, {0.1, 0.1, 0.0, 0.0}, {0.0, 0.0, 9.0, 9.0}, {0.1, 0.1, 1.0, 1.0}}};
  const std::string html = render_report(data);
  EXPECT_FALSE(contains(html, "<script"));
  EXPECT_FALSE(contains(html, "<img"));
  // Title twice, and at least once for each of the others.
  EXPECT_GT(count_of("&lt;script&gt;alert(&#39;&amp;&#39;)", html), 15u);
}

TEST(HtmlReport, SaysInWordsWhetherItIsExact) {
  engine::RunSummary summary;
  summary.n_chains = 64;
  summary.n_steps = 20000;
  summary.temperatures_K = {310.0};
  EXPECT_EQ(
      lead_paragraph_html(summary),
      "<p class=\"lead\"><span class=\"badge exact\">Exact</span> Every move leaves the target "
      "distribution invariant: errors are statistical only. 64 chains of 20\u202f000 steps at "
      "310\u202fK.</p>\n");
  summary.approximate_moves = {"langevin"};
  summary.temperatures_K = {500.0, 300.0, 400.0};
  EXPECT_EQ(
      lead_paragraph_html(summary),
      "<p class=\"lead\"><span class=\"badge biased\">Biased</span> approximate: langevin is "
      "not exact; the sampled distribution differs from the target by an amount no error shown "
      "here contains. 64 chains of 20\u202f000 steps at 300 to 500\u202fK.</p>\n");
}

TEST(HtmlReport, SaysInWordsHowWellItMixes) {
  engine::RunSummary summary;
  engine::ObservableSummary phi, psi;
  phi.name = "phi";
  phi.statistics.effective_samples = 1000.0;
  phi.statistics.effective_samples_error = 50.0;
  phi.r_hat = 1.002;
  psi = phi;
  psi.name = "psi";
  psi.statistics.effective_samples = 500.0;
  psi.r_hat = 1.004;
  summary.observables = {phi, psi};
  summary.samplers = {engine::compute_efficiency("this run", summary.observables, 10.0, 1),
                      engine::compute_efficiency("dynamics", summary.observables, 100.0, 1)};
  summary.samplers[1].observables[1].per_cpu_second /= 2.0;
  engine::compute_speed_ups(summary);
  EXPECT_TRUE(contains(lead_paragraph_html(summary),
                       "The slowest observable, psi, has 500 ± 50 effective samples. The chains "
                       "agree: split R\u0302 is at most 1.004. Per CPU second the run gathers "
                       "between 10.00 ± 0.71 (phi) and 20.0 ± 4.5 (psi) times as many effective "
                       "samples as dynamics."))
      << lead_paragraph_html(summary);
  EXPECT_TRUE(contains(tiles_html(summary), "<b>\u00d7 20.0 ± 4.5</b>")) << tiles_html(summary);

  summary.observables[0].r_hat = std::numeric_limits<double>::infinity();
  summary.observables[1].statistics.effective_samples = engine::kUnknown;
  const std::string bad = lead_paragraph_html(summary);
  EXPECT_TRUE(contains(bad, "<strong>psi never changed.</strong>")) << bad;
  EXPECT_TRUE(contains(bad,
                       "<strong>The chains do not agree yet</strong>: split R\u0302 is \u221e "
                       "for phi."))
      << bad;
}

TEST(HtmlReport, ShowsRoundTripsOfALadder) {
  engine::RunSummary summary = synthetic().summary;
  EXPECT_FALSE(contains(moves_html(summary), "Round trips"));
  engine::LadderSummary ladder;
  ladder.n_levels = 6;
  ladder.n_ladders = 7;
  ladder.n_round_trips = 1203;
  ladder.round_trip_steps = 410.25;
  ladder.per_cpu_second = 3.125;
  ladder.first_step = 501;
  ladder.look_period = 11;
  summary.ladder = ladder;
  const std::string html = moves_html(summary);
  EXPECT_TRUE(contains(html, "<h3>Round trips of replicas</h3>"));
  const std::set<double> shown = numbers_in_tables(html);
  std::vector<double> expected;
  collect_numbers(nlohmann::json::parse(summary_to_json(summary)).at("ladder"), expected);
  EXPECT_EQ(expected.size(), 7u);
  for (double number : expected) EXPECT_EQ(shown.count(number), 1u) << number;
}

TEST(HtmlReport, ShowsFreeEnergiesOfALadder) {
  ReportData data;
  data.summary.free_energy = tests::synthetic_free_energy();
  const std::string html = free_energy_html(*data.summary.free_energy);
  const std::set<double> shown = numbers_in_tables(html);
  std::vector<double> expected;
  collect_numbers(nlohmann::json::parse(summary_to_json(data.summary)).at("free_energy"), expected);
  EXPECT_EQ(expected.size(), 2U * 11U + 4U + 20U + 7U);
  for (double number : expected) EXPECT_EQ(shown.count(number), 1u) << number;
  for (const char* words :
       {"u = U/RT at constant volume", "with respect to the measure that the run samples in",
        "with few, up is too high and down too low", "which are whole ladders"})
    EXPECT_TRUE(contains(html, words)) << words;
  EXPECT_FALSE(contains(html, "are not estimated"));
  // Levels, and one pair with the work of the map.
  data.works = {{"Work <of> the map", "", {{"up", {0.0, 1.0, {0.5, 0.5}, {0.1, 0.1}}}}}};
  const std::string all = render_report(data);
  EXPECT_TRUE(contains(all, "<h2>Free energies between temperatures</h2>"));
  EXPECT_TRUE(contains(all, html));
  EXPECT_EQ(count_of("<svg ", all), 2u);
  EXPECT_FALSE(contains(page(), "Free energies between temperatures"));
}

TEST(HtmlReport, SaysWhyThereAreNoFreeEnergies) {
  engine::FreeEnergySummary summary;
  summary.missing = "weights < 1";
  EXPECT_TRUE(contains(free_energy_html(summary),
                       "<strong>Free energies are not estimated:</strong> weights &lt; 1."));
  EXPECT_EQ(ladder_script(summary), "");
  summary = tests::synthetic_free_energy();
  summary.constant_pressure = true;
  summary.mbar = {};
  summary.mbar_missing = "no overlap";
  summary.mapped = {};
  summary.mapped_missing = "no image";
  const std::string html = free_energy_html(summary);
  for (const char* words :
       {"u = (U + pV)/RT at constant pressure",
        "<strong>Free energies by MBAR are not estimated:</strong> no overlap.",
        "<strong>Free energies by the map are not estimated:</strong> no image."})
    EXPECT_TRUE(contains(html, words)) << words;
}

TEST(HtmlReport, MarksWhatIsKnownOnlyAsABound) {
  engine::RunSummary summary;
  engine::ObservableSummary phi;
  phi.name = "phi";
  phi.statistics.effective_samples = 1000.0;
  phi.statistics.effective_samples_error = 50.0;
  phi.r_hat = 1.002;
  summary.observables = {phi};
  const auto of_pilot = [&](double r_hat) {
    engine::ObservableSummary theirs = phi;
    theirs.r_hat = r_hat;
    summary.samplers = {engine::compute_efficiency("this run", summary.observables, 10.0, 1),
                        engine::compute_efficiency("OpenMM", {phi}, 50.0, 1),
                        engine::compute_efficiency("the pilot", {theirs}, 100.0, 1)};
    engine::compute_speed_ups(summary);
    return samplers_html(summary);
  };
  const std::string marked = of_pilot(1.12);
  EXPECT_TRUE(contains(marked, "the pilot<sup>1</sup></td>")) << marked;
  EXPECT_TRUE(contains(marked,
                       "<p class=\"note\"><sup>1</sup> the pilot: its chains do not agree yet "
                       "(split R-hat up to 1.12, phi): its effective samples are an upper bound, "
                       "and the speed-up over it a lower bound.</p>"))
      << marked;
  // Samples, per second, per evaluation; the ratios over the pilot.
  EXPECT_EQ(count_of("\u2264", marked), 3u);
  EXPECT_EQ(count_of("\u2265", marked), 2u);
  EXPECT_EQ(count_of("<sup>", marked), 2u);
  EXPECT_FALSE(contains(lead_paragraph_html(summary), "lower bounds"));
  std::swap(summary.samplers[1], summary.samplers[2]);
  engine::compute_speed_ups(summary);
  EXPECT_TRUE(contains(lead_paragraph_html(summary),
                       "effective samples as the pilot, whose chains do not agree yet: these are "
                       "lower bounds."));
  EXPECT_TRUE(contains(tiles_html(summary), "against the pilot; a lower bound"));
  for (const char* mark : {"<sup>", "\u2264", "\u2265", "upper bound"})
    EXPECT_FALSE(contains(of_pilot(1.01), mark)) << mark;
}

TEST(HtmlReport, ShowsWarningsInABoxOnlyWhenThereAreSome) {
  EXPECT_EQ(warnings_html({}), "");
  engine::RunSummary summary;
  summary.warnings = {"run longer"};
  EXPECT_EQ(warnings_html(summary),
            "<section class=\"warnings\"><h2>Before you trust the numbers</h2>\n<ul>\n"
            "<li>run longer</li>\n</ul></section>\n");
}

TEST(HtmlReport, OfNothingIsAPageWithoutFigures) {
  const std::string html = render_report({});
  EXPECT_FALSE(contains(html, "<svg"));
  EXPECT_TRUE(contains(html, "<h2>Provenance</h2>"));
  EXPECT_FALSE(contains(html, "<h2>Mixing</h2>"));
}

TEST(HtmlReport, DrawsDegenerateData) {
  // One bin visited, an empty histogram, an observable that never moves, one frame.
  ReportData data;
  const double infinity = std::numeric_limits<double>::infinity();
  data.torsion_map = {"phi",
                      "psi",
                      {2,
                       {1.0, 0.0, 0.0, 0.0},
                       {0.0, 0.0, 0.0, 0.0},
                       {0.0, infinity, infinity, infinity},
                       {0.0, infinity, infinity, infinity}}};
  data.energies = {"energy", "", {{"run", {0.0, 1.0, {0.0, 0.0}, {0.0, 0.0}}}}};
  data.autocorrelations = {{"stuck", {1.0, 0.0}}, {"no lag", {1.0}}};
  data.traces = {{"x", "nm", {{1.0}, {1.0}}}};
  engine::MoveSummary move;
  move.proposed = 1;
  move.acceptance = move.invalid_fraction = 0.0;
  data.summary.moves = {move};
  EXPECT_EQ(count_of("<svg ", render_report(data)), 6u);
}

TEST(HtmlReport, LeavesOutFiguresWithoutData) {
  EXPECT_EQ(acceptance_script({engine::MoveSummary()}), "");
  EXPECT_EQ(autocorrelation_script({{"no lag", {1.0}}}, 1), "");
  EXPECT_EQ(efficiency_script({{"run", engine::kUnknown, 0, {engine::ObservableEfficiency()}}}),
            "");
}

TEST(HtmlReport, RefusesTracesThatDoNotFit) {
  const std::string expected =
      "trace of b does not fit that of a: expected the same unit, and equally many chains of "
      "equally "
      "many frames, at least one of each";
  const Trace a = {"a", "rad", {{1.0, 2.0}}};
  for (const Trace& b : {Trace{"b", "nm", {{1.0, 2.0}}}, Trace{"b", "rad", {{1.0}}},
                         Trace{"b", "rad", {{1.0, 2.0}, {1.0, 2.0}}}, Trace{"b", "rad", {}}}) {
    EXPECT_EQ(message_of<InputError>([&] { trace_script({a, b}, 1); }), expected);
  }
}

TEST(HtmlReport, PassesOnThatGnuplotFailed) {
  const tests::TemporaryFolder folder;
  const std::string bad = fake_program(folder, "bad", "echo 'out of ink' >&2; exit 1");
  EXPECT_EQ(message_of<FileError>([&] {
              render_report(synthetic(), {bad, 60.0});
            }),
            bad + " failed to draw the figure of free energy (exit status 1): out of ink");
}

}  // namespace
}  // namespace saltus::io
