// How good torsion networks are, and the sampler that they drive: see tests/README.md.
// saltus_torsion_benchmark [--kl] [--pt-hmc FOLDER] [--acceptance] [--boltzmann] OPTIONS
#include <fstream>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>

#include "engine/core/error.h"
#include "engine/lanes/instruction_set.h"
#include "tests/bench/bench_main.h"
#include "tests/bench/torsion_acceptance.h"
#include "tests/bench/torsion_boltzmann.h"
#include "tests/bench/torsion_kl.h"
#include "tests/bench/torsion_report.h"
#include "tools/conformers/torsion_models.h"

namespace saltus::tests {
namespace {

const std::string kProgram = "saltus_torsion_benchmark: ";

std::size_t whole_number(const std::string& name, const std::string& value) {
  constexpr std::size_t kMaxDigits = 9;
  if (value.empty() || value.size() > kMaxDigits ||
      value.find_first_not_of("0123456789") != std::string::npos || std::stoul(value) == 0)
    throw engine::UsageError(kProgram + name + " needs a whole number above 0, not '" + value +
                             "'");
  return std::stoul(value);
}

using Setter = std::function<void(const std::string& name, const std::string& value)>;

std::map<std::string, Setter> setters(TorsionBenchOptions& options) {
  const auto text = [](std::string& target) -> Setter {
    return [&target](const std::string&, const std::string& value) { target = value; };
  };
  const auto number = [](std::size_t& target) -> Setter {
    return [&target](const std::string& name, const std::string& value) {
      target = whole_number(name, value);
    };
  };
  return {{"--pt-hmc", text(options.pt_hmc)},
          {"--ensembles", text(options.ensembles)},
          {"--list", text(options.list)},
          {"--model", text(options.model)},
          {"--json", text(options.json)},
          {"--molecules", number(options.molecules)},
          {"--draws", number(options.draws)},
          {"--reference-sweeps", number(options.reference_sweeps)},
          {"--etkdg-conformers", number(options.etkdg_conformers)},
          {"--etkdg-molecules", number(options.etkdg_molecules)},
          {"--sweeps", number(options.sweeps)},
          {"--hmc-sweeps", number(options.hmc_sweeps)},
          {"--repeats", number(options.repeats)},
          {"--threads", number(options.threads)},
          {"--reference",
           [&options](const std::string& name, const std::string& value) {
             if (value != "resets" && value != "trajectories")
               throw engine::UsageError(kProgram + name + " is resets or trajectories, not '" +
                                        value + "'");
             options.reference_resets = value == "resets";
           }},
          {"--seed", [&options](const std::string& name, const std::string& value) {
             options.seed = whole_number(name, value);
           }}};
}

void check(const TorsionBenchOptions& options) {
  const bool unseen = options.kl || options.acceptance || options.boltzmann;
  if (!unseen && options.pt_hmc.empty())
    throw engine::UsageError(kProgram +
                             "nothing to measure; give --kl, --acceptance, --boltzmann or "
                             "--pt-hmc FOLDER");
  if (unseen && options.ensembles.empty() == options.list.empty())
    throw engine::UsageError(kProgram + "needs either --ensembles FOLDER or --list FILE");
  if (options.boltzmann && options.repeats < 2)
    throw engine::UsageError(kProgram +
                             "--repeats must be 2 or more: errors come from the scatter");
}

TorsionBenchOptions parse(const std::vector<std::string>& arguments) {
  TorsionBenchOptions options;
  std::map<std::string, bool*> flags = {{"--kl", &options.kl},
                                        {"--acceptance", &options.acceptance},
                                        {"--boltzmann", &options.boltzmann}};
  const auto known = setters(options);
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& name = arguments[i];
    if (flags.count(name) > 0) {
      *flags[name] = true;
      continue;
    }
    const auto setter = known.find(name);
    if (setter == known.end()) {
      std::string names = "--kl, --acceptance, --boltzmann";
      for (const auto& entry : known) names += ", " + entry.first;
      throw engine::UsageError(kProgram + "unknown option " + name + "; there are " + names);
    }
    if (i + 1 == arguments.size()) throw engine::UsageError(kProgram + name + " needs a value");
    setter->second(name, arguments[++i]);
  }
  check(options);
  return options;
}

Json settings(const TorsionBenchOptions& options) {
  return {{"model", options.model},
          {"draws", options.draws},
          {"reference_sweeps", options.reference_sweeps},
          {"etkdg_conformers", options.etkdg_conformers},
          {"etkdg_most_seconds", options.etkdg_seconds},
          {"sweeps", options.sweeps},
          {"hmc_sweeps", options.hmc_sweeps},
          {"reference", options.reference_resets ? "resets" : "trajectories"},
          {"repeats", options.repeats},
          {"seed", options.seed}};
}

void write_json(const std::string& path, const Json& json) {
  if (path.empty()) return;
  std::ofstream file(path);
  file << json.dump(1) << '\n' << std::flush;
  if (!file) throw engine::FileError(path + " cannot be written");
}

void run(const TorsionBenchOptions& options) {
  engine::choose_instruction_set();
  const Network network = tools::load_torsion_model(options.model);
  Json json = {{"settings", settings(options)}};
  const auto add = [&](bool wanted, const char* name, const auto& measure) {
    if (!wanted) return;
    json[name] = measure(options, network);
    write_json(options.json, json);  // long runs: what is there is there
  };
  add(options.kl, "kl", measure_kl);
  add(!options.pt_hmc.empty(), "pt_hmc", measure_pt_hmc);
  add(options.acceptance, "acceptance", measure_acceptance);
  add(options.boltzmann, "boltzmann", measure_boltzmann);
}

}  // namespace
}  // namespace saltus::tests

int main(int argc, char** argv) {
  using namespace saltus::tests;
  return bench_main(argc, argv,
                    [](const std::vector<std::string>& arguments) { run(parse(arguments)); });
}
