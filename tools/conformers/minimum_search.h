#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "engine/core/units.h"
#include "engine/ensemble/conformer_ensemble.h"
#include "forcefields/chem/chem_molecule.h"
#include "tools/conformers/settings.h"

namespace saltus::tools {

/// Two searches whose lowest energies are closer than this have found the same minimum, kJ/mol.
constexpr double kSameMinimum = 0.1 * engine::kKJPerKcal;

/// What independent searches for minima of one molecule have found.
struct MinimumSearch {
  std::vector<double> lowest;            ///< [searches], kJ/mol; +inf: nothing was found
  engine::ConformerEnsemble conformers;  ///< of all searches, lowest energy first
  std::string note;                      ///< why a search was cut short; may be empty

  /// Of all searches; +inf without any minimum.
  double lowest_energy() const;
  /// Searches whose lowest minimum is within kSameMinimum of `energy`, or below it.
  std::size_t n_found(double energy) const;
};

/// Looks for minima of a molecule as --mode minima does, several times with different seeds, so
/// that one can see whether all of them come to the same lowest one. Atoms stay in their order.
/// @param molecule  with all hydrogens, in one piece; positions are not used
/// @param settings  of mode kMinima; the seeds depend on its seed, the molecule and the number of
///                  the search alone
/// @param end       of all searches together
/// @throws MoleculeFailure  when no search finds anything: why the first one did not
MinimumSearch search_minima(const forcefields::ChemMolecule& molecule,
                            const ConformerSettings& settings, std::size_t n_searches,
                            std::chrono::steady_clock::time_point end);

}  // namespace saltus::tools
