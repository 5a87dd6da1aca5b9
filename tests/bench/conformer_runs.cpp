#include "tests/bench/conformer_runs.h"

#include <ForceField/ForceField.h>
#include <GraphMol/DistGeomHelpers/Embedder.h>
#include <GraphMol/ForceFieldHelpers/MMFF/AtomTyper.h>
#include <GraphMol/ForceFieldHelpers/MMFF/Builder.h>

#include <cstdint>
#include <ctime>
#include <limits>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include "engine/core/units.h"
#include "engine/lanes/native_energy.h"
#include "forcefields/chem/chemical_graph_detail.h"
#include "forcefields/chem/conformer_input.h"
#include "forcefields/chem/torsion_graph_of.h"
#include "forcefields/mmff/mmff_system.h"
#include "tools/conformers/generate.h"
#include "tools/conformers/settings.h"
#include "tools/conformers/torsion_models.h"

namespace saltus::tests {

namespace {

// RDKit tries some molecules without end. One that takes longer than this has no conformers.
constexpr double kMaxEtkdgSeconds = 30.0;
thread_local double etkdg_deadline = 0.0;

void stop_when_late(unsigned) {
  if (cpu_seconds() > etkdg_deadline) throw std::runtime_error("late");
}

std::vector<int> embed(RDKit::RWMol& molecule, const RunRequest& request) {
  auto parameters = RDKit::DGeomHelpers::ETKDGv3;
  parameters.randomSeed = request.seed;
  parameters.numThreads = 1;
  parameters.callback = stop_when_late;
  etkdg_deadline = cpu_seconds() + kMaxEtkdgSeconds;
  try {
    return RDKit::DGeomHelpers::EmbedMultipleConfs(
        molecule, static_cast<unsigned>(request.n_conformers), parameters);
  } catch (const std::runtime_error&) {
    return {};
  }
}

void minimise(RDKit::RWMol& molecule, const std::vector<int>& ids) {
  constexpr double kNoCutoff = 1000.0;
  constexpr int kSteps = 200, kMaxRounds = 5;
  RDKit::RWMol typed(molecule);
  RDKit::MMFF::MMFFMolProperties properties(typed);
  if (!properties.isValid()) return;
  for (const int id : ids) {
    const std::unique_ptr<ForceFields::ForceField> field(
        RDKit::MMFF::constructForceField(molecule, &properties, kNoCutoff, id, false));
    field->initialize();
    for (int round = 0; round < kMaxRounds && field->minimize(kSteps) != 0; ++round) continue;
  }
}

ConformerRun rdkit_run(const forcefields::ChemMolecule& molecule, const RunRequest& request,
                       bool minimised) {
  const double start = cpu_seconds();
  RDKit::RWMol graph(molecule.graph->molecule());
  const std::vector<int> ids = embed(graph, request);
  if (minimised) minimise(graph, ids);
  ConformerRun run{engine::CoordinateBatch(ids.size(), graph.getNumAtoms()), cpu_seconds() - start};
  std::size_t value = 0;
  for (const int id : ids)
    for (const auto& point : graph.getConformer(id).getPositions())
      for (const double coordinate : {point.x, point.y, point.z})
        run.positions.values()[value++] = coordinate * engine::kNmPerAngstrom;
  return run;
}

}  // namespace

double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

ConformerRun run_etkdg(const forcefields::ChemMolecule& molecule, const RunRequest& request) {
  return rdkit_run(molecule, request, false);
}

ConformerRun run_minimised_etkdg(const forcefields::ChemMolecule& molecule,
                                 const RunRequest& request) {
  return rdkit_run(molecule, request, true);
}

ConformerRun run_saltus(const forcefields::ChemMolecule& molecule,
                        const std::shared_ptr<const mlsamplers::TorsionNetwork>& network,
                        const RunRequest& request) {
  const double start = cpu_seconds();
  const engine::NativeEnergy energy(
      forcefields::mmff_system(molecule, tools::ConformerSettings{}.mmff), nullptr);
  tools::GenerationOptions options;
  options.n_conformers = request.n_conformers;
  options.energy_window = std::numeric_limits<double>::infinity();
  options.seed = static_cast<std::uint64_t>(request.seed);
  options.graph = std::make_shared<engine::TorsionGraph>(forcefields::torsion_graph_of(molecule));
  if (network) options.model = tools::torsion_model_for(network, *options.graph);
  auto made = tools::generate_conformers(molecule, forcefields::configuration_of(molecule), energy,
                                         options);
  return {std::move(made.positions), cpu_seconds() - start};
}

}  // namespace saltus::tests
