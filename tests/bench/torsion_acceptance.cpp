#include "tests/bench/torsion_acceptance.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <limits>
#include <nlohmann/json.hpp>

#include "engine/torsions/histogram_torsion_model.h"
#include "tests/bench/torsion_metrics.h"
#include "tests/bench/torsion_report.h"
#include "tests/support/torsion_frames.h"

namespace saltus::tests {

namespace {

constexpr std::size_t kSizes = 3;  // torsions reset together: 1, 2, 3
using Acceptances = std::array<double, kSizes>;

enum Purpose : std::size_t { kFit = 101, kNetwork, kHistogram, kUniform };

struct AcceptanceResult {
  std::size_t n_atoms = 0, n_torsions = 0;
  std::vector<std::pair<std::string, Acceptances>> models;
};

Acceptances acceptances_of(const engine::MoleculeEnsemble& ensemble) {
  Acceptances result;
  result.fill(std::numeric_limits<double>::quiet_NaN());
  for (const auto& move : ensemble.facts.acceptances)
    for (std::size_t i = 0; i < kSizes; ++i)
      if (move.name == "torsion_reset_" + std::to_string(i + 1) && move.n_tried > 0)
        result[i] = move.share();
  return result;
}

AcceptanceResult accept(const ListedMolecule& listed, const TorsionBenchOptions& options,
                        const Network& network) {
  const BenchMolecule molecule = ready(read_listed(listed), listed.smiles, network, options.seed);
  AcceptanceResult result{molecule.molecule.n_atoms(), molecule.graph->torsions.size(), {}};
  const auto add = [&](const std::shared_ptr<const engine::TorsionModel>& model, Purpose purpose) {
    result.models.emplace_back(
        model->name(),
        acceptances_of(exchange(molecule, model, options.sweeps, purpose_seed(molecule, purpose))));
  };
  if (molecule.model) add(molecule.model, kNetwork);
  const auto fit = exchange(molecule, nullptr, options.sweeps, purpose_seed(molecule, kFit));
  add(std::make_shared<engine::HistogramTorsionModel>(
          *molecule.graph, torsions_of_frames(*molecule.graph, fit.positions.view())),
      kHistogram);
  add(std::make_shared<engine::UniformTorsionModel>(result.n_torsions), kUniform);
  return result;
}

bool is_drug_like(const ListedMolecule& listed, const Network& network) {
  constexpr std::size_t kMinAtoms = 25, kMinTorsions = 4;
  try {
    const BenchMolecule molecule = ready(read_listed(listed), listed.smiles, nullptr, 1);
    return molecule.molecule.n_atoms() >= kMinAtoms &&
           molecule.graph->torsions.size() >= kMinTorsions &&
           (!network || network->supports(*molecule.graph));
  } catch (const engine::Error&) {
    return false;
  }
}

void print_line(const ListedMolecule& listed, const Measured<AcceptanceResult>& measured) {
  std::printf("%s:", listed.smiles.c_str());
  if (!measured.result) std::printf(" left out, %s", measured.failure.c_str());
  if (measured.result)
    for (const auto& [name, shares] : measured.result->models)
      std::printf(" %s %s %s %s;", name.c_str(), number_text(shares[0], 3).c_str(),
                  number_text(shares[1], 3).c_str(), number_text(shares[2], 3).c_str());
  std::printf("\n");
  std::fflush(stdout);
}

Json json_of_result(const std::string& smiles, const AcceptanceResult& result) {
  Json json = {{"name", smiles}, {"n_atoms", result.n_atoms}, {"n_torsions", result.n_torsions}};
  for (const auto& [name, shares] : result.models) json["acceptance"][name] = shares;
  return json;
}

Json summarise(const std::vector<AcceptanceResult>& results) {
  std::printf("\nAcceptance at 300 K, mean over molecules\n\n%s%s",
              table_row({"", "1 torsion", "2", "3", "molecules"}).c_str(), table_rule(5).c_str());
  Json json;
  if (results.empty()) return json;
  for (std::size_t m = 0; m < results.front().models.size(); ++m) {
    const std::string& name = results.front().models[m].first;
    std::vector<std::string> cells = {name};
    for (std::size_t i = 0; i < kSizes; ++i) {
      std::vector<double> values;
      for (const AcceptanceResult& result : results) {
        const double value = result.models.at(m).second[i];
        if (std::isfinite(value)) values.push_back(value);
      }
      const Estimate mean = mean_of(values);
      cells.push_back(values.empty() ? "-" : text_of(mean, 3));
      json[name].push_back(json_of(mean));
    }
    cells.push_back(std::to_string(results.size()));
    std::printf("%s", table_row(cells).c_str());
  }
  return json;
}

}  // namespace

Json measure_acceptance(const TorsionBenchOptions& options, const Network& network) {
  constexpr std::size_t kMolecules = 60;
  const auto chosen = spread_over(
      listed_molecules(options), options.molecules > 0 ? options.molecules : kMolecules,
      [&](const ListedMolecule& m) { return !options.list.empty() || is_drug_like(m, network); });
  Json json;
  std::vector<AcceptanceResult> results;
  std::printf("\n## Acceptance of torsion resets\n\n");
  measure_all<ListedMolecule, AcceptanceResult>(
      chosen, options.threads,
      [&](const ListedMolecule& listed) { return accept(listed, options, network); },
      [&](const ListedMolecule& listed, const Measured<AcceptanceResult>& measured) {
        print_line(listed, measured);
        if (measured.result) {
          results.push_back(*measured.result);
          json["molecules"].push_back(json_of_result(listed.smiles, *measured.result));
        } else {
          json["left_out"][listed.smiles] = measured.failure;
        }
      });
  json["summary"] = summarise(results);
  return json;
}

}  // namespace saltus::tests
