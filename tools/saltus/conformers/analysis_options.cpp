#include "tools/saltus/conformers/analysis_options.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/core/units.h"
#include "tools/saltus/conformers/option_list_detail.h"
#include "tools/saltus/conformers/options.h"

namespace saltus::tools {

using engine::UsageError;

namespace {

// Angstrom and kcal/mol/angstrom^2; outside is a wrong unit or a typing error.
constexpr double kFarthest_A = 1000.0, kSoftest = 1e-6, kStiffest = 1e6;
constexpr double kForceUnit =
    engine::kKJPerKcal * engine::kAngstromPerNm * engine::kAngstromPerNm;  // kcal/mol/angstrom^2

std::string option_of(Analysis kind) {
  return kind == Analysis::kStrain ? "--strain" : kind == Analysis::kScan ? "--scan" : "--rescore";
}

/// Names of the options that go with an analysis.
std::set<std::string> options_of(Analysis kind) {
  std::set<std::string> names = {"output",   "report",  "overwrite", "json",      "quiet",
                                 "progress", "threads", "in-format", "minimize",  "dielectric",
                                 "solvent",  "charges", "fragments", "max-atoms", "timeout"};
  const auto add = [&](std::set<std::string> more) { names.merge(more); };
  if (kind == Analysis::kStrain)
    add({"strain", "num-confs", "searches", "restraint", "restraint-k", "seed"});
  if (kind == Analysis::kRescore) add({"rescore", "temperature", "rmsd-prune", "fallback"});
  if (kind == Analysis::kScan)
    add({"scan", "scan-step", "num-confs", "searches", "html", "seed", "header", "smiles-col",
         "name-col"});
  return names;
}

Analysis kind_of(const ParsedCommandLine& parsed) {
  std::vector<Analysis> kinds;
  if (parsed.flag("strain")) kinds.push_back(Analysis::kStrain);
  if (parsed.flag("rescore")) kinds.push_back(Analysis::kRescore);
  if (parsed.has("scan")) kinds.push_back(Analysis::kScan);
  if (kinds.size() > 1)
    throw UsageError("saltus conformers: " + option_of(kinds[0]) + " and " + option_of(kinds[1]) +
                     " exclude each other");
  if (kinds.empty())
    throw UsageError("saltus conformers: expected one of --strain, --rescore and --scan");
  return kinds[0];
}

void refuse_other_options(const ParsedCommandLine& parsed, Analysis kind) {
  const std::set<std::string> allowed = options_of(kind);
  std::string list;
  for (const std::string& name : allowed)
    if ("--" + name != option_of(kind) && name != "solvent" && name != "charges")
      list += (list.empty() ? "--" : ", --") + name;
  for (const auto& [name, value] : parsed.values)
    if (name != "positional" && !value.defaulted() && allowed.count(name) == 0)
      throw UsageError("saltus conformers: " + option_of(kind) + " and --" + name +
                       " exclude each other; " + option_of(kind) + " goes with " + list);
}

std::size_t n_searches(const ParsedCommandLine& parsed, std::size_t otherwise) {
  constexpr std::int64_t kMost = 1000;
  if (!parsed.has("searches")) return otherwise;
  const auto given = parsed.values["searches"].as<std::int64_t>();
  if (given < 1 || given > kMost)
    throw UsageError("saltus conformers: --searches: expected a whole number from 1 to " +
                     std::to_string(kMost) + ", got '" + std::to_string(given) + "'");
  return static_cast<std::size_t>(given);
}

std::size_t n_points(double step_degrees) {
  constexpr double kTurn = 360.0, kRounding = 1e-6;
  constexpr double kFewest = 6.0, kMost = 720.0;
  const double n = std::round(kTurn / step_degrees);
  if (!(std::abs(n * step_degrees - kTurn) <= kRounding && n >= kFewest && n <= kMost))
    throw UsageError(
        "saltus conformers: --scan-step: expected degrees that divide 360 into 6 to "
        "720 equal steps, got '" +
        engine::significant_text(step_degrees, 6) + "'");
  return static_cast<std::size_t>(n);
}

/// Four numbers from 1, or a pattern.
void read_torsion(const std::string& text, ScanOptions& scan) {
  if (text.find_first_not_of("0123456789, ") != std::string::npos) {
    try {
      forcefields::check_torsion_smarts(text);
    } catch (const engine::InputError& error) {
      throw UsageError(std::string("saltus conformers: --scan: ") + error.what());
    }
    scan.smarts = text;
    return;
  }
  std::vector<std::size_t> numbers;
  std::string digits;
  for (const char c : text + ",") {
    if (engine::is_digit(c)) digits += c;
    if (engine::is_digit(c) || digits.empty()) continue;
    constexpr std::size_t kMaxDigits = 6;
    numbers.push_back(digits.size() > kMaxDigits ? 0 : std::stoul(digits));
    digits.clear();
  }
  if (numbers.size() != scan.atoms.size() ||
      std::find(numbers.begin(), numbers.end(), std::size_t{0}) != numbers.end())
    throw UsageError(
        "saltus conformers: --scan: expected four atoms, counted from 1, as in "
        "1,2,3,4, or a SMARTS pattern with the map numbers 1 to 4, got '" +
        text + "'");
  for (std::size_t i = 0; i < numbers.size(); ++i) scan.atoms[i] = numbers[i] - 1;
}

/// Minima of a force field whose electrostatics are weak, so that molecules do not fold onto
/// themselves; profiles are those of the vacuum, as other programs' are.
void adapt_settings(const ParsedCommandLine& parsed, Analysis kind, ConformerSettings& settings) {
  const ConformerSettings minima = default_settings(ConformerMode::kMinima);
  settings.mode = ConformerMode::kMinima;
  settings.relaxation = minima.relaxation;
  settings.selection.energy_tolerance = minima.selection.energy_tolerance;
  if (!parsed.has("rmsd-prune")) settings.selection.rmsd_nm = minima.selection.rmsd_nm;
  if (kind == Analysis::kScan && !parsed.has("dielectric")) {
    settings.mmff.dielectric = minima.mmff.dielectric;
    settings.mmff.distance_dependent_dielectric = minima.mmff.distance_dependent_dielectric;
  }
  if (kind != Analysis::kRescore && !settings.minimise)
    throw UsageError("saltus conformers: " + option_of(kind) +
                     " and --minimize none exclude each other: nothing would be relaxed");
  if (settings.fragments == FragmentPolicy::kAll)
    throw UsageError("saltus conformers: " + option_of(kind) +
                     " and --fragments all exclude each other: it is one molecule of each record "
                     "that is looked at");
}

void read_analysis(const ParsedCommandLine& parsed, AnalysisRequest& request) {
  if (request.kind == Analysis::kStrain) {
    StrainOptions& strain = request.strain;
    if (parsed.has("restraint"))
      strain.restraint.flat_radius_nm =
          engine::kNmPerAngstrom * number_within(parsed, "restraint", 0.0, kFarthest_A);
    if (parsed.has("restraint-k"))
      strain.restraint.k = kForceUnit * number_within(parsed, "restraint-k", kSoftest, kStiffest);
    strain.n_searches = n_searches(parsed, strain.n_searches);
  }
  if (request.kind == Analysis::kScan) {
    read_torsion(parsed.values["scan"].as<std::string>(), request.scan);
    if (parsed.has("scan-step"))
      request.scan.n_points = n_points(parsed.values["scan-step"].as<double>());
    request.scan.n_searches = n_searches(parsed, request.scan.n_searches);
  }
}

void read_files(const ParsedCommandLine& parsed, AnalysisRequest& request) {
  const auto given = [&](const char* option) {
    return parsed.has(option) ? parsed.values[option].as<std::string>() : std::string();
  };
  request.inputs = parsed.positionals;
  request.output = given("output");
  request.report = given("report");
  request.html = given("html");
  std::set<std::string> names;
  for (const std::string& name : {request.output, request.report, request.html})
    if (!name.empty() && !names.insert(name).second)
      throw UsageError("saltus conformers: '" + name + "' is given for two outputs");
  request.overwrite = parsed.flag("overwrite");
  request.json = parsed.flag("json");
  request.quiet = parsed.flag("quiet");
  if (request.output == "-" && request.json)
    throw UsageError(
        "saltus conformers: --json and -o - exclude each other: both are standard output");
  if (request.quiet && parsed.flag("progress"))
    throw UsageError("saltus conformers: --quiet and --progress exclude each other");
  constexpr double kOften = 3.0;
  if (parsed.flag("progress")) request.progress_period_s = kOften;
}

}  // namespace

std::string AnalysisRequest::choices_text() const {
  ConformerSettings with_energies = settings;
  with_energies.minimise = true;
  std::string text = with_energies.force_field_text();
  const auto number = [](double value) { return engine::significant_text(value, 6); };
  const auto searches = [](std::size_t n) {
    return std::to_string(n) + (n == 1 ? " search" : " searches") + " for minima";
  };
  if (kind == Analysis::kStrain)
    text +=
        ", heavy atoms free within " +
        number(engine::kAngstromPerNm * strain.restraint.flat_radius_nm) +
        " angstrom of the pose, then k/2 d^2 with k = " + number(strain.restraint.k / kForceUnit) +
        " kcal/mol/angstrom^2, " + searches(strain.n_searches);
  if (kind == Analysis::kRescore)
    text += std::string(settings.minimise ? ", minimised" : ", conformers as they are") + ", " +
            number(settings.temperature_K) + " K, duplicates within " +
            number(engine::kAngstromPerNm * settings.selection.rmsd_nm) + " angstrom and " +
            number(settings.selection.energy_tolerance / engine::kKJPerKcal) + " kcal/mol";
  if (kind == Analysis::kScan)
    text += ", steps of " + number(360.0 / static_cast<double>(scan.n_points)) + " degrees, " +
            searches(scan.n_searches);
  return text;
}

bool asks_for_analysis(const std::vector<std::string>& arguments) {
  bool asked = false, help = false;
  for (const std::string& argument : arguments) {
    help = help || argument == "--help" || argument == "-h";
    asked = asked || argument == "--strain" || argument == "--rescore" || argument == "--scan" ||
            engine::starts_with(argument, "--scan=");
  }
  return asked && !help;
}

std::optional<AnalysisRequest> parse_analysis_request(const std::vector<std::string>& arguments) {
  const CommandLine line = conformer_command_line();
  const auto parsed = parse(line, arguments);
  if (!parsed) return std::nullopt;
  AnalysisRequest request;
  request.kind = kind_of(*parsed);
  refuse_other_options(*parsed, request.kind);
  read_files(*parsed, request);
  const ConformerRequest common = common_request(*parsed);
  request.input = common.input;
  request.settings = common.settings;
  request.n_threads = common.n_threads;
  adapt_settings(*parsed, request.kind, request.settings);
  read_analysis(*parsed, request);
  request.command_line = "saltus conformers";
  for (const std::string& argument : arguments) request.command_line += " " + argument;
  return request;
}

}  // namespace saltus::tools
