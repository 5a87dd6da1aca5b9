#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "forcefields/chem/chem_molecule.h"
#include "tools/conformers/settings.h"

namespace saltus::tools {

/// Stereoisomers that are worth the work.
struct ScreenedIsomers {
  std::vector<std::size_t> kept;  ///< of the candidates, in their order
  std::size_t n_unbuilt = 0;      ///< that could not be built in a few attempts
  std::size_t n_strained = 0;     ///< that were built, but far above the best one
  std::size_t n_looked_at = 0;    ///< the others were not needed
  std::string note() const;       ///< a sentence when some are left out
};

/// How far above the best one, kJ/mol (30 kcal/mol).
constexpr double kMaxStrain = 125.52;

/// Looks at candidates one after the other, each by a single embedded and briefly relaxed
/// conformer, until `wanted` are good enough. Keeps all when none can be judged.
/// @param isomers  of one molecule, hydrogens implied
ScreenedIsomers screen_isomers(const std::vector<forcefields::ChemMolecule>& isomers,
                               std::size_t wanted, const ConformerSettings& settings,
                               std::chrono::steady_clock::time_point deadline);

}  // namespace saltus::tools
