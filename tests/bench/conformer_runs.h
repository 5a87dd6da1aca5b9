#pragma once

#include <cstddef>
#include <memory>

#include "engine/system/coordinates.h"
#include "forcefields/chem/chem_molecule.h"
#include "mlsamplers/torsions/torsion_network.h"

namespace saltus::tests {

/// CPU time of this thread, s.
double cpu_seconds();

/// Conformers of one molecule and what they cost, from the molecule with hydrogens on.
struct ConformerRun {
  engine::CoordinateBatch positions;  ///< nm
  double seconds = 0.0;               ///< CPU time
};

/// What to ask both programs for.
struct RunRequest {
  std::size_t n_conformers = 50;
  int seed = 42;
};

/// RDKit's ETKDGv3; nothing when it takes longer than 30 s for a molecule.
ConformerRun run_etkdg(const forcefields::ChemMolecule& molecule, const RunRequest& request);

/// The same, minimised with RDKit's MMFF94 to its end where it has parameters.
ConformerRun run_minimised_etkdg(const forcefields::ChemMolecule& molecule,
                                 const RunRequest& request);

/// Saltus' conformers as `saltus conformers` makes them, but of any energy.
/// @param network  of torsions; null: crystal-derived preferences
ConformerRun run_saltus(const forcefields::ChemMolecule& molecule,
                        const std::shared_ptr<const mlsamplers::TorsionNetwork>& network,
                        const RunRequest& request);

}  // namespace saltus::tests
