#include "tools/saltus/conformers/options.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <set>
#include <thread>
#include <utility>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/core/units.h"
#include "io/formats/structure_text.h"
#include "saltus_version.h"
#include "tools/saltus/conformers/core_options_detail.h"
#include "tools/saltus/conformers/option_list_detail.h"

namespace saltus::tools {

namespace po = boost::program_options;
using engine::kKJPerKcal;
using engine::UsageError;

namespace {

[[noreturn]] void refuse(const std::string& option, const std::string& expected,
                         const std::string& got) {
  throw UsageError("saltus conformers: --" + option + ": expected " + expected + ", got '" + got +
                   "'");
}

template <class T>
using Words = std::vector<std::pair<const char*, T>>;

template <class T>
T choice(const ParsedCommandLine& parsed, const std::string& option, const Words<T>& words) {
  const auto given = parsed.values[option].as<std::string>();
  std::string expected;
  for (const auto& [word, value] : words) {
    if (given == word) return value;
    expected += (expected.empty() ? "" : " or ") + std::string(word);
  }
  refuse(option, expected, given);
}

std::int64_t integer(const ParsedCommandLine& parsed, const std::string& option,
                     std::int64_t min_value, std::int64_t max_value) {
  const auto given = parsed.values[option].as<std::int64_t>();
  if (given < min_value || given > max_value)
    refuse(option,
           "a whole number from " + std::to_string(min_value) +
               (max_value < std::numeric_limits<std::int64_t>::max()
                    ? " to " + std::to_string(max_value)
                    : ""),
           std::to_string(given));
  return given;
}

std::size_t count(const ParsedCommandLine& parsed, const std::string& option,
                  std::int64_t min_value, std::int64_t max_value) {
  return static_cast<std::size_t>(integer(parsed, option, min_value, max_value));
}

// What is outside is a wrong unit or a typing error.
constexpr double kLowestTemperature_K = 1e-3, kHighestTemperature_K = 1e5;
constexpr double kLongestDistance_A = 1000.0;
constexpr double kLowestWindow_kcal_mol = 1e-3, kHighestWindow_kcal_mol = 1e6;
constexpr double kYear_s = 3.2e7, kShortestTime_s = 1e-9;

void read_dielectric(std::string text, forcefields::MmffOptions& mmff) {
  const std::string given = text;
  mmff.distance_dependent_dielectric = !text.empty() && text.back() == 'r';
  if (mmff.distance_dependent_dielectric) text.pop_back();
  std::size_t used = 0;
  try {
    mmff.dielectric = std::stod(text, &used);
  } catch (const std::exception&) {
    used = std::string::npos;
  }
  constexpr double kLowest = 1e-3, kHighest = 1e6;  // the highest is as good as no charges
  if (used != text.size() || !(mmff.dielectric >= kLowest && mmff.dielectric <= kHighest))
    refuse("dielectric", "a number from 0.001 to 1e+06, such as 4, or 4r", given);
}

constexpr std::int64_t kMany = 100'000;

/// The options that choose among conformers would leave another distribution.
void refuse_what_distorts(const ParsedCommandLine& parsed) {
  for (const char* option : {"max-confs-out", "rmsd-prune", "energy-window"})
    if (parsed.has(option) && !parsed.values[option].defaulted())
      throw UsageError("saltus conformers: --mode boltzmann and --" + std::string(option) +
                       " exclude each other: choosing among draws changes their distribution");
}

void read_sampling(const ParsedCommandLine& parsed, ConformerSettings& settings) {
  const bool boltzmann = settings.mode == ConformerMode::kBoltzmann;
  settings.temperature_K =
      number_within(parsed, "temperature", kLowestTemperature_K, kHighestTemperature_K);
  if (parsed.has("sampler") && !boltzmann)
    throw UsageError("saltus conformers: --sampler is for --mode boltzmann");
  if (parsed.has("sampler"))
    settings.sampler = choice<const char*>(parsed, "sampler",
                                           {{"exchange", "exchange"}, {"annealing", "annealing"}});
  if (parsed.has("sort"))
    settings.sort_by_energy = choice<bool>(parsed, "sort", {{"energy", true}, {"none", false}});
  if (!parsed.values["model"].defaulted())
    settings.model = parsed.values["model"].as<std::string>();
  std::error_code ignored;
  if (settings.model != "default" && settings.model != "none" &&
      !std::filesystem::is_regular_file(settings.model, ignored))
    refuse("model", "default, none or the path of a model file", settings.model);
  settings.use_input_3d = parsed.flag("use-input-3d");
}

void read_choice_of_conformers(const ParsedCommandLine& parsed, ConformerSettings& settings) {
  const bool boltzmann = settings.mode == ConformerMode::kBoltzmann;
  if (boltzmann) refuse_what_distorts(parsed);
  if (parsed.has("num-confs")) settings.n_conformers = count(parsed, "num-confs", 1, kMany);
  engine::SelectionOptions& selection = settings.selection;
  if (parsed.has("max-confs-out")) selection.max_kept = count(parsed, "max-confs-out", 1, kMany);
  if (parsed.has("rmsd-prune"))
    selection.rmsd_nm =
        engine::kNmPerAngstrom * number_within(parsed, "rmsd-prune", 0.0, kLongestDistance_A);
  if (!boltzmann)
    selection.energy_window =
        kKJPerKcal *
        number_within(parsed, "energy-window", kLowestWindow_kcal_mol, kHighestWindow_kcal_mol);
}

void read_force_field(const ParsedCommandLine& parsed, ConformerSettings& settings) {
  using forcefields::MmffVariant;
  const bool boltzmann = settings.mode == ConformerMode::kBoltzmann;
  // Boltzmann ensembles have a default of their own.
  if (!boltzmann || !parsed.values["minimize"].defaulted()) {
    const auto variant = choice<std::optional<MmffVariant>>(
        parsed, "minimize",
        {{"mmff94", MmffVariant::kMmff94}, {"mmff94s", MmffVariant::kMmff94s}, {"none", {}}});
    settings.minimise = variant.has_value();
    settings.mmff.variant = variant.value_or(MmffVariant::kMmff94s);
  }
  if (settings.mode != ConformerMode::kEnsemble && !settings.minimise)
    throw UsageError("saltus conformers: --mode " + parsed.values["mode"].as<std::string>() +
                     " and --minimize none exclude each other");
  settings.fallback_uff = choice<bool>(parsed, "fallback", {{"none", false}, {"uff", true}});
  if (settings.fallback_uff && (boltzmann || !settings.minimise))
    throw UsageError(
        std::string("saltus conformers: --fallback uff is for --mode ensemble and minima, where ") +
        "conformers are relaxed");
  if (parsed.has("dielectric"))
    read_dielectric(parsed.values["dielectric"].as<std::string>(), settings.mmff);
}

/// With a solvent, electrostatics are not weakened unless that is asked for.
void read_solvent(const ParsedCommandLine& parsed, ConformerSettings& settings) {
  using engine::GeneralizedBornModel;
  using forcefields::PartialCharges;
  forcefields::MmffOptions& mmff = settings.mmff;
  mmff.charges = choice<PartialCharges>(
      parsed, "charges", {{"mmff94", PartialCharges::kMmff94}, {"file", PartialCharges::kGiven}});
  mmff.implicit_solvent =
      choice<std::optional<GeneralizedBornModel>>(parsed, "solvent",
                                                  {{"none", {}},
                                                   {"obc1", GeneralizedBornModel::kObc1},
                                                   {"obc2", GeneralizedBornModel::kObc2},
                                                   {"gbn2", GeneralizedBornModel::kGbn2}});
  const bool charges_are_given = mmff.charges == PartialCharges::kGiven;
  if (!mmff.implicit_solvent && !charges_are_given) return;
  const std::string option = mmff.implicit_solvent ? "--solvent" : "--charges file";
  if (!settings.minimise)
    throw UsageError("saltus conformers: " + option +
                     " and --minimize none exclude each other: there would be no energies");
  if (settings.fallback_uff)
    throw UsageError("saltus conformers: " + option +
                     " and --fallback uff exclude each other: UFF has no charges");
  if (!mmff.implicit_solvent) return;
  if (!parsed.has("dielectric")) {
    put_into_solvent(*mmff.implicit_solvent, settings);
  } else if (mmff.distance_dependent_dielectric) {
    refuse("dielectric",
           "a constant such as 1 or 2 with --solvent, as both stand for water (it is that of the "
           "inside of the molecule)",
           parsed.values["dielectric"].as<std::string>());
  }
}

ConformerSettings settings_of(const ParsedCommandLine& parsed) {
  ConformerSettings settings =
      default_settings(choice<ConformerMode>(parsed, "mode",
                                             {{"ensemble", ConformerMode::kEnsemble},
                                              {"minima", ConformerMode::kMinima},
                                              {"boltzmann", ConformerMode::kBoltzmann}}));
  read_choice_of_conformers(parsed, settings);
  read_force_field(parsed, settings);
  read_solvent(parsed, settings);
  read_sampling(parsed, settings);
  settings.stereo = choice<StereoPolicy>(parsed, "stereo",
                                         {{"enumerate", StereoPolicy::kEnumerate},
                                          {"random", StereoPolicy::kRandom},
                                          {"keep", StereoPolicy::kKeep},
                                          {"fail", StereoPolicy::kFail}});
  settings.isomers.max_isomers = count(parsed, "max-isomers", 1, 1024);
  settings.fragments = choice<FragmentPolicy>(parsed, "fragments",
                                              {{"largest", FragmentPolicy::kLargest},
                                               {"all", FragmentPolicy::kAll},
                                               {"fail", FragmentPolicy::kFail}});
  settings.max_atoms = count(parsed, "max-atoms", 1, io::kMaxV2000Atoms);
  settings.max_rotors = count(parsed, "max-rotors", 0, io::kMaxV2000Atoms);
  settings.timeout_s = number_within(parsed, "timeout", kShortestTime_s, kYear_s);
  read_core_options(parsed, settings);
  settings.seed = static_cast<std::uint64_t>(
      integer(parsed, "seed", 0, std::numeric_limits<std::int64_t>::max()));
  return settings;
}

ConformerInputOptions input_options(const ParsedCommandLine& parsed) {
  ConformerInputOptions options;
  const auto text = [&](const char* option) {
    return parsed.has(option) ? parsed.values[option].as<std::string>() : std::string();
  };
  if (parsed.has("in-format"))
    options.format = choice<const char*>(
        parsed, "in-format", {{"smi", "smi"}, {"csv", "csv"}, {"tsv", "tsv"}, {"sdf", "sdf"}});
  if (parsed.has("header"))
    options.lists.header = choice<bool>(parsed, "header", {{"yes", true}, {"no", false}});
  options.lists.smiles_column = text("smiles-col");
  options.lists.name_column = text("name-col");
  return options;
}

std::string value_text(const po::variable_value& value) {
  if (const auto* given = boost::any_cast<std::string>(&value.value())) return *given;
  if (const auto* given = boost::any_cast<std::int64_t>(&value.value()))
    return std::to_string(*given);
  if (const auto* given = boost::any_cast<bool>(&value.value())) return *given ? "given" : "";
  return engine::significant_text(boost::any_cast<double>(value.value()),
                                  std::numeric_limits<double>::max_digits10);
}

std::vector<std::pair<std::string, std::string>> decisive_options(const ParsedCommandLine& parsed) {
  // How a run goes, not what it makes.
  const std::set<std::string> free = {"threads",  "strict",    "json",   "quiet",
                                      "progress", "overwrite", "resume", "positional"};
  // Of these only the names: a folder that was moved can be resumed.
  const std::set<std::string> files = {"output", "split", "failed",        "report",
                                       "html",   "log",   "core-template", "align"};
  const auto name = [](std::string path) {
    while (path.size() > 1 && path.back() == '/') path.pop_back();
    return std::filesystem::path(path).filename().string();
  };
  std::vector<std::pair<std::string, std::string>> decisive;
  for (const auto& [option, value] : parsed.values) {
    if (free.count(option) > 0 || value_text(value).empty()) continue;
    const std::string text = value_text(value);
    decisive.emplace_back("--" + option, files.count(option) > 0 ? name(text) : text);
  }
  std::string inputs;
  for (const std::string& input : parsed.positionals)
    inputs += (inputs.empty() ? "" : " ") + name(input);
  decisive.emplace_back("INPUT", inputs);
  decisive.emplace_back("the program", program_text());
  return decisive;
}

/// What would change nothing is a mistake of whoever gave it.
void refuse_options_without_effect(const ParsedCommandLine& parsed) {
  for (const auto& [option, analyses] :
       {std::pair("restraint", "--strain"), std::pair("restraint-k", "--strain"),
        std::pair("searches", "--strain and --scan"), std::pair("scan-step", "--scan")})
    if (parsed.has(option))
      throw UsageError("saltus conformers: --" + std::string(option) + " is for " + analyses);
  const auto given = [&](const char* option) {
    return parsed.has(option) && !parsed.values[option].defaulted();
  };
  if (given("split-format") && !given("split"))
    throw UsageError("saltus conformers: --split-format is for --split");
  if (given("core-match") && !given("core") && !given("core-template") && !given("core-atoms"))
    throw UsageError(
        "saltus conformers: --core-match is for --core, --core-template and --core-atoms");
  if (parsed.values["minimize"].as<std::string>() != "none") return;
  for (const char* option : {"dielectric", "temperature"})
    if (given(option))
      throw UsageError("saltus conformers: --" + std::string(option) +
                       " and --minimize none exclude each other: there would be no energies");
}

void read_files(const ParsedCommandLine& parsed, ConformerRequest& request) {
  const auto given = [&](const char* option) {
    return parsed.has(option) ? parsed.values[option].as<std::string>() : std::string();
  };
  request.inputs = parsed.positionals;
  request.output = given("output");
  request.split = given("split");
  if (request.output.empty() && request.split.empty())
    throw UsageError("saltus conformers: -o is missing; see 'saltus conformers --help'");
  request.split_format = split_format_of(parsed);
  request.failed = given("failed");
  request.report = given("report");
  request.html = given("html");
  request.log = given("log");
  request.overwrite = parsed.flag("overwrite");
  request.resume = parsed.flag("resume");
  request.json = parsed.flag("json");
  require_distinct_outputs(request, "conformers");
  if (request.output == "-" && request.resume)
    throw UsageError(
        "saltus conformers: --resume and -o - exclude each other: what went to standard output "
        "cannot be taken back");
}

}  // namespace

std::string split_format_of(const ParsedCommandLine& parsed) {
  return choice<const char*>(parsed, "split-format",
                             {{"sdf", "sdf"},
                              {"sdf.gz", "sdf.gz"},
                              {"xyz", "xyz"},
                              {"xyz.gz", "xyz.gz"},
                              {"pdb", "pdb"},
                              {"pdb.gz", "pdb.gz"},
                              {"mol2", "mol2"},
                              {"mol2.gz", "mol2.gz"},
                              {"h5", "h5"}});
}

std::string program_text() { return "saltus " SALTUS_VERSION " (" SALTUS_GIT_REVISION ")"; }

void require_distinct_outputs(const ConformerRequest& request, const std::string& command) {
  std::set<std::string> names;
  for (const std::string& name :
       {request.output, request.split, request.failed, request.report, request.html, request.log})
    if (!name.empty() && !names.insert(name).second)
      throw UsageError("saltus " + command + ": '" + name + "' is given for two outputs");
  if (request.output == "-" && request.json)
    throw UsageError("saltus " + command +
                     ": --json and -o - exclude each other: both are standard output");
}

bool ConformerRequest::writes_mol2() const {
  std::filesystem::path path = output;
  if (path.extension() == ".gz") path = path.stem();
  return path.extension() == ".mol2" || (!split.empty() && split_format.rfind("mol2", 0) == 0);
}

std::string ConformerRequest::resume_file() const {
  if (output == "-" || merging) return "";
  std::string path = output.empty() ? split : output;
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path + ".progress";
}

ConformerRequest common_request(const ParsedCommandLine& parsed) {
  ConformerRequest request;
  request.input = input_options(parsed);
  request.settings = settings_of(parsed);
  request.input.use_input_3d = request.settings.use_input_3d;
  request.input.needs_charges =
      request.settings.mmff.charges == forcefields::PartialCharges::kGiven;
  const auto cores = static_cast<std::int64_t>(std::thread::hardware_concurrency());
  const std::int64_t threads = integer(parsed, "threads", 0, 1024);
  request.n_threads =
      static_cast<std::size_t>(threads > 0 ? threads : std::max<std::int64_t>(1, cores));
  return request;
}

std::optional<ConformerRequest> parse_conformer_request(const std::vector<std::string>& arguments) {
  CommandLine line = conformer_command_line();
  const auto parsed = parse(line, arguments);
  if (!parsed) return std::nullopt;
  refuse_options_without_effect(*parsed);
  ConformerRequest request = common_request(*parsed);
  read_files(*parsed, request);
  request.input.shard = shard_of(*parsed);
  // Merged shards may become any file.
  request.settings.partial_charges = request.writes_mol2() || request.input.shard.has_value();
  request.strict = parsed->flag("strict");
  request.quiet = parsed->flag("quiet");
  if (request.quiet && parsed->flag("progress"))
    throw UsageError("saltus conformers: --quiet and --progress exclude each other");
  constexpr double kOften = 3.0;
  if (parsed->flag("progress")) request.progress_period_s = kOften;
  request.command_line = "saltus conformers";
  for (const std::string& argument : arguments)
    if (argument != "--resume") {
      request.command_line += " " + argument;
      request.arguments.push_back(argument);
    }
  request.decisive = decisive_options(*parsed);
  return request;
}

}  // namespace saltus::tools
