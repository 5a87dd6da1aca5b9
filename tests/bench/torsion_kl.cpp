#include "tests/bench/torsion_kl.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "engine/torsions/histogram_torsion_model.h"
#include "forcefields/chem/conformer_input.h"
#include "forcefields/chem/embedding.h"
#include "forcefields/chem/molecule_reader.h"
#include "io/files/text_input.h"
#include "tests/bench/torsion_metrics.h"
#include "tests/bench/torsion_report.h"
#include "tests/support/torsion_frames.h"

namespace saltus::tests {

namespace {

constexpr const char* kHead[] = {"", "KL, nats", "W1, rad", "molecules"};

enum Purpose : std::size_t { kReference = 1, kDraws, kUniformDraws, kEtkdg, kExchange };

struct KlResult {
  std::string name, smiles;
  std::vector<std::array<std::size_t, 4>> torsion_atoms;
  std::size_t n_atoms = 0, n_torsions = 0, n_reference = 0, n_etkdg = 0;
  double etkdg_seconds = 0.0, network_seconds = 0.0;
  bool with_network = false;
  struct Method {
    std::string name;
    TorsionDistance mean;
    std::vector<TorsionDistance> torsions;
  };
  std::vector<Method> methods;

  void add(const std::string& method, const std::vector<double>& predicted,
           const std::vector<double>& reference) {
    const auto torsions = torsion_distances(predicted, reference, n_torsions);
    methods.push_back({method, mean_distance(torsions), torsions});
  }
};

using Measurement = Measured<KlResult>;

// Rows [first, last) of [F, R], n of them at most, evenly spread.
std::vector<double> rows_of(const std::vector<double>& torsions, std::size_t r, std::size_t first,
                            std::size_t last, std::size_t n) {
  std::vector<double> result;
  const std::size_t count = std::min(n, last - first);
  for (std::size_t i = 0; i < count; ++i) {
    const auto row = static_cast<std::ptrdiff_t>((first + i * (last - first) / count) * r);
    result.insert(result.end(), torsions.begin() + row,
                  torsions.begin() + row + static_cast<std::ptrdiff_t>(r));
  }
  return result;
}

// The reference of one molecule, and everything that is compared with it.
class Comparison {
 public:
  Comparison(const BenchMolecule& molecule, const TorsionBenchOptions& options,
             engine::ConstCoordinates reference)
      : molecule_(molecule),
        options_(options),
        reference_(quartets_of_frames(*molecule.graph, reference)),
        frames_(reference) {
    result_.name = molecule.name;
    result_.n_atoms = molecule.molecule.n_atoms();
    result_.n_torsions = molecule.graph->torsions.size();
    result_.n_reference = reference.n_chains;
    result_.network_seconds = molecule.network_seconds;
    result_.with_network = molecule.model != nullptr;
    result_.smiles = forcefields::canonical_smiles(molecule.molecule);
    for (const auto& torsion : molecule.graph->torsions)
      result_.torsion_atoms.push_back({torsion.ends[0].reference, torsion.ends[0].atom,
                                       torsion.ends[1].atom, torsion.ends[1].reference});
  }

  void add(const std::string& method, const std::vector<double>& torsions) {
    result_.add(method, torsions, reference_);
  }

  void draws() {
    if (molecule_.model)
      add("network", model_draws(*molecule_.graph, *molecule_.model, options_.draws, frames_,
                                 purpose_seed(molecule_, kDraws)));
    add("uniform", model_draws(*molecule_.graph, engine::UniformTorsionModel(result_.n_torsions),
                               options_.draws, frames_, purpose_seed(molecule_, kUniformDraws)));
  }

  void etkdg() {
    using Clock = std::chrono::steady_clock;
    forcefields::EmbeddingOptions embedding;
    embedding.n_conformers = options_.etkdg_conformers;
    embedding.seed = purpose_seed(molecule_, kEtkdg);
    embedding.deadline = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                            std::chrono::duration<double>(options_.etkdg_seconds));
    const double start = thread_seconds();
    const auto made =
        forcefields::embed(molecule_.molecule, molecule_.configuration, embedding).positions;
    result_.etkdg_seconds = thread_seconds() - start;
    result_.n_etkdg = made.n_chains();
    if (made.n_chains() > 0) add("ETKDG", quartets_of_frames(*molecule_.graph, made.view()));
  }

  // What a perfect sample of finite size would still have.
  void noise() {
    const std::size_t r = result_.n_torsions, n = result_.n_reference;
    if (n < 2) return;
    const auto first = rows_of(reference_, r, 0, n / 2, n);
    for (const bool all : {true, false})
      result_.add(
          all ? "second half of the reference against the first" : "as many frames of it as draws",
          rows_of(reference_, r, n / 2, n, all ? n : options_.draws), first);
  }

  const KlResult& result() const { return result_; }

 private:
  const BenchMolecule& molecule_;
  const TorsionBenchOptions& options_;
  std::vector<double> reference_;
  engine::ConstCoordinates frames_;
  KlResult result_;
};

void print_line(const std::string& name, const Measurement& measured) {
  if (!measured.result) {
    std::printf("%s: left out, %s\n", name.c_str(), measured.failure.c_str());
    return;
  }
  std::printf("%s:", name.c_str());
  for (const auto& method : measured.result->methods)
    std::printf(" %s %.3f %.3f;", method.name.c_str(), method.mean.kl, method.mean.w1);
  std::printf(" %zu frames, %zu ETKDG\n", measured.result->n_reference, measured.result->n_etkdg);
  std::fflush(stdout);
}

Json json_of_result(const KlResult& result) {
  Json json = {{"name", result.name},
               {"smiles", result.smiles},
               {"torsion_atoms", result.torsion_atoms},
               {"n_atoms", result.n_atoms},
               {"n_torsions", result.n_torsions},
               {"n_reference", result.n_reference},
               {"n_etkdg", result.n_etkdg},
               {"etkdg_cpu_s", result.etkdg_seconds},
               {"network_cpu_s", result.network_seconds}};
  for (const auto& method : result.methods) {
    Json& distances = json["distances"][method.name];
    distances = {{"kl", method.mean.kl}, {"w1_rad", method.mean.w1}};
    for (const TorsionDistance& torsion : method.torsions) {
      distances["torsions"]["kl"].push_back(torsion.kl);
      distances["torsions"]["w1_rad"].push_back(torsion.w1);
    }
  }
  return json;
}

// Mean over molecules of each method, in the order they came.
Json summarise(const std::vector<KlResult>& results, const std::string& title) {
  std::vector<std::string> methods;
  for (const KlResult& result : results)
    for (const auto& method : result.methods)
      if (std::find(methods.begin(), methods.end(), method.name) == methods.end())
        methods.push_back(method.name);
  std::printf("\n%s\n\n%s%s", title.c_str(),
              table_row({std::begin(kHead), std::end(kHead)}).c_str(),
              table_rule(std::size(kHead)).c_str());
  Json json;
  for (const std::string& method : methods) {
    std::vector<double> kl, w1;
    for (const KlResult& result : results)
      for (const auto& measured : result.methods)
        if (measured.name == method) {
          kl.push_back(measured.mean.kl);
          w1.push_back(measured.mean.w1);
        }
    const Estimate kl_mean = mean_of(kl), w1_mean = mean_of(w1);
    std::printf("%s", table_row({method, text_of(kl_mean, 3), text_of(w1_mean, 3),
                                 std::to_string(kl.size())})
                          .c_str());
    json[method] = {{"kl", json_of(kl_mean)}, {"w1_rad", json_of(w1_mean)}};
  }
  return json;
}

// Where ETKDG is measured, the others beside it on the same molecules.
Json summarise_both(const std::vector<KlResult>& results, const std::string& reference) {
  Json json = {{"all", summarise(results, "Distance from " + reference + ", mean over molecules")}};
  std::vector<KlResult> with_etkdg;
  for (const KlResult& result : results)
    if (result.n_etkdg > 0) with_etkdg.push_back(result);
  if (!with_etkdg.empty() && with_etkdg.size() < results.size())
    json["with_etkdg"] = summarise(with_etkdg, "The same, only molecules with ETKDG");
  return json;
}

Json network_cost(const std::vector<KlResult>& results, const Network& network) {
  constexpr int kRounds = 21;
  constexpr const char* kCelecoxib = "Cc1ccc(cc1)-c1cc(nn1-c1ccc(cc1)S(N)(=O)=O)C(F)(F)F";
  std::vector<double> all, drug;
  for (const KlResult& result : results)
    if (result.with_network) all.push_back(result.network_seconds);
  if (all.empty()) return nullptr;
  const auto molecule = forcefields::parse_smiles(kCelecoxib);
  for (int round = 0; round < kRounds; ++round)
    drug.push_back(ready(molecule, kCelecoxib, network, 1).network_seconds);
  const Estimate middle = median_of(all), celecoxib = median_of(drug);
  const double most = *std::max_element(all.begin(), all.end());
  std::printf("\nNetwork, CPU ms for a molecule: median %.2f, maximum %.2f, celecoxib %.2f\n",
              1e3 * middle.value, 1e3 * most, 1e3 * celecoxib.value);
  return {{"median_cpu_s", json_of(middle)},
          {"maximum_cpu_s", most},
          {"celecoxib_cpu_s", json_of(celecoxib)}};
}

struct KlItem {
  ListedMolecule listed;
  bool etkdg = false;
};

KlResult compare(const KlItem& item, const TorsionBenchOptions& options, const Network& network) {
  const BenchMolecule molecule =
      ready(read_listed(item.listed), item.listed.smiles, network, options.seed);
  const auto reference =
      exchange(molecule, nullptr, options.reference_sweeps, purpose_seed(molecule, kReference));
  Comparison comparison(molecule, options, reference.positions.view());
  comparison.draws();
  if (item.etkdg) comparison.etkdg();
  comparison.noise();
  return comparison.result();
}

struct OtherEnsemble {
  forcefields::ChemMolecule molecule;
  engine::CoordinateBatch frames;
};

OtherEnsemble read_other(const std::filesystem::path& path) {
  io::TextInput input(path.string());
  forcefields::SdfReader reader(input.stream(), path.filename().string());
  OtherEnsemble result;
  std::vector<double> positions;
  std::size_t n_frames = 0;
  for (; !reader.at_end(); ++n_frames) {
    const auto record = reader.next();
    if (n_frames == 0) result.molecule = *record;
    if (record->positions_nm.size() != 3 * result.molecule.n_atoms())
      throw engine::InputError(record->source + ": not a conformer of the first record's molecule");
    positions.insert(positions.end(), record->positions_nm.begin(), record->positions_nm.end());
  }
  result.frames = engine::CoordinateBatch(n_frames, result.molecule.n_atoms());
  result.frames.values() = std::move(positions);
  return result;
}

KlResult compare_with_other(const std::filesystem::path& path, const TorsionBenchOptions& options,
                            const Network& network) {
  const OtherEnsemble other = read_other(path);
  const std::string name = path.filename().string();
  const BenchMolecule molecule = ready(other.molecule, name, network, options.seed);
  Comparison comparison(molecule, options, other.frames.view());
  comparison.draws();
  comparison.etkdg();
  const auto ours =
      exchange(molecule, nullptr, options.reference_sweeps, purpose_seed(molecule, kExchange));
  comparison.add("our replica exchange",
                 quartets_of_frames(*molecule.graph, ours.positions.view()));
  comparison.noise();
  return comparison.result();
}

template <class Item>
std::vector<KlResult> collect(const std::vector<Item>& items, std::size_t n_threads,
                              const std::function<KlResult(const Item&)>& measure,
                              const std::function<std::string(const Item&)>& name, Json& json) {
  std::vector<KlResult> results;
  measure_all<Item, KlResult>(items, n_threads, measure,
                              [&](const Item& item, const Measurement& measured) {
                                print_line(name(item), measured);
                                if (measured.result) {
                                  results.push_back(*measured.result);
                                  json["molecules"].push_back(json_of_result(*measured.result));
                                } else {
                                  json["left_out"][name(item)] = measured.failure;
                                }
                              });
  return results;
}

}  // namespace

Json measure_kl(const TorsionBenchOptions& options, const Network& network) {
  constexpr std::size_t kMolecules = 60;
  const auto chosen =
      spread_over(listed_molecules(options), options.molecules > 0 ? options.molecules : kMolecules,
                  [](const ListedMolecule&) { return true; });
  std::vector<KlItem> items;
  const std::size_t n = chosen.size();
  for (std::size_t i = 0; i < n; ++i)
    items.push_back(
        {chosen[i], (i + 1) * options.etkdg_molecules / n > i * options.etkdg_molecules / n});
  Json json;
  std::printf("\n## Torsions of unseen molecules\n\n");
  ready(forcefields::parse_smiles("CCCC"), "", network, 1);  // the first of all takes longer
  const auto results = collect<KlItem>(
      items, options.threads, [&](const KlItem& item) { return compare(item, options, network); },
      [](const KlItem& item) { return item.listed.smiles; }, json);
  json["summary"] = summarise_both(results, "replica exchange");
  json["network"] = network_cost(results, network);
  return json;
}

Json measure_pt_hmc(const TorsionBenchOptions& options, const Network& network) {
  std::vector<std::filesystem::path> files;
  if (!std::filesystem::is_directory(options.pt_hmc))
    throw engine::FileError("--pt-hmc: '" + options.pt_hmc + "' is not a folder");
  for (const auto& entry : std::filesystem::directory_iterator(options.pt_hmc))
    if (entry.path().extension() == ".gz") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  Json json;
  std::printf("\n## Ensembles by others\n\n");
  const auto results = collect<std::filesystem::path>(
      files, options.threads,
      [&](const std::filesystem::path& path) { return compare_with_other(path, options, network); },
      [](const std::filesystem::path& path) { return path.filename().string(); }, json);
  json["summary"] = summarise_both(results, "the ensembles of others");
  return json;
}

}  // namespace saltus::tests
