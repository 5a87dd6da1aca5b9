#include "tools/saltus/conformers_options.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <thread>
#include <utility>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "io/formats/structure_text.h"
#include "tools/saltus/command_line_detail.h"

namespace saltus::tools {

namespace po = boost::program_options;
using engine::kKJPerKcal;
using engine::UsageError;

namespace {

constexpr const char* kAbout =
    "Makes three-dimensional conformers of every molecule of the inputs: of SMILES lists\n"
    "(.smi .ism .txt: SMILES string, blank, name; .csv .tsv) and of SD files, whose\n"
    "coordinates tell configurations but are not used otherwise. All may be gzipped; - is\n"
    "standard input.\n\n"
    "Each molecule is built several times from nothing (ETKDGv3), relaxed with MMFF94, and\n"
    "the shapes that differ are kept, lowest energy first. Charges, tautomers and protonation\n"
    "stay as they are. Configurations are verified in three dimensions after building and\n"
    "after relaxing; what does not have them is discarded and counted. The same seed gives\n"
    "the same conformers, whatever the number of threads (unless a molecule's time runs out).\n\n"
    "A molecule that fails never stops the others: it gets a status (--report, --failed), and\n"
    "the exit code is 2. Exit codes: 0 all molecules have conformers, 2 some have none, 1 wrong\n"
    "options or files, 130 interrupted (what was finished is written).\n\n"
    "Statuses: OK; PARTIAL_TIMEOUT (fewer conformers than were asked for); PARSE_SYNTAX,\n"
    "PARSE_VALENCE, PARSE_AROMATIC, EMPTY (unreadable); DISCONNECTED (--fragments fail);\n"
    "TOO_LARGE; NO_PARAMETERS (unknown to MMFF94); STEREO_UNSPECIFIED (--stereo fail);\n"
    "STEREO_IMPOSSIBLE; EMBED_FAILED; TIMEOUT; INTERNAL (a defect of Saltus).";

constexpr const char* kExamples =
    "  saltus conformers drugs.smi -o drugs.sdf.gz --report drugs.csv\n"
    "  saltus conformers library.csv --smiles-col canonical_smiles -o library.h5 -j 8\n"
    "  saltus conformers ligand.sdf -o minima.sdf --mode minima -n 300\n"
    "  echo 'CC(O)C(=O)O lactate' | saltus conformers - --in-format smi -o -\n";

void add_options(po::options_description& options) {
  const auto text = [] { return po::value<std::string>(); };
  const auto number = [] { return po::value<double>(); };
  const auto count = [] { return po::value<std::int64_t>(); };
  options.add_options()("output,o", text(),
                        "where conformers go: .sdf .sdf.gz .xyz .xyz.gz .h5, or - (SDF)")(
      "overwrite", po::bool_switch(), "replace files that exist")(
      "mode", text()->default_value("ensemble"),
      "ensemble: different shapes of low energy; minima: different minima of the energy, relaxed "
      "to the end")("num-confs,n", count(),
                    "conformers to build of each stereoisomer; default: 5 to 300, by rotatable "
                    "bonds and flexible rings")("max-confs-out", count(),
                                                "keep at most so many of each stereoisomer")(
      "rmsd-prune", number(),
      "angstrom; closer ones count as one: heavy atoms, superposed, equal atoms interchangeable; "
      "default: 0.5, minima: 0.125 (and 0.05 kcal/mol)")(
      "energy-window", number()->default_value(10.0), "kcal/mol above the lowest")(
      "minimize", text()->default_value("mmff94s"), "mmff94, mmff94s or none")(
      "dielectric", text(),
      "constant of the electrostatics, such as 4, or 4r for one that grows with distance; "
      "default: 4r, which keeps molecules from curling up; minima: 1")(
      "stereo", text()->default_value("enumerate"),
      "centres and double bonds that are not specified: enumerate, random (one of them), keep "
      "(leave it to chance for each conformer), fail")("max-isomers", count()->default_value(8),
                                                       "for --stereo enumerate")(
      "fragments", text()->default_value("largest"),
      "salts and mixtures: largest, all (each as a molecule of its own), fail")(
      "max-atoms", count()->default_value(500), "hydrogens included; at most 999")(
      "max-rotors", count()->default_value(60), "rotatable bonds")(
      "timeout", number()->default_value(60.0), "seconds for each molecule")(
      "seed", count()->default_value(1), "any number from 0")(
      "threads,j", count()->default_value(0), "0: one for each core")(
      "in-format", text(), "smi, csv, tsv or sdf, whatever the names of the inputs")(
      "header", text(), "yes or no: whether lists begin with names of columns; default: found out")(
      "smiles-col", text(), "column of .csv and .tsv, by name or number from 1")(
      "name-col", text(), "the same for names")("report", text(), "CSV table of all molecules")(
      "failed", text(), "molecules without (all) conformers, with the reasons")(
      "strict", po::bool_switch(), "PARTIAL_TIMEOUT counts as failed, too")(
      "json", po::bool_switch(), "print a summary as JSON")("quiet", po::bool_switch(),
                                                            "no progress");
}

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

std::int64_t integer(const ParsedCommandLine& parsed, const std::string& option, std::int64_t least,
                     std::int64_t most) {
  const auto given = parsed.values[option].as<std::int64_t>();
  if (given < least || given > most)
    refuse(
        option,
        "a whole number from " + std::to_string(least) +
            (most < std::numeric_limits<std::int64_t>::max() ? " to " + std::to_string(most) : ""),
        std::to_string(given));
  return given;
}

std::size_t count(const ParsedCommandLine& parsed, const std::string& option, std::int64_t least,
                  std::int64_t most) {
  return static_cast<std::size_t>(integer(parsed, option, least, most));
}

double amount(const ParsedCommandLine& parsed, const std::string& option, bool zero_allowed) {
  const double given = parsed.values[option].as<double>();
  if (!std::isfinite(given) || given < 0.0 || (given == 0.0 && !zero_allowed))
    refuse(option, zero_allowed ? "a number of at least 0" : "a positive number",
           std::to_string(given));
  return given;
}

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
  if (used != text.size() || !(mmff.dielectric > 0.0) || !std::isfinite(mmff.dielectric))
    refuse("dielectric", "a positive number such as 4, or 4r", given);
}

constexpr std::int64_t kMany = 100'000;

ConformerSettings settings_of(const ParsedCommandLine& parsed) {
  ConformerSettings settings;
  settings.mode = choice<ConformerMode>(
      parsed, "mode", {{"ensemble", ConformerMode::kEnsemble}, {"minima", ConformerMode::kMinima}});
  const bool minima = settings.mode == ConformerMode::kMinima;
  if (parsed.has("num-confs")) settings.n_conformers = count(parsed, "num-confs", 1, kMany);
  if (parsed.has("max-confs-out")) settings.most_kept = count(parsed, "max-confs-out", 1, kMany);
  settings.rmsd_nm =
      engine::kNmPerAngstrom * (parsed.has("rmsd-prune") ? amount(parsed, "rmsd-prune", true)
                                : minima                 ? 0.125
                                                         : 0.5);
  settings.energy_window = kKJPerKcal * amount(parsed, "energy-window", false);
  settings.energy_tolerance = minima ? 0.05 * kKJPerKcal : std::numeric_limits<double>::infinity();
  settings.force_tolerance = minima ? 0.1 : 10.0;
  const int field = choice<int>(parsed, "minimize", {{"mmff94", 0}, {"mmff94s", 1}, {"none", 2}});
  settings.minimise = field != 2;
  if (minima && !settings.minimise)
    throw UsageError("saltus conformers: --mode minima and --minimize none exclude each other");
  settings.mmff.variant =
      field == 0 ? forcefields::MmffVariant::kMmff94 : forcefields::MmffVariant::kMmff94s;
  read_dielectric(parsed.has("dielectric") ? parsed.values["dielectric"].as<std::string>()
                  : minima                 ? "1"
                                           : "4r",
                  settings.mmff);
  settings.stereo = choice<StereoPolicy>(parsed, "stereo",
                                         {{"enumerate", StereoPolicy::kEnumerate},
                                          {"random", StereoPolicy::kRandom},
                                          {"keep", StereoPolicy::kKeep},
                                          {"fail", StereoPolicy::kFail}});
  settings.most_isomers = count(parsed, "max-isomers", 1, 1024);
  settings.fragments = choice<FragmentPolicy>(parsed, "fragments",
                                              {{"largest", FragmentPolicy::kLargest},
                                               {"all", FragmentPolicy::kAll},
                                               {"fail", FragmentPolicy::kFail}});
  settings.most_atoms = count(parsed, "max-atoms", 1, io::kMostV2000Atoms);
  settings.most_rotors = count(parsed, "max-rotors", 0, io::kMostV2000Atoms);
  settings.timeout_s = amount(parsed, "timeout", false);
  constexpr double kYear = 3.2e7;
  if (settings.timeout_s > kYear) refuse("timeout", "at most a year", "more");
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

}  // namespace

std::optional<ConformerRequest> parse_conformer_request(const std::vector<std::string>& arguments) {
  CommandLine line("conformers", "INPUT...", kAbout, kExamples);
  line.several = true;
  add_options(line.options);
  const auto parsed = parse(line, arguments);
  if (!parsed) return std::nullopt;
  const auto text = [&](const char* option) {
    return parsed->has(option) ? parsed->values[option].as<std::string>() : std::string();
  };
  ConformerRequest request;
  request.inputs = parsed->positionals;
  request.output = text("output");
  if (request.output.empty())
    throw UsageError("saltus conformers: -o is missing; see 'saltus conformers --help'");
  request.failed = text("failed");
  request.report = text("report");
  request.input = input_options(*parsed);
  request.settings = settings_of(*parsed);
  const auto cores = static_cast<std::int64_t>(std::thread::hardware_concurrency());
  const std::int64_t threads = integer(*parsed, "threads", 0, 1024);
  request.n_threads =
      static_cast<std::size_t>(threads > 0 ? threads : std::max<std::int64_t>(1, cores));
  request.overwrite = parsed->flag("overwrite");
  request.strict = parsed->flag("strict");
  request.json = parsed->flag("json");
  request.quiet = parsed->flag("quiet");
  if (request.json && request.output == "-")
    throw UsageError(
        "saltus conformers: --json and -o - exclude each other: both are standard output");
  request.command_line = "saltus conformers";
  for (const std::string& argument : arguments) request.command_line += " " + argument;
  return request;
}

}  // namespace saltus::tools
