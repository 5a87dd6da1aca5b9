#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tools/saltus/common/progress.h"
#include "tools/saltus/decks/compare_deck.h"
#include "tools/saltus/decks/load_run_deck.h"
#include "tools/saltus/run/folder_run.h"
#include "tools/saltus/run/record.h"

namespace saltus::tools {

/// OpenMM's own Langevin dynamics of one chain, whose files are those of a run: trajectory.h5, its
/// checkpoint with the costs, summary.json.
struct OpenMMRun {
  /// Molecule, force field, lowest temperature, seed and recorded torsions are those of this deck.
  const LoadedRunDeck& deck;
  ComparedOpenMMDeck options;
  std::filesystem::path folder;

  /// Where they are.
  RunFiles files() const { return RunFiles(folder / "trajectory.h5"); }
};

/// Makes the dynamics, or goes on with it from its last checkpoint; finished dynamics is left
/// alone. What comes after an interruption is drawn with random numbers of its own: the dynamics is
/// as good, but not the one that would have been. Equilibration is neither stored nor counted.
/// @returns false when interrupted
/// @throws Error  whatever goes wrong; what was written before stays usable
bool make_openmm_run(const OpenMMRun& run, const FolderRunRules& rules, Progress& progress);

}  // namespace saltus::tools
