#pragma once

#include <chrono>
#include <cstddef>

#include "engine/conformers/held_atoms.h"
#include "forcefields/chem/chem_molecule.h"
#include "tools/conformers/outcome.h"
#include "tools/conformers/settings.h"

namespace saltus::tools {

/// One stereoisomer to make conformers of.
struct IsomerTask {
  forcefields::ChemMolecule molecule;  ///< with all hydrogens; positions: the first conformer
  engine::HeldAtoms held;              ///< its core; may be empty
  bool thorough = true;                ///< whether there is no other isomer to turn to
  std::chrono::steady_clock::time_point end;
};

/// The point of time at which a share of what is left until `end` is used up.
inline std::chrono::steady_clock::time_point share_of_time(
    std::chrono::steady_clock::time_point end, double share) {
  using Clock = std::chrono::steady_clock;
  if (end == Clock::time_point::max()) return end;  // a share of no limit is none
  const auto now = Clock::now();
  return now + std::chrono::duration_cast<Clock::duration>(share * (end - now));
}

/// Makes conformers of one stereoisomer as the settings' mode says and adds to the outcome's counts
/// and status. Configurations are verified after each stage.
/// @param conformers  name, SMILES string, seed and table are there; the rest is filled in
/// @throws MoleculeFailure  why there are none
void make_isomer_conformers(const IsomerTask& task, const ConformerSettings& settings,
                            ConformerOutcome& outcome, IsomerConformers& conformers);

}  // namespace saltus::tools
