#pragma once

#include <chrono>
#include <memory>

#include "engine/conformers/stereo_check.h"
#include "engine/system/system.h"
#include "engine/torsions/torsion_graph.h"
#include "engine/torsions/torsion_model.h"
#include "tools/conformers/outcome.h"
#include "tools/conformers/settings.h"

namespace saltus::tools {

/// What the Boltzmann ensemble of one stereoisomer is made of.
struct BoltzmannTask {
  engine::System system;
  std::shared_ptr<const engine::TorsionGraph> graph;
  std::shared_ptr<const engine::TorsionModel> model;  ///< null: histograms from warm-up
  engine::Configuration configuration;
  engine::CoordinateBatch starts;  ///< [S, N, 3], nm, relaxed
  std::size_t n_frames = 0;        ///< wanted
  std::chrono::steady_clock::time_point end;
};

/// Fills in the ensemble: positions, energies, what is known of their weights, facts and torsions.
/// Each frame has the configuration.
/// @returns  true when time ran out first
/// @throws MoleculeFailure  kTimeout, when there was no time for a single frame
bool sample_boltzmann(const BoltzmannTask& task, const ConformerSettings& settings,
                      IsomerConformers& out);

/// log q of each frame's torsions [F], all at once in the graph's order, each given those before
/// it; per radian of each.
std::vector<double> log_model_density(const engine::TorsionGraph& graph,
                                      const engine::TorsionModel& model,
                                      engine::ConstCoordinates frames);

}  // namespace saltus::tools
