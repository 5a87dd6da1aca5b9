#include "tests/bench/torsion_molecules.h"

#include <time.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "engine/conformers/relaxation.h"
#include "engine/core/error.h"
#include "engine/lanes/native_energy.h"
#include "forcefields/chem/conformer_input.h"
#include "forcefields/chem/embedding.h"
#include "forcefields/chem/molecule_reader.h"
#include "forcefields/chem/torsion_graph_of.h"
#include "forcefields/mmff/mmff_system.h"
#include "io/hdf5/torsion_ensemble_file.h"
#include "tools/conformers/molecule_seed.h"
#include "tools/conformers/torsion_models.h"
#include "tools/saltus/training/torsion_ensembles.h"

namespace saltus::tests {

namespace {

constexpr std::size_t kMaxAtoms = 200;

std::vector<ListedMolecule> held_out_molecules(const std::string& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".h5") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<ListedMolecule> molecules;
  for (const auto& file : files)
    for (const auto& ensemble : io::read_torsion_ensembles(file))
      if (tools::is_held_out(ensemble.split_key) && ensemble.n_torsions > 0)
        molecules.push_back({ensemble.record, ensemble.smiles});
  return molecules;
}

std::vector<ListedMolecule> molecules_of_list(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw engine::FileError("cannot read '" + path + "'");
  std::vector<ListedMolecule> molecules;
  std::string line;
  for (std::uint64_t number = 1; std::getline(file, line); ++number)
    if (!line.empty()) molecules.push_back({number, line});
  return molecules;
}

}  // namespace

std::vector<ListedMolecule> listed_molecules(const TorsionBenchOptions& options) {
  if (options.list.empty() && !std::filesystem::is_directory(options.ensembles))
    throw engine::FileError("--ensembles: '" + options.ensembles + "' is not a folder");
  auto molecules = options.list.empty() ? held_out_molecules(options.ensembles)
                                        : molecules_of_list(options.list);
  if (molecules.empty())
    throw engine::InputError("no molecules in '" +
                             (options.list.empty() ? options.ensembles : options.list) + "'");
  return molecules;
}

std::vector<ListedMolecule> spread_over(const std::vector<ListedMolecule>& molecules, std::size_t n,
                                        const std::function<bool(const ListedMolecule&)>& fits) {
  std::vector<ListedMolecule> fitting, result;
  for (const ListedMolecule& molecule : molecules)
    if (fits(molecule)) fitting.push_back(molecule);
  const std::size_t count = std::min(n, fitting.size());
  for (std::size_t i = 0; i < count; ++i) result.push_back(fitting[i * fitting.size() / count]);
  return result;
}

forcefields::ChemMolecule read_listed(const ListedMolecule& listed) {
  return forcefields::with_hydrogens(forcefields::parse_listed_smiles(
      listed.smiles, "molecule " + std::to_string(listed.record), kMaxAtoms));
}

BenchMolecule ready(const forcefields::ChemMolecule& molecule, const std::string& name,
                    const Network& network, std::uint64_t seed) {
  BenchMolecule result;
  result.name = name;
  result.seed = seed;
  result.molecule = molecule;
  result.graph =
      std::make_shared<const engine::TorsionGraph>(forcefields::torsion_graph_of(molecule));
  if (result.graph->torsions.empty()) throw engine::InputError(name + ": no torsions");
  result.system = forcefields::mmff_system(molecule);
  result.configuration = forcefields::configuration_of(molecule);
  const double start = thread_seconds();
  result.model = tools::torsion_model_for(network, *result.graph);
  result.network_seconds = thread_seconds() - start;
  return result;
}

std::uint64_t purpose_seed(const BenchMolecule& molecule, std::size_t purpose) {
  return tools::molecule_seed(molecule.seed, purpose, molecule.name);
}

engine::CoordinateBatch relaxed_starts(const BenchMolecule& molecule, std::uint64_t seed) {
  forcefields::EmbeddingOptions options;
  options.n_conformers = 4;  // as the command
  options.seed = seed;
  auto starts = forcefields::embed(molecule.molecule, molecule.configuration, options).positions;
  if (starts.n_chains() == 0)
    throw engine::InputError(molecule.name + ": no conformer can be built");
  engine::relax_conformers(engine::NativeEnergy(molecule.system, nullptr), starts, {});
  return starts;
}

engine::MoleculeEnsemble exchange(const BenchMolecule& molecule,
                                  std::shared_ptr<const engine::TorsionModel> model,
                                  std::size_t n_sweeps, std::uint64_t seed, bool torsion_moves) {
  engine::EnsembleOptions options;
  options.n_sweeps = n_sweeps;
  options.n_warm_up = n_sweeps / 3;
  options.seed = seed;
  options.torsion_moves = torsion_moves;
  auto ensemble =
      engine::sample_ensemble(molecule.system, molecule.graph, std::move(model),
                              relaxed_starts(molecule, seed), molecule.configuration, options);
  if (ensemble.energies.empty())
    throw engine::InputError(molecule.name + ": no frame has the configuration asked for");
  return ensemble;
}

double thread_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

}  // namespace saltus::tests
