#include "tests/bench/torsion_boltzmann.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "engine/torsions/histogram_torsion_model.h"
#include "forcefields/chem/conformer_input.h"
#include "tests/bench/torsion_chains.h"
#include "tests/bench/torsion_metrics.h"
#include "tests/bench/torsion_report.h"

namespace saltus::tests {

namespace {

constexpr double kMinPopulation = 0.01;  // rarer bins have no normal scatter
constexpr double kFar = 3.0, kExpectedBeyond = 0.0027;
// With fewer effective samples a chain still remembers its start, and means are not normal.
constexpr double kMinEffective = 10.0;

enum Purpose : std::size_t { kComposite = 1000, kReference = 2000, kPlain = 3000 };

struct Bin {
  std::size_t torsion = 0, sixth = 0;
  Estimate ours, theirs;
  MeanDifference difference;
};

// Effective samples of the slowest torsion, and what they cost.
struct Efficiency {
  double effective = 0.0;
  std::size_t n_chains = 0, n_evaluations = 0;
  double per_million() const { return 1e6 * effective / static_cast<double>(n_evaluations); }
  double per_chain() const { return effective / static_cast<double>(n_chains); }
};

struct BoltzmannResult {
  std::size_t n_atoms = 0, n_torsions = 0, n_rotors = 0;
  std::vector<Bin> bins;
  Efficiency composite, reference, plain;

  double largest() const {
    double most = 0.0;
    for (const Bin& bin : bins) most = std::max(most, std::abs(bin.difference.z));
    return most;
  }
  double mean_square() const {
    double sum = 0.0;
    for (const Bin& bin : bins) sum += bin.difference.z * bin.difference.z;
    return bins.empty() ? 0.0 : sum / static_cast<double>(bins.size());
  }
  std::size_t n_beyond() const {
    return static_cast<std::size_t>(std::count_if(bins.begin(), bins.end(), [](const Bin& bin) {
      return std::abs(bin.difference.z) > kFar;
    }));
  }
  double least_per_chain() const { return std::min(composite.per_chain(), reference.per_chain()); }
  double gain() const { return composite.per_million() / plain.per_million(); }
};

std::vector<std::vector<double>> populations(const engine::TorsionGraph& graph, std::size_t torsion,
                                             const ChainTorsions& chains) {
  std::vector<std::vector<double>> bins(6);
  for (const auto& chain : chains.chains) {
    const auto shares = sixth_populations(graph, torsion, chain);
    for (std::size_t b = 0; b < bins.size(); ++b) bins[b].push_back(shares[b]);
  }
  return bins;
}

std::vector<Bin> compare_populations(const engine::TorsionGraph& graph, const ChainTorsions& ours,
                                     const ChainTorsions& theirs) {
  std::vector<Bin> bins;
  for (std::size_t t = 0; t < graph.torsions.size(); ++t) {
    const std::size_t n_bins = n_distinct_sixths(graph.torsions[t].symmetry);
    if (n_bins == 1) continue;  // always one sixth
    const auto a = populations(graph, t, ours), b = populations(graph, t, theirs);
    for (std::size_t s = 0; s < n_bins; ++s) {
      const Bin bin{t, s, mean_of(a[s]), mean_of(b[s]), difference_of_means(a[s], b[s])};
      if (0.5 * (bin.ours.value + bin.theirs.value) >= kMinPopulation) bins.push_back(bin);
    }
  }
  return bins;
}

BoltzmannResult sample(const ListedMolecule& listed, const TorsionBenchOptions& options,
                       const Network& network) {
  const BenchMolecule molecule = ready(read_listed(listed), listed.smiles, network, options.seed);
  const engine::TorsionGraph& graph = *molecule.graph;
  BoltzmannResult result;
  result.n_atoms = molecule.molecule.n_atoms();
  result.n_torsions = graph.torsions.size();
  result.n_rotors = forcefields::flexibility_of(molecule.molecule).n_rotors;
  const auto nothing_known = std::make_shared<engine::UniformTorsionModel>(result.n_torsions);
  const ChainTorsions ours =
      exchange_chains(molecule, true, molecule.model, options.repeats, options.sweeps, kComposite);
  const ChainTorsions theirs = exchange_chains(molecule, options.reference_resets, nothing_known,
                                               options.repeats, options.hmc_sweeps, kReference);
  const ChainTorsions plain = plain_chains(molecule, ours.frames, options.hmc_sweeps, kPlain);
  result.bins = compare_populations(graph, ours, theirs);
  const auto efficiency = [&](const ChainTorsions& chains) {
    return Efficiency{slowest_effective_samples(graph, chains), chains.chains.size(),
                      chains.n_evaluations};
  };
  result.composite = efficiency(ours);
  result.reference = efficiency(theirs);
  result.plain = efficiency(plain);
  return result;
}

bool has_some_rotors(const ListedMolecule& listed, const Network& network) {
  constexpr std::size_t kMinTorsions = 3, kMaxTorsions = 8;
  try {
    const auto molecule = read_listed(listed);
    const std::size_t n = forcefields::flexibility_of(molecule).n_rotors;
    if (n < kMinTorsions || n > kMaxTorsions) return false;
    const BenchMolecule made = ready(molecule, listed.smiles, nullptr, 1);
    return !network || network->supports(*made.graph);
  } catch (const engine::Error&) {
    return false;
  }
}

std::vector<std::string> cells_of(const std::string& smiles, const BoltzmannResult& result) {
  return {smiles,
          std::to_string(result.n_rotors),
          std::to_string(result.bins.size()),
          number_text(result.largest(), 2),
          number_text(result.mean_square(), 2),
          std::to_string(result.n_beyond()),
          number_text(result.least_per_chain(), 1),
          number_text(result.composite.per_million(), 2),
          number_text(result.reference.per_million(), 2),
          number_text(result.plain.per_million(), 2),
          number_text(result.gain(), 1)};
}

Json json_of_result(const std::string& smiles, const BoltzmannResult& result) {
  Json json = {{"name", smiles},
               {"n_atoms", result.n_atoms},
               {"n_torsions", result.n_torsions},
               {"n_rotors", result.n_rotors},
               {"largest_z", result.largest()},
               {"mean_square_z", result.mean_square()},
               {"n_beyond_3", result.n_beyond()}};
  for (const Bin& bin : result.bins)
    json["bins"].push_back({{"torsion", bin.torsion},
                            {"sixth", bin.sixth},
                            {"boltzmann", json_of(bin.ours)},
                            {"reference", json_of(bin.theirs)},
                            {"t", bin.difference.t},
                            {"degrees_of_freedom", bin.difference.freedom},
                            {"z", bin.difference.z}});
  const auto add = [&](const char* name, const Efficiency& efficiency) {
    json["efficiency"][name] = {{"effective_samples", efficiency.effective},
                                {"chains", efficiency.n_chains},
                                {"energy_evaluations", efficiency.n_evaluations},
                                {"effective_per_million", efficiency.per_million()}};
  };
  add("boltzmann", result.composite);
  add("reference", result.reference);
  add("hmc_alone", result.plain);
  return json;
}

Json summarise_populations(const std::vector<BoltzmannResult>& results, const std::string& which) {
  std::vector<double> squares, freedom, beyond;
  double largest = 0.0;
  for (const BoltzmannResult& result : results) {
    largest = std::max(largest, result.largest());
    // Bins of one molecule depend on each other: errors come from the scatter over molecules.
    if (!result.bins.empty()) {
      squares.push_back(result.mean_square());
      beyond.push_back(static_cast<double>(result.n_beyond()) /
                       static_cast<double>(result.bins.size()));
    }
    for (const Bin& bin : result.bins) freedom.push_back(bin.difference.freedom);
  }
  const Estimate mean = mean_of(squares), share = mean_of(beyond), middle = median_of(freedom);
  std::printf(
      "\n%s: %zu molecules, %zu bins of 60 degrees with at least %.0f %%: largest deviation %.2f "
      "standard errors, mean square %s (1 is expected), beyond 3: %.2f ± %.2f %% (%.2f %% "
      "expected); t with %.1f degrees of freedom (median) turned into normal deviates\n",
      which.c_str(), results.size(), freedom.size(), 100.0 * kMinPopulation, largest,
      text_of(mean, 2).c_str(), 100.0 * share.value, 100.0 * share.error, 100.0 * kExpectedBeyond,
      middle.value);
  return {{"n_molecules", results.size()},
          {"n_bins", freedom.size()},
          {"largest_z", largest},
          {"mean_square_z", json_of(mean)},
          {"share_beyond_3", json_of(share)},
          {"expected_share_beyond_3", kExpectedBeyond},
          {"median_degrees_of_freedom", middle.value}};
}

// Effective samples per evaluation beside another sampler, on the same molecules.
Json summarise_gain(const std::vector<BoltzmannResult>& results, Efficiency BoltzmannResult::*other,
                    const std::string& name) {
  std::vector<double> ratios, logs;
  for (const BoltzmannResult& result : results) {
    const double ratio = result.composite.per_million() / (result.*other).per_million();
    if (!std::isfinite(ratio) || ratio <= 0.0) continue;
    ratios.push_back(ratio);
    logs.push_back(std::log(ratio));
  }
  const Estimate log_mean = mean_of(logs);
  const double mean = std::exp(log_mean.value);
  const Estimate geometric = {mean, mean * log_mean.error, logs.size()};
  const Estimate middle = median_of(ratios);
  std::printf(
      "\nEffective samples of the slowest torsion per energy evaluation, times those of %s: "
      "geometric mean %s, median %s, %zu of %zu molecules\n",
      name.c_str(), text_of(geometric, 1).c_str(), text_of(middle, 1).c_str(), ratios.size(),
      results.size());
  return {{"geometric_mean", json_of(geometric)}, {"median", json_of(middle)}};
}

}  // namespace

Json measure_boltzmann(const TorsionBenchOptions& options, const Network& network) {
  constexpr std::size_t kMolecules = 20;
  const auto chosen =
      spread_over(listed_molecules(options), options.molecules > 0 ? options.molecules : kMolecules,
                  [&](const ListedMolecule& m) {
                    return !options.list.empty() || has_some_rotors(m, network);
                  });
  const std::vector<std::string> head = {"molecule",
                                         "rotors",
                                         "bins",
                                         "largest z",
                                         "mean z^2",
                                         "beyond 3",
                                         "effective a chain, the fewer",
                                         "effective per 10^6 evaluations",
                                         "reference",
                                         "HMC alone",
                                         "gain"};
  std::printf("\n## Populations and effective samples\n\n%s%s", table_row(head).c_str(),
              table_rule(head.size()).c_str());
  Json json;
  std::vector<BoltzmannResult> results;
  measure_all<ListedMolecule, BoltzmannResult>(
      chosen, options.threads,
      [&](const ListedMolecule& listed) { return sample(listed, options, network); },
      [&](const ListedMolecule& listed, const Measured<BoltzmannResult>& measured) {
        if (measured.result) {
          results.push_back(*measured.result);
          std::printf("%s", table_row(cells_of(listed.smiles, results.back())).c_str());
          json["molecules"].push_back(json_of_result(listed.smiles, results.back()));
        } else {
          std::fprintf(stderr, "%s: left out, %s\n", listed.smiles.c_str(),
                       measured.failure.c_str());
          json["left_out"][listed.smiles] = measured.failure;
        }
        std::fflush(stdout);
      });
  if (results.empty()) return json;
  json["populations"] = summarise_populations(results, "All");
  std::vector<BoltzmannResult> long_enough;
  for (const BoltzmannResult& result : results)
    if (result.least_per_chain() >= kMinEffective) long_enough.push_back(result);
  if (!long_enough.empty())
    json["populations_long_enough"] = summarise_populations(
        long_enough, "At least " + number_text(kMinEffective, 0) + " effective samples a chain");
  json["gain_over_hmc_alone"] =
      summarise_gain(results, &BoltzmannResult::plain, "hybrid Monte Carlo alone");
  json["gain_over_reference"] =
      summarise_gain(results, &BoltzmannResult::reference, "the reference");
  return json;
}

}  // namespace saltus::tests
