#include "tests/bench/conformer_runs.h"

#include <ForceField/ForceField.h>
#include <GraphMol/DistGeomHelpers/Embedder.h>
#include <GraphMol/ForceFieldHelpers/MMFF/AtomTyper.h>
#include <GraphMol/ForceFieldHelpers/MMFF/Builder.h>

#include <cstdint>
#include <ctime>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/units.h"
#include "forcefields/chem/chemical_graph_detail.h"
#include "tools/conformers/make_conformers.h"
#include "tools/conformers/settings.h"

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

ConformerRun run_saltus(const std::string& smiles,
                        const std::shared_ptr<const mlsamplers::TorsionNetwork>& network,
                        const RunRequest& request) {
  const double start = cpu_seconds();
  tools::ConformerSettings settings = tools::default_settings(tools::ConformerMode::kEnsemble);
  settings.n_conformers = request.n_conformers;
  settings.seed = static_cast<std::uint64_t>(request.seed);
  settings.stereo = tools::StereoPolicy::kKeep;
  settings.network = network;
  tools::ConformerOutcome made = tools::make_conformers(smiles, settings);
  ConformerRun run;
  if (!made.isomers.empty()) run.positions = std::move(made.isomers.front().ensemble.positions);
  run.seconds = cpu_seconds() - start;
  return run;
}

}  // namespace saltus::tests
