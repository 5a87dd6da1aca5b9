#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/ensemble/target_density.h"
#include "engine/run/run_summary.h"
#include "mlsamplers/training/leap_trainer.h"
#include "tools/saltus/common/progress.h"
#include "tools/saltus/decks/run_deck.h"
#include "tools/saltus/molecules/molecule.h"
#include "tools/saltus/run/observables.h"

namespace saltus::tools {

/// What plain dynamics with replica exchange gave at the lowest temperature.
struct PilotResult {
  mlsamplers::PilotTrajectory trajectory;
  engine::SamplerEfficiency efficiency;  ///< all levels' cost counted
  double exchange_acceptance = 0.0;
};

/// What a pilot explores.
struct PilotTask {
  const Molecule& molecule;
  const std::vector<double>& start;  ///< [N, 3], nm
  const engine::TargetDensity& target;
  const std::vector<NamedTorsion>& torsions;  ///< for the report
  std::uint64_t seed = 0;
};

/// Runs Langevin dynamics of `ladders` ladders of replicas, which swap neighbours now and then;
/// heavy hydrogens allow a long time step. Not exact, and need not be: a model is fitted to it, and
/// Metropolis corrects the model.
PilotResult run_pilot(const PilotDeck& deck, const PilotTask& task, Progress& progress);

}  // namespace saltus::tools
