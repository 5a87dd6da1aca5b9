#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "engine/conformers/stereo_check.h"
#include "engine/ensemble/conformer_ensemble.h"
#include "engine/potential/energy_function.h"
#include "engine/torsions/torsion_graph.h"
#include "tools/conformers/isomer.h"
#include "tools/conformers/stage_counts.h"

namespace saltus::tools {

/// One stereoisomer on its way through the stages: what is asked for, what there is so far, and how
/// many were lost where.
class IsomerJob {
 public:
  IsomerJob(const IsomerTask& given, const ConformerSettings& how, ConformerOutcome& out,
            IsomerConformers& so_far);

  const IsomerTask& task;
  const ConformerSettings& settings;
  ConformerOutcome& outcome;  ///< stages change its status and message
  IsomerConformers& conformers;
  const engine::Configuration configuration;  ///< what each conformer must have
  StageCounts counts;

  const forcefields::ChemMolecule& molecule() const { return task.molecule; }
  engine::ConformerEnsemble& ensemble() { return conformers.ensemble; }
  /// Made when it is first asked for.
  const std::shared_ptr<const engine::TorsionGraph>& graph();

  /// A better status than the one there is is not given.
  void lower_status(engine::MoleculeStatus status);
  /// Adds a sentence to the record's message, once.
  void note(const std::string& text);
  /// The same about this isomer, of which there may be several.
  void note_on_isomer(const std::string& text);

 private:
  std::shared_ptr<const engine::TorsionGraph> graph_;
};

/// Distance geometry, after the input's own coordinates if there are any; without energies.
/// @throws MoleculeFailure  as require_built
void embed(IsomerJob& job, std::size_t n, std::chrono::steady_clock::time_point end);

/// @param configuration_is_to_blame  whether others could be built
/// @throws MoleculeFailure  kTimeout, kEmbedFailed: why nothing was built
void require_built(IsomerJob& job, bool configuration_is_to_blame);

/// Minimises, then takes out what failed, was not reached or has another configuration.
/// @throws MoleculeFailure  kTimeout, kEmbedFailed: why nothing is left
void relax(IsomerJob& job, const engine::EnergyFunction& energy);

/// Keeps conformers that differ, as the settings say; counts the minima that each stands for, and
/// says why there are fewer than were asked for.
void select(IsomerJob& job);

}  // namespace saltus::tools
